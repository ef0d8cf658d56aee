import type { CaseDetail } from '../src/case-view.ts'
import type { PackView } from '../src/pack-view.ts'
import type { CommandName } from '../src/roles.ts'
import { hasEnded } from './case-order.ts'

/** Buttons of a case in the order in which they are needed. */
export const BUTTONS = [
  'acknowledge',
  'promote',
  'classify',
  'causes-eliminated',
  'consequences-eliminated',
  'close',
  'mark-false-positive',
  'reopen',
] as const satisfies readonly CommandName[]
export type Button = (typeof BUTTONS)[number]

/** The buttons that make sense for a case as it stands, of the commands that the account may give. */
export function buttonsOf(detail: CaseDetail, commands: readonly CommandName[]): Button[] {
  return BUTTONS.filter((button) => commands.includes(button) && makesSense(button, detail))
}

function makesSense(button: Button, detail: CaseDetail): boolean {
  if (button === 'reopen') return detail.status === 'closed' || detail.status === 'false-positive'
  if (hasEnded(detail)) return false
  switch (button) {
    case 'acknowledge':
      return detail.acknowledgedAt === null
    case 'promote':
      return detail.kind !== 'incident'
    case 'causes-eliminated':
      return detail.kind === 'incident' && detail.causesEliminatedAt === null
    case 'consequences-eliminated':
      return detail.kind === 'incident' && detail.consequencesEliminatedAt === null
    case 'classify':
    case 'close':
    case 'mark-false-positive':
      return true
  }
}

/** What a command asks of the person who gives it. */
export interface Questions {
  /** Text box: which field it fills (`reason` for the command's own), and whether it may stay empty. */
  text: {
    label: 'dialog.reason' | 'dialog.evidence' | 'dialog.conclusion' | 'dialog.analysis'
    field: string
    must: boolean
  } | null
  effects: readonly string[]
  leastEffects: number
  asksSerial: boolean
}

/** Null: the command needs no dialog. */
export function questionsOf(button: Button, pack: PackView | undefined): Questions | null {
  const only = (text: Questions['text']): Questions => ({ text, effects: [], leastEffects: 0, asksSerial: false })
  switch (button) {
    case 'acknowledge':
      return null
    case 'promote': {
      const rules = pack?.promotion
      return {
        text: { label: 'dialog.reason', field: 'reason', must: false },
        effects: rules?.effects ?? [],
        leastEffects: rules?.leastEffects ?? 0,
        asksSerial: rules?.serial ?? false,
      }
    }
    case 'mark-false-positive':
    case 'reopen':
      return only({ label: 'dialog.reason', field: 'reason', must: true })
    case 'causes-eliminated':
    case 'consequences-eliminated':
      return only({ label: 'dialog.evidence', field: 'evidence', must: true })
    case 'close':
      return only({ label: 'dialog.conclusion', field: 'conclusion', must: false })
    case 'classify':
      return only({ label: 'dialog.analysis', field: 'primaryAnalysis', must: true })
  }
}
