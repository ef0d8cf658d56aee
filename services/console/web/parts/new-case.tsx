import { type SyntheticEvent, useEffect, useRef, useState } from 'react'
import { ApiError, api } from '../api.ts'
import { usePage, useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { bodyName, LEVELS } from '../words.ts'
import { ErrorText } from './error-text.tsx'

const KINDS = ['event', 'incident', 'threat'] as const
const CHANNELS = ['telephone', 'mail', 'fax', 'dispatch', 'person', 'other'] as const
const TEXTS = ['title', 'reportedBy', 'sourceIp', 'targetIp', 'description'] as const

/** Opens a case by hand: what the shift found itself, or was told by telephone. The instant of sending is its T0. */
export function NewCase() {
  const { t } = useTexts()
  const { account } = usePage()
  const [isOpen, setOpen] = useState(false)
  if (account.role !== 'national') return null
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t('create.open')}
      </button>
      {isOpen ? <NewCaseDialog close={() => setOpen(false)} /> : null}
    </>
  )
}

function NewCaseDialog({ close }: { close: () => void }) {
  const { t, word, language } = useTexts()
  const { constituents, packs, go } = usePage()
  const dialog = useRef<HTMLDialogElement>(null)
  const [body, setBody] = useState('')
  const [kind, setKind] = useState<string>('event')
  const [error, setError] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  const promotion = kind === 'incident' ? packs.get(constituents.get(body)?.pack ?? '')?.promotion : undefined

  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const fields: Record<string, string> = { kind }
    for (const name of [...TEXTS, 'level', 'reportedVia', 'serial']) {
      const value = typed(form, name).trim()
      if (value !== '') fields[name] = value
    }
    const effects = form.getAll('effect').filter((value) => typeof value === 'string')
    if (effects.length > 0) fields['effects'] = effects.join(',')
    setSending(true)
    setError(null)
    api
      .create(body, fields)
      .then((answer) => {
        if (!answer.accepted) throw new ApiError(200, answer.code, answer.reason)
        close()
        go(`/incidents/${answer.caseId}`)
      })
      .catch(setError)
      .finally(() => setSending(false))
  }
  const line = (name: (typeof TEXTS)[number], must = false) => (
    <label>
      {t(`create.${name}`)}
      {must ? ' *' : ''}
      <input type="text" name={name} maxLength={300} required={must} />
    </label>
  )
  return (
    <dialog ref={dialog} className="dialog" onClose={close} aria-labelledby="new-case-title">
      <form onSubmit={submit}>
        <h2 id="new-case-title">{t('create.open')}</h2>
        <label>
          {t('create.body')} *
          <select name="body" required value={body} onChange={(event) => setBody(event.target.value)}>
            <option value="" />
            {[...constituents.values()].map((one) => (
              <option key={one.constituentId} value={one.constituentId}>
                {bodyName(one, one.constituentId, language)}
              </option>
            ))}
          </select>
        </label>
        {line('title', true)}
        <div className="dialog-pair">
          <label>
            {t('create.kind')}
            <select name="kind" value={kind} onChange={(event) => setKind(event.target.value)}>
              {KINDS.map((one) => (
                <option key={one} value={one}>
                  {t(`kind.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('create.level')}
            <select name="level" defaultValue="medium">
              {LEVELS.map((level) => (
                <option key={level} value={level}>
                  {t(`severity.${level}`)}
                </option>
              ))}
            </select>
          </label>
          {line('reportedBy')}
          <label>
            {t('create.reportedVia')}
            <select name="reportedVia" defaultValue="">
              <option value="" />
              {CHANNELS.map((channel) => (
                <option key={channel} value={channel}>
                  {word('choice', channel)}
                </option>
              ))}
            </select>
          </label>
          {line('sourceIp')}
          {line('targetIp')}
        </div>
        <label>
          {t('create.description')}
          <textarea name="description" rows={3} maxLength={4_000} />
        </label>
        {promotion === undefined || promotion.effects.length === 0 ? null : (
          <fieldset>
            <legend>{t('dialog.effects')} *</legend>
            {promotion.effects.map((effect) => (
              <label key={effect} className="choice">
                <input type="checkbox" name="effect" value={effect} />
                {word('effect', effect)}
              </label>
            ))}
          </fieldset>
        )}
        {promotion?.serial === true ? (
          <fieldset>
            <legend>{t('dialog.serial')} *</legend>
            {(['single', 'serial'] as const).map((value) => (
              <label key={value} className="choice">
                <input type="radio" name="serial" value={value} required />
                {t(value === 'single' ? 'dialog.single' : 'dialog.series')}
              </label>
            ))}
          </fieldset>
        ) : null}
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
