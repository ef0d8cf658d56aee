import type { Participant } from '@tocsin/events'
import type { EventSummary, Side } from './event-summary.ts'

const MAX_PARTICIPANTS = 100

/**
 * Who took part, over all contributing events: most records first, so that the first source and target are the primary
 * ones (AMB-TW12). Ports are kept only where all records of a participant name the same.
 */
export function participantsOf(summaries: readonly EventSummary[]): Participant[] {
  const found = new Map<string, Participant>()
  for (const summary of summaries) {
    if (summary.source !== null) count(found, 'source', summary.source, null)
    if (summary.target !== null)
      count(
        found,
        summary.indicatorIds.length > 0 && summary.target.ip !== null ? 'c2' : 'target',
        summary.target,
        summary.account,
      )
  }
  return [...found.values()].sort((a, b) => b.count - a.count || compare(a, b)).slice(0, MAX_PARTICIPANTS)
}

function count(found: Map<string, Participant>, role: string, side: Side, account: string | null): void {
  const key = [role, side.ip, side.host, side.domain, account].join('\u001f')
  const known = found.get(key)
  if (known === undefined) {
    found.set(key, { role, ...side, account, count: 1 })
    return
  }
  known.count++
  if (known.port !== side.port) known.port = null
}

function compare(a: Participant, b: Participant): number {
  const text = (participant: Participant) =>
    `${participant.role} ${participant.ip ?? ''} ${participant.host ?? ''} ${participant.account ?? ''}`
  return text(a) < text(b) ? -1 : 1
}
