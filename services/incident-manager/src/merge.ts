import type { ClockState, Incident } from '@tocsin/events'
import type { Fact } from '@tocsin/obligations'
import { type CaseState, LEVELS, promote, stricterTlp, withNational } from './case.ts'
import { refuse } from './decision.ts'
import { applied, type CaseBook, type Handler, isEnded, textOf, whileOpen, withFact } from './handler.ts'
import { mergeIds, mergeParticipants, mergeRawRefs } from './participants.ts'
import type { Law } from './registry.ts'
import { joinTickets } from './tickets.ts'

const MAX_RELATED = 100
const MAX_DETECTIONS = 1000

/**
 * Merges a case into another one of the same body (`into`): what was seen joins the other, the number stays as a reference.
 * A merge never gains time: each clock that still runs must be kept by a clock of the other case that is due no later, or the
 * merge is refused and says which. An event that takes in an incident becomes that incident, from the same instant.
 */
export const merge: Handler = whileOpen((state, command, at, law, book) => {
  const wanted = textOf(command, 'into')
  const target =
    book.get(wanted) ?? book.openOf(state.record.constituent).find(({ record }) => record.number === wanted)
  if (target === undefined || target.record.constituent !== state.record.constituent)
    return refuse('invalid', `Say into which case of ${state.record.constituent}: into.`)
  const into = target.record.caseId
  if (target.record.caseId === state.record.caseId) return refuse('invalid', 'A case is not merged into itself.')
  if (isEnded(target))
    return refuse('illegal-transition', `The case ${target.record.number} is ${target.record.status}.`)
  if (target.record.exercise !== state.record.exercise)
    return refuse('illegal-transition', 'An exercise and a live case are never one.')
  if (target.record.pack !== state.record.pack)
    return refuse('illegal-transition', 'The two cases stand under different packs.')
  if ((state.record.kind === 'threat') !== (target.record.kind === 'threat'))
    return refuse('illegal-transition', 'A threat is merged with threats only.')
  const grown = takenIn(target, state, at, law)
  const lost = state.record.clocks.find((clock) => clock.state === 'running' && !isKept(clock, grown, target))
  if (lost !== undefined) {
    return refuse(
      'illegal-transition',
      `The clock ${lost.clockId} of ${state.record.number} is due at ${new Date(lost.dueAt).toISOString()}, and ${target.record.number} has none that is due by then: merge the later case into the earlier one.`,
    )
  }
  const merged = withFact(state, 'mergedAt', at, {
    status: 'merged',
    related: [...state.record.related, `merged-into:${into}`].slice(-MAX_RELATED),
  })
  return {
    ...applied(merged, command, 'merged', { into }),
    others: [applied(grown, command, 'took-in', { case: state.record.caseId, number: state.record.number })],
    moved: { detectionIds: state.record.detectionIds, caseId: into },
  }
})

/** The case that a merged case went into, through as many merges as there were; the case itself where it was not merged. */
export function followMerges(state: CaseState, cases: Pick<CaseBook, 'get'>): CaseState {
  let found = state
  for (let steps = 0; steps < 100 && found.record.status === 'merged'; steps += 1) {
    const into = found.record.related.findLast((word) => word.startsWith('merged-into:'))?.slice('merged-into:'.length)
    const next = into === undefined ? undefined : cases.get(into)
    if (next === undefined) return found
    found = next
  }
  return found
}

/** What becomes of the case that another one joins. */
function takenIn(target: CaseState, joined: CaseState, at: number, law: Law): CaseState {
  const [a, b] = [target.record, joined.record]
  let grown = target
  if (b.kind === 'incident' && a.kind === 'event' && b.promotedAt !== null) {
    // The incident's duties go on under the other number: the same start, and the proofs that were given.
    grown = promote(grown, b.promotedAt)
    grown = { ...grown, facts: [...grown.facts, ...incidentFacts(joined)], toldBefore: at }
  }
  grown = { ...grown, tickets: joinTickets(grown.tickets, joined.tickets) }
  const record: Incident = {
    ...grown.record,
    severity: Math.max(a.severity, b.severity),
    tlp: stricterTlp(a.tlp, b.tlp),
    occurredFirst: Math.min(a.occurredFirst, b.occurredFirst),
    occurredLast: Math.max(a.occurredLast, b.occurredLast),
    effects: mergeIds(a.effects, b.effects),
    serial: a.serial ?? b.serial,
    verification: a.verification,
    techniques: mergeIds(a.techniques, b.techniques),
    detectionIds: [...new Set([...a.detectionIds, ...b.detectionIds])].sort().slice(0, MAX_DETECTIONS),
    detectionCount: a.detectionCount + b.detectionCount,
    eventCount: a.eventCount + b.eventCount,
    rawRefs: mergeRawRefs(a.rawRefs, b.rawRefs),
    participants: mergeParticipants(a.participants, b.participants),
    assetIds: mergeIds(a.assetIds, b.assetIds),
    systemIds: mergeIds(a.systemIds, b.systemIds),
    sourceIds: mergeIds(a.sourceIds, b.sourceIds),
    indicatorIds: mergeIds(a.indicatorIds, b.indicatorIds),
    causesEliminatedAt: a.kind === 'event' ? b.causesEliminatedAt : a.causesEliminatedAt,
    consequencesEliminatedAt: a.kind === 'event' ? b.consequencesEliminatedAt : a.consequencesEliminatedAt,
    related: [...a.related, `took-in:${b.caseId}`].slice(-MAX_RELATED),
  }
  const level = LEVELS.findLast((name) => name === target.level || name === joined.level) ?? target.level
  return withNational({ ...grown, level, record }, law)
}

const OF_THE_INCIDENT = ['measuresReceivedAt', 'causesEliminatedAt', 'consequencesEliminatedAt', 'handledAt']

/** Facts of a case that only its time as an incident explains; deliveries by the clock that they proved. */
function incidentFacts({ facts }: CaseState): Fact[] {
  return facts.flatMap((fact) => {
    if (OF_THE_INCIDENT.includes(fact.name)) return [fact]
    const clocks = (fact.clocks ?? []).filter((key) => key.endsWith('/incident'))
    return fact.name === 'delivery' && clocks.length > 0 ? [{ ...fact, clocks }] : []
  })
}

/** True when the other case has the same duty, due no later; of the incident that an event becomes, the very same clock. */
function isKept(clock: ClockState, grown: CaseState, target: CaseState): boolean {
  const [duty = '', kind = ''] = clock.clockId.split('/')
  // A ticket takes its clocks along.
  if (kind.startsWith('ticket')) return true
  if (kind === 'incident' && target.record.kind === 'event' && grown.record.kind === 'incident') return true
  return target.record.clocks.some(
    (kept) => kept.clockId.split('/')[0] === duty && kept.state !== 'cancelled' && kept.dueAt <= clock.dueAt,
  )
}
