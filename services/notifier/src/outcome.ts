import { type Delivery, type IncidentCommand, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { About, Ended, Progress } from './deliver.ts'
import { ended } from './deliver.ts'
import { type RefusalCode, unsent } from './records.ts'
import { oneLine } from './text.ts'

/** The command that says what became of a notice: a person's task card, or the receiver's own word that it was read. */
export const OUTCOME_ACTION = 'notice-outcome'

/** read: the receiver says so. reached: a person told the receiver. not-reached: a person tried in vain. */
export const OUTCOMES = ['read', 'reached', 'not-reached'] as const
type OutcomeWord = (typeof OUTCOMES)[number]

/** What an outcome leads to: the new state and the records, or why it is refused. */
export type Settled =
  | { accepted: true; kept: Progress | Ended; records: OutputTo<'deliveries'>[] }
  | { accepted: false; code: RefusalCode; reason: string }

const refused = (code: RefusalCode, reason: string): Settled => ({ accepted: false, code, reason })

/**
 * Takes an outcome for a notice of one receiver. `read` is taken once. The time that a person names lies between the notice and
 * now; that of `read` is the command's.
 */
export function settleOutcome(
  kept: Progress | Ended,
  contactId: string,
  command: IncidentCommand,
  nowMs: number,
): Settled {
  const { outcome = '', channel = 'form', at: named = '', note = '' } = command.fields
  const about = kept.kind === 'open' ? ended(kept, 'sent', nowMs).about : kept.about
  const [first] = about ?? []
  if (about === undefined || first === undefined) return refused('invalid', 'The notice went to nobody yet.')
  if (!isOutcome(outcome))
    return refused('invalid', `An outcome is ${OUTCOMES.join(', ')}, not "${oneLine(outcome, 40)}".`)
  const at = outcome === 'read' ? Math.min(command.issuedAt, nowMs) : Date.parse(named)
  if (!(at >= first.createdAt && at <= nowMs))
    return refused('invalid', 'Say when it was (at), an instant between the notice and now.')
  if (kept.kind === 'ended' && kept.state === 'acknowledged')
    return refused('illegal-transition', `The notice was acknowledged at ${new Date(kept.at).toISOString()}.`)
  if (kept.kind === 'ended' && kept.state === 'delivered' && outcome !== 'read')
    return refused('illegal-transition', `The notice was delivered at ${new Date(kept.at).toISOString()}.`)
  const said = { commandId: command.commandId, contactId, channel, actor: command.actor, note, outcome, at }
  const digestId = kept.kind === 'open' ? (kept.members === undefined ? null : kept.notice.noticeId) : kept.digestId
  const records = about.map((one) => recordOf(one, said, digestId ?? null))
  return { accepted: true, kept: after(kept, outcome, at, nowMs), records }
}

function after(kept: Progress | Ended, outcome: OutcomeWord, at: number, nowMs: number): Progress | Ended {
  const state = outcome === 'read' ? 'acknowledged' : 'delivered'
  if (kept.kind === 'ended') return outcome === 'not-reached' ? kept : { ...kept, state, at }
  // Tried in vain: the next channel at once, whatever was waited for.
  if (outcome === 'not-reached') return { ...kept, state: 'retrying', nextAt: nowMs }
  return ended(kept, state, at)
}

interface Said {
  commandId: string
  contactId: string
  channel: string
  actor: string
  note: string
  outcome: OutcomeWord
  at: number
}

function recordOf(about: About, said: Said, digestId: string | null): OutputTo<'deliveries'> {
  const states = { read: 'acknowledged', reached: 'delivered', 'not-reached': 'retrying' } as const
  const value: Delivery = {
    ...unsent(about, states[said.outcome], said.at),
    deliveryId: idFrom(about.noticeId, said.channel, said.contactId, said.commandId),
    channel: oneLine(said.channel, 40),
    contactId: said.contactId,
    digestId,
    reply: said.note === '' ? null : oneLine(said.note, 512),
    proof: oneLine(`${said.outcome}, said by ${said.actor}`, 512),
    errorCode: said.outcome === 'not-reached' ? 'not_reached' : null,
  }
  return { topic: 'deliveries', key: about.constituent, value }
}

function isOutcome(word: string): word is OutcomeWord {
  return (OUTCOMES as readonly string[]).includes(word)
}
