import type {
  ClockEvent,
  Delivery,
  Detection,
  HealthEvent,
  Incident,
  IncidentChange,
  SourceCount,
} from '@tocsin/events'
import type { Store } from '@tocsin/stage'
import type { Contribution, Coordinates, FactBook } from './fact-book.ts'
import { ALL, type Law, lawOf, type World } from './law.ts'
import { markMinute, slotsSeen } from './minutes.ts'

/** What is remembered of a detection: what it counts as, and by which case it was found false. */
interface DetectionMemo {
  kind: 'detection'
  counts: Contribution | null
  falseIn: string | null
  day: string
}
interface CaseMemo {
  kind: 'case'
  falseDetections: readonly string[]
}
interface MinutesMemo {
  kind: 'minutes'
  /** One bit a minute of the day, base64. */
  bits: string
  day: string
}
export type Memo = DetectionMemo | CaseMemo | MinutesMemo

/** States of a delivery that prove that somebody has it. */
const REACHES: ReadonlySet<string> = new Set(['delivered', 'acknowledged'])
const HEARD = ['received', 'accepted', 'refused', 'dropped'] as const

/**
 * Records to daily facts (VN-D, VN-4.2b-4). Exercises count nowhere. A false positive leaves every total on the day it was
 * counted and stands among `false-positives` on the day it was found; a reopening puts it back.
 */
export class Facts {
  readonly #book: FactBook
  readonly #memos: Store<Memo>
  readonly #world: World

  constructor(book: FactBook, memos: Store<Memo>, world: World) {
    this.#book = book
    this.#memos = memos
    this.#world = world
  }

  detection(detection: Detection, nowMs: number): void {
    const key = `detection|${detection.detectionId}`
    const memo = this.#memos.get(key)
    const known = memo?.kind === 'detection' ? memo : undefined
    // Updates of an episode keep their id; its first record is the one that counts.
    if (known?.counts !== undefined && known.counts !== null) return
    const law = lawOf(this.#world, detection.constituent)
    const day = law.dayOf(detection.detectedAt)
    const dimensions = { class: detection.rsitClass, severity: law.severityOf(detection.severity) }
    const at = { day, constituent: detection.constituent, pack: law.packId, name: 'detections', dimensions }
    const counts = detection.exercise ? null : { ...at, value: 1 }
    this.#keepDetection(key, { kind: 'detection', counts, falseIn: known?.falseIn ?? null, day }, nowMs)
  }

  change(change: IncidentChange, nowMs: number): void {
    const incident = JSON.parse(change.snapshot) as Incident
    const law = lawOf(this.#world, change.constituent)
    this.#book.replace(`case|${change.caseId}`, contributionsOf(incident, law), nowMs)
    const key = `case|${change.caseId}`
    const memo = this.#memos.get(key)
    const before = memo?.kind === 'case' ? memo.falseDetections : []
    const now = incident.status === 'false-positive' ? incident.detectionIds : []
    for (const id of before) if (!now.includes(id)) this.#markFalse(id, null, law.dayOf(change.at), nowMs)
    for (const id of now) this.#markFalse(id, change.caseId, law.dayOf(change.at), nowMs)
    if (before.length > 0 || now.length > 0) this.#memos.set(key, { kind: 'case', falseDetections: [...now] })
  }

  clockEvent(event: ClockEvent, nowMs: number): void {
    if (event.exercise) return
    this.#add(event.constituent, event.at, 'clocks', { clock: event.clockId, what: event.what }, 1, nowMs)
  }

  delivery(delivery: Delivery, nowMs: number): void {
    if (delivery.exercise) return
    this.#add(
      delivery.constituent,
      delivery.at,
      'deliveries',
      { channel: delivery.channel, state: delivery.state },
      1,
      nowMs,
    )
    if (delivery.clockId?.endsWith('/period') === true && REACHES.has(delivery.state)) this.#reached(delivery, nowMs)
  }

  /** The first proof that a report reached a role: whoever keeps its clock reads it, whatever partition it came by. */
  #reached({ constituent, noticeId, recipientRole: role, state, at }: Delivery, nowMs: number): void {
    const law = lawOf(this.#world, constituent)
    const dimensions = { notice: noticeId ?? '', role, state }
    const place = { day: law.dayOf(at), constituent, pack: law.packId, name: 'report-reached', dimensions }
    if (this.#book.value(place) === 0) this.#book.put(place, at, nowMs)
  }

  /** A fault of our own sight from its raising to its clearing; `outage-to` stays 0 while it lasts. */
  health(event: HealthEvent, nowMs: number): void {
    const constituent = event.constituent ?? ALL
    const law = lawOf(this.#world, constituent)
    const id = event.healthId
    const subject = event.sourceId ?? event.service
    if (event.state === 'raised') {
      if (event.level === 'info') return
      const at = { day: law.dayOf(event.at), constituent, pack: law.packId }
      const dimensions = { id, code: event.code, subject }
      this.#book.replace(`outage|${id}`, [{ ...at, name: 'outage-from', dimensions, value: event.at }], nowMs)
      return
    }
    const at = { day: law.dayOf(event.at), constituent, pack: law.packId }
    const cleared = { ...at, name: 'outage-to', dimensions: { id }, value: event.at }
    this.#book.replace(`outage-end|${id}`, [cleared], nowMs)
  }

  /** Counts of one hop; what the door counted tells when a source was heard. */
  count(count: SourceCount, nowMs: number): void {
    const { sourceId: source, constituent, minute } = count
    if (count.service === 'normalizer') {
      this.#add(constituent, minute, 'source-rejected', { source }, count.rejected, nowMs)
      return
    }
    if (count.service !== 'syslog-ingest') return
    for (const field of HEARD) this.#add(constituent, minute, `source-${field}`, { source }, count[field], nowMs)
    if (count.accepted > 0) this.#heard(count, nowMs)
  }

  #heard({ sourceId: source, constituent, minute }: SourceCount, nowMs: number): void {
    const law = lawOf(this.#world, constituent)
    const day = law.dayOf(minute)
    const at = (name: string): Coordinates => ({ day, constituent, pack: law.packId, name, dimensions: { source } })
    if (minute > this.#book.value(at('source-last-seen'))) this.#book.put(at('source-last-seen'), minute, nowMs)
    const key = `minutes|${source}|${day}`
    const memo = this.#memos.get(key)
    const before = memo?.kind === 'minutes' ? memo.bits : ''
    const bits = markMinute(before, minute)
    if (bits === before) return
    this.#memos.set(key, { kind: 'minutes', bits, day })
    const seen = slotsSeen(bits, this.#world.expectedIntervalSeconds(source))
    this.#book.put(at('source-slots-seen'), seen, nowMs)
  }

  #add(
    constituent: string,
    instant: number,
    name: string,
    dimensions: Record<string, string>,
    delta: number,
    nowMs: number,
  ): void {
    const law = lawOf(this.#world, constituent)
    this.#book.add({ day: law.dayOf(instant), constituent, pack: law.packId, name, dimensions }, delta, nowMs)
  }

  #markFalse(id: string, caseId: string | null, day: string, nowMs: number): void {
    const key = `detection|${id}`
    const memo = this.#memos.get(key)
    // The case may be known before its detection: topics are not ordered among each other.
    const known = memo?.kind === 'detection' ? memo : { kind: 'detection' as const, counts: null, falseIn: null, day }
    this.#keepDetection(key, { ...known, falseIn: caseId }, nowMs)
  }

  #keepDetection(key: string, memo: DetectionMemo, nowMs: number): void {
    this.#memos.set(key, memo)
    const { counts, falseIn } = memo
    const as = counts === null || falseIn === null ? counts : { ...counts, name: 'detections-excluded' }
    this.#book.replace(key, as === null ? [] : [as], nowMs)
  }
}

/** What a case adds, by its present state. */
function contributionsOf(incident: Incident, law: Law): Contribution[] {
  if (incident.exercise || incident.status === 'merged') return []
  const { constituent, kind, rsitClass, severity } = incident
  const on = (instant: number, name: string, dimensions: Record<string, string>): Contribution => ({
    day: law.dayOf(instant),
    constituent,
    pack: law.packId,
    name,
    dimensions,
    value: 1,
  })
  if (incident.status === 'false-positive')
    return [on(incident.closedAt ?? incident.modifiedAt, 'false-positives', { kind, class: rsitClass })]
  const contributions = [
    on(incident.detectedAt, 'cases', { kind, class: rsitClass, severity: law.severityOf(severity) }),
  ]
  if (incident.vnKind !== null)
    contributions.push(on(incident.detectedAt, 'cases-vn-kind', { vnKind: incident.vnKind }))
  if (incident.closedAt !== null) contributions.push(on(incident.closedAt, 'cases-closed', { kind }))
  return contributions
}
