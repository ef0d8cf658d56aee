import { type SyntheticEvent, useEffect, useRef, useState } from 'react'
import type { Button, Field, Questions } from '../case-actions.ts'
import { useTexts } from '../context.ts'
import { typed } from '../form-text.ts'
import { ErrorText } from './error-text.tsx'

interface CommandDialogProps {
  button: Button
  questions: Questions | null
  /** Text that the box begins with. */
  first: string
  error: unknown
  close: () => void
  give: (reason: string | null, fields: Record<string, string>) => Promise<void>
}

/** Asks what a command needs: a reason, evidence, the effects of an incident. */
export function CommandDialog({ button, questions, first, error, close, give }: CommandDialogProps) {
  const { t, word } = useTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [isSending, setSending] = useState(false)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  if (questions === null) return null
  const { text, more, effects, asksSerial, leastEffects } = questions

  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const fields: Record<string, string> = {}
    const said = typed(form, 'text').trim()
    const ticked = form.getAll('effect').filter((value) => typeof value === 'string')
    if (text !== null && text.field !== 'reason' && said !== '') fields[text.field] = said
    if (ticked.length > 0) fields['effects'] = ticked.join(',')
    for (const { field, kind } of more) {
      const value =
        kind === 'tick' ? (form.get(`more-${field}`) === null ? '' : 'yes') : typed(form, `more-${field}`).trim()
      if (value !== '') fields[field] = value
    }
    const serial = form.get('serial')
    if (typeof serial === 'string') fields['serial'] = serial
    setSending(true)
    void give(text?.field === 'reason' && said !== '' ? said : null, fields).finally(() => setSending(false))
  }
  return (
    <dialog ref={dialog} className="dialog" onClose={close} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{t(`action.${button}`)}</h2>
        {effects.length === 0 ? null : (
          <fieldset>
            <legend>
              {t('dialog.effects')}
              {leastEffects > 0 ? ' *' : ''}
            </legend>
            {effects.map((effect) => (
              <label key={effect} className="choice">
                <input type="checkbox" name="effect" value={effect} />
                {word('effect', effect)}
              </label>
            ))}
          </fieldset>
        )}
        {asksSerial ? (
          <fieldset>
            <legend>{t('dialog.serial')} *</legend>
            <label className="choice">
              <input type="radio" name="serial" value="single" required />
              {t('dialog.single')}
            </label>
            <label className="choice">
              <input type="radio" name="serial" value="serial" required />
              {t('dialog.series')}
            </label>
          </fieldset>
        ) : null}
        {text === null ? null : (
          <label>
            {t(text.label)}
            {text.must ? ' *' : ''}
            <textarea name="text" rows={4} maxLength={8_000} required={text.must} defaultValue={first} />
          </label>
        )}
        {more.map((field) => (
          <FieldInput key={field.field} {...field} />
        ))}
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

/** One field of a dialog; its name in the form is `more-<field>`. */
function FieldInput({ label, field, kind, must, choices = [], named = true }: Field) {
  const { t, word } = useTexts()
  const name = `more-${field}`
  if (kind === 'tick') {
    return (
      <label className="choice">
        <input type="checkbox" name={name} value="yes" />
        {t(label)}
      </label>
    )
  }
  return (
    <label>
      {t(label)}
      {must ? ' *' : ''}
      {kind === 'choice' ? (
        <select name={name} required={must} defaultValue="">
          <option value="" />
          {choices.map((value) => (
            <option key={value} value={value}>
              {named ? word('choice', value) : value}
            </option>
          ))}
        </select>
      ) : kind === 'number' ? (
        <input type="number" name={name} min={0} max={10_000} required={must} />
      ) : (
        <input type="text" name={name} maxLength={2_000} required={must} />
      )}
    </label>
  )
}
