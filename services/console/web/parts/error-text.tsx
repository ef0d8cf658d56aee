import { ApiError } from '../api.ts'
import { useTexts } from '../context.ts'
import { hasText } from '../texts.ts'

/** What went wrong, in the reader's language where its code is known, else as the server said. */
export function ErrorText({ error }: { error: unknown }) {
  const { t } = useTexts()
  if (error === null || error === undefined) return null
  const key = error instanceof ApiError ? `error.${error.code}` : 'error.unexpected'
  const text = hasText(key)
    ? t(key)
    : error instanceof ApiError && error.message !== ''
      ? error.message
      : t('error.unexpected')
  return (
    <p className="error" role="alert">
      {text}
    </p>
  )
}
