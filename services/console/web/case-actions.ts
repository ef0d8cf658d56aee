import type { CaseDetail } from '../src/case-view.ts'
import type { PackView } from '../src/pack-view.ts'
import type { CommandName } from '../src/roles.ts'
import { hasEnded } from './case-order.ts'

/** Buttons of a case in the order in which they are needed. */
export const BUTTONS = [
  'acknowledge',
  'verify',
  'promote',
  'answer',
  'classify',
  'measure-taken',
  'causes-eliminated',
  'consequences-eliminated',
  'supplementary-collected',
  'close',
  'reopen',
  'mark-false-positive',
  'assign',
  'ask-supplementary',
  'hand-over',
  'dispatch',
  'merge',
  'share',
  'propose-response',
] as const satisfies readonly CommandName[]
/** Buttons of one response action; they stand beside it. */
export const RESPONSE_BUTTONS = [
  'approve-response',
  'refuse-response',
  'revert-response',
] as const satisfies readonly CommandName[]
type CaseButton = (typeof BUTTONS)[number]
export type ResponseButton = (typeof RESPONSE_BUTTONS)[number]
export type Button = CaseButton | ResponseButton

/** How many buttons stand beside a case; the others wait under one. */
export const SHOWN = 5

/** The buttons that make sense for a case as it stands, of the commands that the account may give. */
export function buttonsOf(detail: CaseDetail, commands: readonly CommandName[]): CaseButton[] {
  return BUTTONS.filter((button) => commands.includes(button) && makesSense(button, detail))
}

function makesSense(button: CaseButton, detail: CaseDetail): boolean {
  if (button === 'reopen') return detail.status === 'closed' || detail.status === 'false-positive'
  if (hasEnded(detail)) return false
  const isIncident = detail.kind === 'incident'
  switch (button) {
    case 'acknowledge':
      return detail.acknowledgedAt === null
    case 'verify':
      return detail.verifiedAt === null
    case 'promote':
      return !isIncident
    case 'causes-eliminated':
      return isIncident && detail.causesEliminatedAt === null
    case 'consequences-eliminated':
      return isIncident && detail.consequencesEliminatedAt === null
    case 'ask-supplementary':
      return detail.verification === 'unverified'
    case 'supplementary-collected':
      return detail.verification === 'supplementary-asked'
    case 'share':
      return !detail.exercise
    case 'answer':
    case 'classify':
    case 'measure-taken':
    case 'close':
    case 'mark-false-positive':
    case 'assign':
    case 'hand-over':
    case 'dispatch':
    case 'merge':
    case 'propose-response':
      return true
  }
}

type CaseAction = CaseDetail['responseActions'][number]

/** The buttons of one response action for a person: nobody approves what they asked for (XC-12). */
export function responseButtonsOf(
  action: CaseAction,
  detail: CaseDetail,
  { name, commands }: { name: string; commands: readonly CommandName[] },
  now: number,
): ResponseButton[] {
  const isOwn = action.requestedBy === name
  const isWaiting = action.state === 'proposed' && now <= action.expiresAt && !hasEnded(detail)
  const makesSenseNow: Readonly<Record<ResponseButton, boolean>> = {
    'approve-response': isWaiting && !isOwn,
    'refuse-response': isWaiting && (isOwn || commands.includes('approve-response')),
    'revert-response': action.state === 'applied' || action.state === 'failed',
  }
  return RESPONSE_BUTTONS.filter((button) => commands.includes(button) && makesSenseNow[button])
}

/** Labels of the fields of a dialog. */
type Label = `dialog.${'reason' | 'evidence' | 'conclusion' | 'analysis' | 'text' | 'what' | 'note'}`
type LineLabel =
  | `dialog.${'confidence' | 'to' | 'hours' | 'assignee' | 'employee' | 'decidedBy' | 'into' | 'group' | 'tlp' | 'confirm'}`
  | `dialog.${'target' | 'measure' | 'via' | 'suppress' | 'days' | 'kind' | 'evidence' | 'measuresPossible' | 'measuresReason'}`

/** One more thing that a dialog asks, beside its text. */
export interface Field {
  label: LineLabel
  field: string
  kind: 'line' | 'number' | 'tick' | 'choice'
  must: boolean
  /** Of a choice: the values, named by `choice.<value>` where `named`. */
  choices?: readonly string[]
  named?: boolean
}

/** What a command asks of the person who gives it. */
export interface Questions {
  /** Text box: which field it fills (`reason` for the command's own), and whether it may stay empty. */
  text: { label: Label; field: string; must: boolean } | null
  more: readonly Field[]
  effects: readonly string[]
  leastEffects: number
  asksSerial: boolean
}

const NO_EFFECTS = { effects: [], leastEffects: 0, asksSerial: false }
const line = (label: LineLabel, field: string, must = true): Field => ({ label, field, kind: 'line', must })
const number = (label: LineLabel, field: string, must = false): Field => ({ label, field, kind: 'number', must })
const tick = (label: LineLabel, field: string): Field => ({ label, field, kind: 'tick', must: false })
const choice = (label: LineLabel, field: string, choices: readonly string[], must = true, named = true): Field => ({
  label,
  field,
  kind: 'choice',
  must,
  choices,
  named,
})

/** Null: the command needs no dialog. */
export function questionsOf(button: Button, pack: PackView | undefined, isVerified = true): Questions | null {
  const only = (text: Questions['text'], ...more: Field[]): Questions => ({ text, more, ...NO_EFFECTS })
  const reason = { label: 'dialog.reason', field: 'reason' } as const
  switch (button) {
    case 'acknowledge':
      return null
    case 'promote': {
      const rules = pack?.promotion
      return {
        text: { ...reason, must: false },
        more: [],
        effects: rules?.effects ?? [],
        leastEffects: rules?.leastEffects ?? 0,
        asksSerial: rules?.serial ?? false,
      }
    }
    case 'verify':
      return only({ ...reason, must: false }, number('dialog.confidence', 'confidence'))
    case 'ask-supplementary':
      return only(
        { label: 'dialog.what', field: 'what', must: true },
        line('dialog.to', 'to', false),
        number('dialog.hours', 'hours'),
      )
    case 'supplementary-collected':
      return only(
        { label: 'dialog.text', field: 'text', must: true },
        number('dialog.confidence', 'confidence', true),
        line('dialog.evidence', 'evidence', false),
      )
    case 'mark-false-positive':
      return only({ ...reason, must: true }, tick('dialog.suppress', 'suppress'), number('dialog.days', 'days'))
    case 'reopen':
      return only({ ...reason, must: true })
    case 'answer':
      return only(
        { label: 'dialog.text', field: 'text', must: true },
        choice('dialog.kind', 'kind', ['event-analysis', 'measures', 'result']),
        line('dialog.evidence', 'evidence', false),
      )
    case 'measure-taken':
      return only({ label: 'dialog.text', field: 'text', must: true }, line('dialog.evidence', 'evidence', false))
    case 'causes-eliminated':
    case 'consequences-eliminated':
      return only({ label: 'dialog.evidence', field: 'evidence', must: true })
    case 'close':
      return only({ label: 'dialog.conclusion', field: 'conclusion', must: false })
    case 'classify':
      return only(
        { label: 'dialog.analysis', field: 'primaryAnalysis', must: true },
        choice('dialog.measuresPossible', 'measuresPossible', ['yes', 'no'], false),
        line('dialog.measuresReason', 'measuresReason', false),
      )
    case 'assign':
      return only(null, line('dialog.assignee', 'assignee'))
    case 'hand-over':
      return only({ label: 'dialog.note', field: 'note', must: true }, line('dialog.to', 'to'))
    case 'dispatch':
      return only(
        { ...reason, must: false },
        choice('dialog.decidedBy', 'decidedBy', ['nsc', 'sts']),
        line('dialog.employee', 'employee'),
      )
    case 'merge':
      return only({ ...reason, must: false }, line('dialog.into', 'into'))
    case 'share':
      return only(
        null,
        line('dialog.group', 'group'),
        choice('dialog.tlp', 'tlp', ['AMBER', 'AMBER+STRICT', 'GREEN', 'CLEAR'], true, false),
        ...(isVerified ? [] : [tick('dialog.confirm', 'confirm')]),
      )
    case 'propose-response':
      return only(
        { ...reason, must: true },
        choice('dialog.measure', 'kind', ['block-address', 'isolate-host']),
        line('dialog.target', 'target'),
        line('dialog.via', 'via', false),
      )
    case 'approve-response':
      return only({ ...reason, must: false })
    case 'refuse-response':
    case 'revert-response':
      return only({ ...reason, must: true })
  }
}
