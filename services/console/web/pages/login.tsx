import type { Language } from '@tocsin/events/languages'
import { type SyntheticEvent, useState } from 'react'
import { type AccountView, api } from '../api.ts'
import { useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Icon } from '../parts/icons.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'

interface LoginPageProps {
  language: Language
  choose: (language: Language) => void
  signedIn: (account: AccountView | null) => void
}

export function LoginPage({ language, choose, signedIn }: LoginPageProps) {
  const { t } = useTexts()
  const [error, setError] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setSending(true)
    api
      .signIn(typed(form, 'name'), typed(form, 'password'))
      .then((answer) => signedIn(answer.account), setError)
      .finally(() => setSending(false))
  }
  return (
    <main className="card-page">
      <form className="card" onSubmit={submit}>
        <div className="card-brand">
          <Icon name="bell" />
          <div>
            <h1>Tocsin</h1>
            <p className="muted">{t('app.tagline')}</p>
          </div>
        </div>
        <label>
          {t('login.name')}
          <input name="name" autoComplete="username" autoCapitalize="none" spellCheck={false} required maxLength={64} />
        </label>
        <label>
          {t('login.password')}
          <input name="password" type="password" autoComplete="current-password" required maxLength={256} />
        </label>
        <ErrorText error={error} />
        <button type="submit" className="primary" disabled={isSending}>
          {t('login.submit')}
        </button>
        <p className="muted small">{t('login.hint')}</p>
        <LanguageChoice language={language} choose={choose} />
      </form>
    </main>
  )
}
