import { type SyntheticEvent, useEffect, useRef, useState } from 'react'
import { ApiError, api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { bodyName } from '../words.ts'
import { ErrorText } from './error-text.tsx'

/** What may be asked: by the centre of a body, and by a body of the centre. */
const KINDS = {
  centre: ['instruction', 'coordination', 'provision', 'cooperation', 'task', 'inspection', 'recommendation'],
  body: ['help', 'problem', 'source-request', 'coordination'],
} as const

/** Opens a formal request: the centre asks a body, a body asks the centre. */
export function NewRequest({ done }: { done: () => void }) {
  const { t } = useTexts()
  const { account } = usePage()
  const [isOpen, setOpen] = useState(false)
  if (!['national', 'constituent', 'manager', 'operator'].includes(account.role)) return null
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t('requests.open')}
      </button>
      {isOpen ? <NewRequestDialog done={done} close={() => setOpen(false)} /> : null}
    </>
  )
}

function NewRequestDialog({ done, close }: { done: () => void; close: () => void }) {
  const { t, word, language } = useTexts()
  const { constituents, account } = usePage()
  const dialog = useRef<HTMLDialogElement>(null)
  const [error, setError] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const names = ['kind', 'subject', 'body', 'days'] as const
    const fields = Object.fromEntries(names.map((name) => [name, typed(form, name).trim()]))
    setSending(true)
    setError(null)
    api
      .requestOpen(typed(form, 'constituent'), fields)
      .then((answer) => {
        if (!answer.accepted) throw new ApiError(200, answer.code, answer.reason)
        close()
        done()
      })
      .catch(setError)
      .finally(() => setSending(false))
  }
  return (
    <dialog ref={dialog} className="dialog" onClose={close} aria-labelledby="new-request-title">
      <form onSubmit={submit}>
        <h2 id="new-request-title">{t('requests.open')}</h2>
        <label>
          {t('create.body')} *
          <select name="constituent" required defaultValue="">
            <option value="" />
            {[...constituents.values()].map((one) => (
              <option key={one.constituentId} value={one.constituentId}>
                {bodyName(one, one.constituentId, language)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('create.kind')} *
          <select name="kind" required defaultValue="">
            <option value="" />
            {KINDS[account.role === 'national' ? 'centre' : 'body'].map((kind) => (
              <option key={kind} value={kind}>
                {word('requestKind', kind)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('requests.subject')} *
          <input type="text" name="subject" maxLength={300} required />
        </label>
        <label>
          {t('requests.text')}
          <textarea name="body" rows={4} maxLength={8_000} />
        </label>
        <label>
          {t('requests.days')}
          <input type="number" name="days" min={1} max={3_650} />
        </label>
        <ErrorText error={error} />
        <div className="dialog-buttons">
          <button type="button" className="quiet" onClick={close}>
            {t('dialog.cancel')}
          </button>
          <button type="submit" className="primary" disabled={isSending}>
            {isSending ? t('dialog.sending') : t('dialog.send')}
          </button>
        </div>
      </form>
    </dialog>
  )
}
