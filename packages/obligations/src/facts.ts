import type { Subject } from './predicate.ts'

/** What proves that a message reached someone, weakest first: our relay took it, their channel took it, a person confirmed. */
export type ProofLevel = 'sent' | 'delivered' | 'acknowledged'

/**
 * One happening in a case's life. Names are the vocabulary of `MOMENTS` plus what a pack declares; `delivery` carries the
 * role that was reached, the proof, and the clocks (`C1/event`) whose notice it was.
 */
export interface Fact {
  name: string
  /** Legal instant, UTC milliseconds. */
  at: number
  role?: string
  proof?: ProofLevel
  clocks?: readonly string[]
  /** Id of the record that proves it. */
  ref?: string
  /** From this instant on the fact no longer counts: a closure that was reopened. */
  withdrawnAt?: number
}

/** Kinds of what can have clocks: the kinds of a case, a Taiwan ticket, a reporting period, a formal request, an account. */
export const KINDS = ['event', 'incident', 'threat', 'ticket', 'period', 'request', 'account'] as const
export type Kind = (typeof KINDS)[number]

/** Everything the engine knows of one case. Facts may come in any order. */
export interface CaseFacts {
  caseId: string
  constituent: string
  /** What it is now. An incident that was an event first has `promotedAt` after `detectedAt`. */
  kind: Kind
  exercise?: boolean
  /** Which of several of its kind within the case: the second ticket of a case. Its clocks are `TW-1.2/ticket:<part>`. */
  part?: string
  /** What predicates look at: severity, class, registered object … */
  attributes: Subject
  facts: readonly Fact[]
  /** Values that the constituent's own regulation puts in place of the pack's defaults (VN-5.3b). */
  settings?: Readonly<Record<string, string>>
  /** Later values of the regulation, each from its own instant on, oldest first: timers follow them at once. */
  settingsSince?: readonly SettingsSince[]
}

/** The values of a constituent's regulation from an instant on, UTC milliseconds. */
export interface SettingsSince {
  at: number
  settings: Readonly<Record<string, string>>
}

/** Names of moments that every pack may use. A pack adds its own under `moments`. */
export const MOMENTS = [
  'kindSince',
  'occurredAt',
  'detectedAt',
  'awareAt',
  'promotedAt',
  'verifiedAt',
  'acknowledgedAt',
  'answeredAt',
  'analysisReceivedAt',
  'measuresReceivedAt',
  'causesEliminatedAt',
  'consequencesEliminatedAt',
  'handledAt',
  'falsePositiveAt',
  'mergedAt',
  'closedAt',
  'openedAt',
  'dueAt',
  'firstRecordAt',
  'uploadedAt',
  'periodStart',
  'periodEnd',
  'submittedAt',
] as const

/** Turns the moments of a record into facts; null and missing ones are left out. */
export function factsFromMoments(moments: Readonly<Record<string, number | null | undefined>>): Fact[] {
  const facts: Fact[] = []
  for (const [name, at] of Object.entries(moments)) {
    if (typeof at === 'number') facts.push({ name, at })
  }
  return facts
}

/** Since when a case has been of a kind, and the fact that made it so. */
export interface KindSince {
  at: number
  by: string
}

/**
 * The kinds that a case has been by `now`. An event that was promoted was both, and each keeps its own clocks; a case that
 * was an incident from the first instant has never been a mere event (AMB-KZ6).
 */
export function kindsOf(subject: CaseFacts, now: number): Map<Kind, KindSince> {
  const kinds = new Map<Kind, KindSince>()
  const origin = ['detectedAt', 'openedAt', 'periodStart']
    .map((name) => firstOf(subject, name, now))
    .find((since) => since !== null)
  if (origin === undefined || origin === null) return kinds
  if (subject.kind !== 'incident' && subject.kind !== 'event') return kinds.set(subject.kind, origin)
  const promoted = firstOf(subject, 'promotedAt', now)
  if (promoted === null) {
    // The promotion may lie in the future of `now`: until then the case is the event that it was.
    const later = subject.facts.some((fact) => fact.name === 'promotedAt' && fact.at > origin.at)
    return kinds.set(later ? 'event' : subject.kind, origin)
  }
  if (promoted.at > origin.at) kinds.set('event', origin)
  return kinds.set('incident', promoted.at > origin.at ? promoted : origin)
}

function firstOf(subject: CaseFacts, name: string, now: number): KindSince | null {
  let first: KindSince | null = null
  for (const fact of subject.facts) {
    if (fact.name === name && fact.at <= now && (first === null || fact.at < first.at))
      first = { at: fact.at, by: name }
  }
  return first
}
