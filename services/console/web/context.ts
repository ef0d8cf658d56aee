import type { Language } from '@tocsin/events/languages'
import { createContext, useContext } from 'react'
import type { PackView } from '../src/pack-view.ts'
import type { AccountView, ConstituentView } from './api.ts'
import type { Live } from './live.ts'
import { hasText, type TextKey, textOf } from './texts.ts'

/** What every part of the page may use. */
export interface PageContext {
  language: Language
  account: AccountView
  live: Live
  constituents: ReadonlyMap<string, ConstituentView>
  packs: ReadonlyMap<string, PackView>
  go: (path: string) => void
}

export const LanguageContext = createContext<Language>('en')
const Page = createContext<PageContext | null>(null)
export const PageProvider = Page.Provider

export function usePage(): PageContext {
  const page = useContext(Page)
  if (page === null) throw new Error('used outside the page')
  return page
}

/** Texts in the language of the reader. */
export function useTexts() {
  const language = useContext(LanguageContext)
  return {
    language,
    t: (key: TextKey, values?: Readonly<Record<string, string | number>>) => textOf(language, key, values),
    /** A word of the server's in the reader's language where there is one, else as it is. */
    word: (group: string, word: string) => {
      const key = `${group}.${word}`
      return hasText(key) ? textOf(language, key) : word
    },
  }
}
