import { type Condition, type Moment, momentOf, type OtherClocks } from './condition.ts'
import { type CaseFacts, type Kind, kindsOf } from './facts.ts'
import { addDuration, dueAfter, settingOr } from './limit.ts'
import type { Pack } from './pack.ts'
import type { ClockSpec, MessageSpec, Texts, WarningSpec } from './pack-schema.ts'
import { holds } from './predicate.ts'

export type ClockState = 'running' | 'met' | 'breached' | 'cancelled'

/** A warning of one clock; `every` has no end of its own, the others have one instant. */
export interface ClockWarning {
  id: string
  /** First instant at which it is given. */
  at: number
  /** Milliseconds between repeats, null for a warning given once. */
  everyMs: number | null
  message: MessageSpec
  /** Where its period was changed meanwhile: it repeats until then only, and another one goes on. */
  until?: number
  /** How often those before it were given. */
  firstOrdinal?: number
}

/** Milliseconds between two repeats at the least: a wrong entry must not flood. */
export const LEAST_REPEAT_MS = 60_000

/** One legal time limit in force for one case. Instants are UTC milliseconds. */
export interface Clock {
  /** Id within the pack: C1. */
  clockId: string
  /** Kind of the case that it runs for: an event's clocks go on when the case becomes an incident. */
  kind: Kind
  /** Unique within the case: `C1/event`. Records and deliveries name the clock by it. */
  key: string
  title: Texts
  requirements: readonly string[]
  /** The place in the law, as a notice cites it. */
  ground: Texts | null
  /** Fact that started it. */
  startMoment: string
  startAt: number
  dueAt: number
  /** `breached` with a `metAt` was met late; the breach stays. */
  state: ClockState
  metAt: number | null
  metBy: string | null
  /** Id of the record that proves it. */
  metProof: string | null
  breachedAt: number | null
  cancelledAt: number | null
  cancelledBy: string | null
  /** Roles that the duty's own message goes to, and those that get a copy that never counts. */
  recipients: readonly string[]
  copies: readonly string[]
  notify: MessageSpec | null
  warnings: readonly ClockWarning[]
  onMiss: ClockSpec['onMiss']
}

/** What `clockFrom` needs of a clock or of a schedule. */
export type ObligationSpec = Pick<
  ClockSpec,
  'id' | 'title' | 'requirements' | 'ground' | 'met' | 'cancel' | 'notify' | 'warnings' | 'onMiss' | 'pauses'
>

/**
 * The clocks of one case that have started by `now`, in the pack's order. Pure: the same pack, facts and now give the same
 * clocks, whatever was computed before; facts after `now` do not count yet. There is no pause unless the pack declares one.
 */
export function clocksOf(pack: Pack, subject: CaseFacts, now: number): Clock[] {
  const clocks: Clock[] = []
  for (const [kind, kindSince] of kindsOf(subject, now)) {
    const facts = { ...subject, facts: [...subject.facts, { name: 'kindSince', at: kindSince.at }] }
    for (const spec of pack.clocks) {
      if (!spec.kinds.includes(kind) || (spec.when !== undefined && !holds(spec.when, subject.attributes))) continue
      const others = othersOf(clocks, placeOf(subject, kind))
      const key = `${spec.id}/${placeOf(subject, kind)}`
      const began = momentOf(spec.start, facts, key, others, now)
      if (began === null) continue
      const start = began.by === 'kindSince' ? kindSince : notBeforeKind(began, kind, kindSince.at)
      const dueAt = dueAfter(pack, facts, start.at, spec.limit)
      if (dueAt === null) continue
      clocks.push(clockFrom(pack, spec, kind, facts, start, dueAt, others, now))
    }
  }
  return clocks
}

/** Builds one clock from its start and due instants: what met, missed or cancelled it by `now`. */
export function clockFrom(
  pack: Pack,
  spec: ObligationSpec,
  kind: Kind,
  subject: CaseFacts,
  start: Moment,
  plainDueAt: number,
  others: OtherClocks,
  now: number,
): Clock {
  const key = `${spec.id}/${placeOf(subject, kind)}`
  const at = (condition: Condition | undefined): Moment | null =>
    condition === undefined ? null : notBefore(momentOf(condition, subject, key, others, now), start.at)
  const dueAt = plainDueAt + pausedMs(spec, start.at, plainDueAt, at, now)
  let met = at(spec.met)
  let cancelled = at(spec.cancel ?? pack.cancel)
  // What came first stands: a duty done is not undone by a later cancellation, nor the other way.
  if (met !== null && cancelled !== null) {
    if (cancelled.at < met.at) met = null
    else cancelled = null
  }
  const endedAt = met?.at ?? cancelled?.at ?? null
  const missed = now >= dueAt && (endedAt === null || endedAt > dueAt)
  return {
    clockId: spec.id,
    kind,
    key,
    title: spec.title,
    requirements: spec.requirements,
    ground: spec.ground ?? null,
    startMoment: start.by,
    startAt: start.at,
    dueAt,
    state: missed ? 'breached' : met !== null ? 'met' : cancelled !== null ? 'cancelled' : 'running',
    metAt: met?.at ?? null,
    metBy: met?.by ?? null,
    metProof: met?.ref ?? null,
    breachedAt: missed ? dueAt : null,
    cancelledAt: cancelled?.at ?? null,
    cancelledBy: cancelled?.by ?? null,
    recipients: spec.notify?.to ?? [],
    copies: spec.notify?.copies ?? [],
    notify: spec.notify ?? null,
    warnings: (spec.warnings ?? []).flatMap((warning) => warningsOf(pack, subject, warning, start.at, dueAt)),
    onMiss: spec.onMiss,
  }
}

function notBefore(moment: Moment | null, startAt: number): Moment | null {
  return moment === null || moment.at >= startAt ? moment : { ...moment, at: startAt }
}

/**
 * The clocks of a case begin no earlier than it became what they are for: an event verified first and promoted later owes
 * the incident's duties from the promotion. A ticket's hour does begin before the ticket, with the first record (AMB-TW4).
 */
function notBeforeKind(start: Moment, kind: Kind, since: number): Moment {
  return kind === 'ticket' || start.at >= since ? start : { ...start, at: since }
}

function momentAt(at: number | null | undefined, by: string): Moment | null {
  return at === null || at === undefined ? null : { at, by }
}

/** What stands after the slash of a clock's key. */
function placeOf({ part }: CaseFacts, kind: Kind): string {
  return part === undefined ? kind : `${kind}:${part}`
}

function othersOf(clocks: readonly Clock[], place: string): OtherClocks {
  const find = (clockId: string): Clock | undefined => clocks.find((clock) => clock.key === `${clockId}/${place}`)
  return {
    metAt: (clockId) => momentAt(find(clockId)?.metAt, `${clockId} met`),
    breachedAt: (clockId) => momentAt(find(clockId)?.breachedAt, `${clockId} missed`),
  }
}

/** Time between the start and the due instant during which the pack holds the clock still; a pause moves the end of the next. */
function pausedMs(
  spec: ObligationSpec,
  startAt: number,
  dueAt: number,
  at: (condition: Condition) => Moment | null,
  now: number,
): number {
  let pausedMs = 0
  for (const pause of spec.pauses ?? []) {
    const from = at(pause.from)
    if (from === null || from.at >= dueAt + pausedMs) continue
    const to = at(pause.to)
    const end = to === null || to.at < from.at ? now : to.at
    pausedMs += Math.max(0, end - Math.max(from.at, startAt))
  }
  return pausedMs
}

function warningsOf(
  pack: Pack,
  subject: CaseFacts,
  warning: WarningSpec,
  startAt: number,
  dueAt: number,
): ClockWarning[] {
  if (warning.every === undefined) return [warningOf(pack, warning, startAt, dueAt)]
  const { every } = warning
  const changes = typeof every === 'string' ? [] : (subject.settingsSince ?? []).filter(({ at }) => at > startAt)
  const found: ClockWarning[] = []
  let last = startAt
  let ordinal = 0
  // Each period of the regulation goes on from the last reminder; a shorter one that is over already reminds at the entry.
  for (const [index, from] of [startAt, ...changes.map(({ at }) => at)].entries()) {
    const until = changes[index]?.at
    const everyMs = addDuration(pack.timeZone, last, settingOr(pack, subject, every, from)) - last
    const at = Math.max(from, last + everyMs)
    const part: ClockWarning = { id: warning.id, at, everyMs, message: messageOf(warning) }
    found.push(until === undefined ? part : { ...part, until })
    if (ordinal > 0) found[index] = { ...(found[index] ?? part), firstOrdinal: ordinal }
    if (until === undefined || at >= until) continue
    const stepMs = Math.max(everyMs, LEAST_REPEAT_MS)
    const count = Math.floor((until - 1 - at) / stepMs) + 1
    last = at + (count - 1) * stepMs
    ordinal += count
  }
  return found
}

function warningOf(pack: Pack, warning: WarningSpec, startAt: number, dueAt: number): ClockWarning {
  const base = { id: warning.id, everyMs: null, message: messageOf(warning) }
  const zone = pack.timeZone
  if (warning.after !== undefined) return { ...base, at: addDuration(zone, startAt, warning.after) }
  if (warning.percent !== undefined)
    return { ...base, at: startAt + Math.floor(((dueAt - startAt) * warning.percent) / 100) }
  // A clock shorter than its warning's lead warns at its start.
  return { ...base, at: Math.max(startAt, subtractDuration(zone, dueAt, warning.before ?? 'PT0S')) }
}

function subtractDuration(zone: string, at: number, text: string): number {
  return at - (addDuration(zone, at, text) - at)
}

function messageOf(warning: WarningSpec): MessageSpec {
  return {
    id: warning.id,
    to: warning.to,
    all: warning.all,
    copies: warning.copies,
    template: warning.template,
    purpose: warning.purpose ?? 'warn',
  }
}
