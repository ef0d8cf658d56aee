import type { Language } from '@tocsin/events/languages'
import { type SyntheticEvent, useState } from 'react'
import { type AccountView, api } from '../api.ts'
import { useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'

interface PasswordPageProps {
  account: AccountView
  language: Language
  choose: (language: Language) => void
  signedIn: (account: AccountView | null) => void
}

/** A first password is changed before anything else. */
export function PasswordPage({ account, language, choose, signedIn }: PasswordPageProps) {
  const { t } = useTexts()
  const [error, setError] = useState<unknown>(null)
  const [isDifferent, setDifferent] = useState(false)
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const next = typed(form, 'new')
    setDifferent(next !== typed(form, 'again'))
    if (next !== typed(form, 'again')) return
    api.changePassword(typed(form, 'now'), next).then((answer) => signedIn(answer.account), setError)
  }
  return (
    <main className="card-page">
      <form className="card" onSubmit={submit}>
        <h1>{t('password.title')}</h1>
        <p className="muted">{t('password.explain')}</p>
        <input type="hidden" name="name" autoComplete="username" value={account.name} readOnly />
        <label>
          {t('password.now')}
          <input name="now" type="password" autoComplete="current-password" required maxLength={256} />
        </label>
        <label>
          {t('password.new')}
          <input name="new" type="password" autoComplete="new-password" required minLength={12} maxLength={256} />
        </label>
        <label>
          {t('password.again')}
          <input name="again" type="password" autoComplete="new-password" required maxLength={256} />
        </label>
        {isDifferent ? (
          <p className="error" role="alert">
            {t('password.differ')}
          </p>
        ) : null}
        <ErrorText error={error} />
        <button type="submit" className="primary">
          {t('password.submit')}
        </button>
        <LanguageChoice language={language} choose={choose} />
      </form>
    </main>
  )
}
