import { type ReactNode, useState } from 'react'
import type { CaseDetail } from '../../src/case-view.ts'
import type { PackView } from '../../src/pack-view.ts'
import { type Button, buttonsOf, questionsOf, SHOWN } from '../case-actions.ts'
import { useCommandGiver } from '../command-giver.ts'
import { usePage, useTexts } from '../context.ts'
import { CommandDialog } from './command-dialog.tsx'
import { ErrorText } from './error-text.tsx'

interface ActionsProps {
  detail: CaseDetail
  pack: PackView | undefined
}

/** The commands of a case: sent through Kafka, answered by incident-manager, seen when the case has changed. */
export function Actions({ detail, pack }: ActionsProps) {
  const { t } = useTexts()
  const { account } = usePage()
  const [asked, setAsked] = useState<Button | null>(null)
  const { sending, error, isDone, forget, give } = useCommandGiver(detail)
  const buttons = buttonsOf(detail, account.commands)
  const isVerified = detail.verification === 'confirmed'

  const press = (button: Button): void => {
    forget()
    if (questionsOf(button, pack, isVerified) === null) void give(button, null, {})
    else setAsked(button)
  }
  const buttonFor = (button: Button): ReactNode => (
    <button
      key={button}
      type="button"
      className={button === buttons[0] && button !== 'reopen' ? 'primary' : ''}
      disabled={sending !== null}
      onClick={() => press(button)}
    >
      {sending === button ? t('dialog.sending') : t(`action.${button}`)}
    </button>
  )
  return (
    <div className="actions">
      <div className="buttons">{buttons.slice(0, SHOWN).map(buttonFor)}</div>
      {buttons.length <= SHOWN ? null : (
        <details className="more-actions">
          <summary>{t('action.more')}</summary>
          <div className="buttons">{buttons.slice(SHOWN).map(buttonFor)}</div>
        </details>
      )}
      {asked === null ? <ErrorText error={error} /> : null}
      <p className="done" role="status">
        {isDone ? t('dialog.done') : ''}
      </p>
      {asked === null ? null : (
        <CommandDialog
          button={asked}
          questions={questionsOf(asked, pack, isVerified)}
          first={asked === 'classify' ? (detail.primaryAnalysis ?? '') : ''}
          error={error}
          close={() => setAsked(null)}
          give={async (reason, fields) => {
            if (await give(asked, reason, fields)) setAsked(null)
          }}
        />
      )}
    </div>
  )
}
