import type { ClockEvent, Delivery, IncidentChange, Request } from '@tocsin/events'
import { type ClockHappening, happeningsOf } from '@tocsin/obligations'
import { clockViewOf } from './change.ts'
import { allClocksOf, clockSubjectsOf } from './clocks.ts'
import type { Registry } from './registry.ts'
import { happeningsOfRequest, hasOwnClocks } from './requests/recomputed.ts'

/** What the topics say of all cases. */
export interface ClockTopics {
  changes: readonly IncidentChange[]
  clockEvents: readonly ClockEvent[]
  deliveries: readonly Delivery[]
  /** The newest record of each request. */
  requests: readonly Request[]
}

/** One difference between what was recorded and what follows from the facts. */
export interface ClockFault {
  caseId: string
  clockId: string
  fault: 'missing' | 'unfounded' | 'wrong-instant' | 'revision-gap' | 'no-proof' | 'no-pack' | 'unreadable'
  text: string
}

export interface Verification {
  cases: number
  clockEvents: number
  faults: ClockFault[]
}

/**
 * Recomputes every clock from the facts on the topics and compares with what was recorded: the inspector's check. A case's
 * facts come from its newest snapshot, its revisions must be without gaps, every delivery that met a clock must be on
 * `deliveries`. What falls due in the last `graceMs` before `nowMs` may still be on its way.
 */
export function verifyClocks(
  topics: ClockTopics,
  registry: Pick<Registry, 'constituent' | 'law'>,
  nowMs: number,
  graceMs: number,
): Verification {
  const recorded = recordedByCase(topics.clockEvents)
  const delivered = new Map(topics.deliveries.map((delivery) => [delivery.deliveryId, delivery]))
  const changes = Map.groupBy(topics.changes, (change) => change.caseId)
  const faults: ClockFault[] = []
  for (const [caseId, own] of changes) {
    const ordered = [...new Map(own.map((change) => [change.revision, change])).values()].sort(
      (a, b) => a.revision - b.revision,
    )
    const newest = ordered.at(-1)
    if (newest === undefined) continue
    if (newest.revision !== ordered.length) {
      const text = `${ordered.length} changes, but the newest revision is ${newest.revision}`
      faults.push({ caseId, clockId: '', fault: 'revision-gap', text })
    }
    faults.push(...faultsOfCase(newest, recorded.get(caseId) ?? new Map(), delivered, registry, nowMs, graceMs))
  }
  const requests = new Map(topics.requests.filter(hasOwnClocks).map((request) => [request.requestId, request]))
  for (const [requestId, request] of requests) {
    const law = registry.law(request.pack, { at: request.createdAt })
    if (law === undefined)
      faults.push({ caseId: requestId, clockId: '', fault: 'no-pack', text: `the pack ${request.pack} is not loaded` })
    else {
      const expected = happeningsOfRequest(request, law.pack, nowMs)
      faults.push(...differences(requestId, expected, recorded.get(requestId) ?? new Map(), nowMs, graceMs))
    }
  }
  for (const [caseId, events] of recorded) {
    if (changes.has(caseId) || requests.has(caseId)) continue
    for (const { clockId } of events.values())
      faults.push({ caseId, clockId, fault: 'unfounded', text: 'there is no such case or request' })
  }
  return { cases: changes.size, clockEvents: topics.clockEvents.length, faults }
}

/** What stands recorded of each case once withdrawals are taken off, in order of writing. */
function recordedByCase(events: readonly ClockEvent[]): Map<string, Map<string, ClockEvent>> {
  const cases = new Map<string, Map<string, ClockEvent>>()
  for (const event of events) {
    const own = cases.get(event.caseId) ?? new Map<string, ClockEvent>()
    cases.set(event.caseId, own)
    if (event.what === 'withdrawn') own.delete(event.proof ?? '')
    else own.set(event.clockEventId, event)
  }
  return cases
}

function faultsOfCase(
  change: IncidentChange,
  recorded: ReadonlyMap<string, ClockEvent>,
  delivered: ReadonlyMap<string, Delivery>,
  registry: Pick<Registry, 'constituent' | 'law'>,
  nowMs: number,
  graceMs: number,
): ClockFault[] {
  const { caseId } = change
  let view: ReturnType<typeof clockViewOf>
  try {
    view = clockViewOf(change.snapshot)
  } catch {
    return [
      {
        caseId,
        clockId: '',
        fault: 'unreadable',
        text: `the snapshot of revision ${change.revision} is not one of ours`,
      },
    ]
  }
  const law = registry.law(change.pack, { version: view.record.packVersion })
  if (law === undefined)
    return [{ caseId, clockId: '', fault: 'no-pack', text: `the pack ${change.pack} is not loaded` }]
  const faults: ClockFault[] = []
  for (const fact of view.facts) {
    const proof = fact.name === 'delivery' && fact.ref !== undefined ? delivered.get(fact.ref) : undefined
    if (proof !== undefined && proof.at !== fact.at) {
      const text = `delivery ${fact.ref} says ${iso(proof.at)}, the case says ${iso(fact.at)}`
      faults.push({ caseId, clockId: (fact.clocks ?? []).join(','), fault: 'no-proof', text })
    }
  }
  const clocks = allClocksOf(law.pack, clockSubjectsOf(view, registry), nowMs)
  const follows = clocks.flatMap((clock) => happeningsOf(caseId, clock, nowMs))
  return [...faults, ...differences(caseId, follows, recorded, nowMs, graceMs)]
}

/** Compares what follows from the facts with what was recorded. */
function differences(
  caseId: string,
  follows: readonly ClockHappening[],
  recorded: ReadonlyMap<string, ClockEvent>,
  nowMs: number,
  graceMs: number,
): ClockFault[] {
  const faults: ClockFault[] = []
  const expected = new Map(follows.map((one) => [one.eventId, one]))
  for (const [eventId, { clockKey, what, at }] of expected) {
    if (recorded.has(eventId) || at > nowMs - graceMs) continue
    faults.push({ caseId, clockId: clockKey, fault: 'missing', text: `${what} at ${iso(at)} was not recorded` })
  }
  for (const [eventId, { clockId, what, at, dueAt }] of recorded) {
    const one = expected.get(eventId)
    if (one === undefined) {
      faults.push({ caseId, clockId, fault: 'unfounded', text: `${what} at ${iso(at)} does not follow from the facts` })
    } else if (one.at !== at || one.clock.startAt > dueAt) {
      faults.push({
        caseId,
        clockId,
        fault: 'wrong-instant',
        text: `${what} is recorded at ${iso(at)}, it follows at ${iso(one.at)}`,
      })
    }
  }
  return faults
}

const iso = (at: number): string => new Date(at).toISOString()
