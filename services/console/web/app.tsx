import type { Language } from '@tocsin/events/languages'
import { useEffect, useMemo, useState } from 'react'
import type { PackView } from '../src/pack-view.ts'
import { type AccountView, api, type ConstituentView } from './api.ts'
import { LanguageContext, PageProvider } from './context.ts'
import { Live } from './live.ts'
import { pageAt } from './pages/index.ts'
import { LoginPage } from './pages/login.tsx'
import { PasswordPage } from './pages/password.tsx'
import { Header } from './parts/header.tsx'
import { StaleBanner } from './parts/stale-banner.tsx'
import { usePath } from './path.ts'
import { firstLanguage, textOf } from './texts.ts'

const LANGUAGE_KEY = 'tocsin.language'

/** The whole page: sign-in first, then the page of the address, in the language of the reader. */
export function App() {
  const [language, setLanguage] = useState(() =>
    firstLanguage(window.localStorage.getItem(LANGUAGE_KEY), navigator.languages),
  )
  const [account, setAccount] = useState<AccountView | null | undefined>(undefined)
  const choose = (chosen: Language): void => {
    window.localStorage.setItem(LANGUAGE_KEY, chosen)
    setLanguage(chosen)
  }
  useEffect(() => {
    document.documentElement.lang = language
    document.title = `Tocsin · ${textOf(language, 'nav.cases')}`
  }, [language])
  useEffect(() => {
    api.session().then(
      (answer) => setAccount(answer.account),
      () => setAccount(null),
    )
  }, [])
  return (
    <LanguageContext.Provider value={language}>
      {account === undefined ? null : account === null ? (
        <LoginPage language={language} choose={choose} signedIn={setAccount} />
      ) : account.mustChangePassword ? (
        <PasswordPage account={account} language={language} choose={choose} signedIn={setAccount} />
      ) : (
        <SignedIn key={account.name} account={account} language={language} choose={choose} setAccount={setAccount} />
      )}
    </LanguageContext.Provider>
  )
}

interface SignedInProps {
  account: AccountView
  language: Language
  choose: (language: Language) => void
  setAccount: (account: AccountView | null) => void
}

function SignedIn({ account, language, choose, setAccount }: SignedInProps) {
  const [path, go] = usePath()
  const [constituents, setConstituents] = useState<ReadonlyMap<string, ConstituentView>>(new Map())
  const [packs, setPacks] = useState<ReadonlyMap<string, PackView>>(new Map())
  const live = useMemo(
    () =>
      new Live(async () => {
        try {
          const answer = await api.session()
          if (answer.account === null) setAccount(null)
          return answer.account !== null
        } catch {
          return true
        }
      }),
    [setAccount],
  )
  useEffect(() => {
    live.open()
    const load = (): void => {
      void api.constituents().then(
        (answer) => setConstituents(new Map(answer.constituents.map((one) => [one.constituentId, one]))),
        () => {},
      )
      void api.packs().then(
        (answer) => setPacks(new Map(answer.packs.map((one) => [one.id, one]))),
        () => {},
      )
    }
    load()
    // The registry changes rarely; a new body is there within a minute.
    const timer = window.setInterval(load, 60_000)
    return () => {
      live.close()
      window.clearInterval(timer)
    }
  }, [live])
  const page = useMemo(
    () => ({ language, account, live, constituents, packs, go }),
    [language, account, live, constituents, packs, go],
  )
  const { Component, params } = pageAt(path)
  const signOut = (): void => {
    void api.signOut().finally(() => setAccount(null))
  }
  return (
    <PageProvider value={page}>
      <Header choose={choose} signOut={signOut} path={path} />
      <StaleBanner />
      <main id="content" tabIndex={-1}>
        <Component params={params} />
      </main>
    </PageProvider>
  )
}
