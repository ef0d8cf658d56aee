import { useState } from 'react'
import type { CaseDetail } from '../../src/case-view.ts'
import type { PackView } from '../../src/pack-view.ts'
import { questionsOf, type ResponseButton, responseButtonsOf } from '../case-actions.ts'
import { useCommandGiver } from '../command-giver.ts'
import { usePage, useTexts } from '../context.ts'
import { serverNow } from '../server-time.ts'
import { CommandDialog } from './command-dialog.tsx'
import { ErrorText } from './error-text.tsx'
import { Section } from './section.tsx'
import { Time } from './time.tsx'

type CaseAction = CaseDetail['responseActions'][number]

/** Measures through a packet filter: who asked, who approved, what the filter did; nothing where none was asked for. */
export function ResponseActions({ detail, pack }: { detail: CaseDetail; pack: PackView | undefined }) {
  const { t } = useTexts()
  const [asked, setAsked] = useState<{ button: ResponseButton; actionId: string } | null>(null)
  const { sending, error, forget, give } = useCommandGiver(detail)
  if (detail.responseActions.length === 0) return null
  const press = (button: ResponseButton, actionId: string): void => {
    forget()
    setAsked({ button, actionId })
  }
  return (
    <Section title={t('case.measures')}>
      <ul className="response-actions">
        {detail.responseActions.toReversed().map((action) => (
          <ResponseAction key={action.actionId} {...{ action, detail, press, isBusy: sending !== null }} />
        ))}
      </ul>
      {asked === null ? <ErrorText error={error} /> : null}
      {asked === null ? null : (
        <CommandDialog
          button={asked.button}
          questions={questionsOf(asked.button, pack)}
          first=""
          error={error}
          close={() => setAsked(null)}
          give={async (reason, fields) => {
            if (await give(asked.button, reason, { ...fields, response: asked.actionId })) setAsked(null)
          }}
        />
      )}
    </Section>
  )
}

interface ResponseActionProps {
  action: CaseAction
  detail: CaseDetail
  press: (button: ResponseButton, actionId: string) => void
  isBusy: boolean
}

function ResponseAction({ action, detail, press, isBusy }: ResponseActionProps) {
  const { t, word } = useTexts()
  const { account } = usePage()
  const now = serverNow()
  const isLapsed = action.state === 'proposed' && now > action.expiresAt
  const buttons = responseButtonsOf(action, detail, account, now)
  const people: readonly [string, string | null, number | null][] = [
    [t('measure.askedBy'), action.requestedBy, action.requestedAt],
    [t('measure.approvedBy'), action.approvedBy, action.approvedAt],
    [t('measure.endedBy'), action.endedBy, action.revertedAt],
  ]
  return (
    <li className={`response-action measure-${action.state}`}>
      <p className="response-action-head">
        <b>{word('choice', action.kind)}</b> <span className="mono">{action.target}</span>{' '}
        <span className="muted">{action.viaSourceId}</span>
        <span className={`badge measure-state-${action.state}`}>
          {word('measure', isLapsed ? 'lapsed' : action.state)}
        </span>
      </p>
      <p className="response-text">{action.reason}</p>
      <ul className="response-people muted">
        {people.map(([label, who, at]) =>
          who === null ? null : (
            <li key={label}>
              {label}: {who} {at === null ? null : <Time at={at} body={detail.constituent} />}
            </li>
          ),
        )}
        {action.endReason === null ? null : <li>{action.endReason}</li>}
        {action.reply === null ? null : <li className="mono">{action.reply}</li>}
      </ul>
      {buttons.length === 0 ? null : (
        <div className="buttons">
          {buttons.map((button) => (
            <button key={button} type="button" disabled={isBusy} onClick={() => press(button, action.actionId)}>
              {t(`action.${button}`)}
            </button>
          ))}
        </div>
      )}
    </li>
  )
}
