import { ECS_FIELDS, type EnrichedEvent } from '@tocsin/events'
import {
  appliesTo,
  type CompiledCorrelation,
  type DetectionItem,
  type FieldMapping,
  mapField,
  normalLogSource,
  type RuleDocument,
} from '@tocsin/sigma'
import { logSourceOf } from '../event-log-source.ts'
import { namesIn, truthOf } from './truth.ts'

/** What a rule can do for a body, from what its sources have sent. */
export type CoverageState = 'can-fire' | 'never-fired' | 'blind' | 'source-silent'

/** One cell of the dead-rule matrix. */
export interface CoverageCell {
  ruleId: string
  title: string
  constituent: string
  state: CoverageState
  /** Why, in one sentence. */
  reason: string
  fired: number
  /** UTC milliseconds of the last event of the rule's log source; null where there was none. */
  lastAt: number | null
}

interface Seen {
  logSource: ReturnType<typeof normalLogSource>
  fields: Set<string>
  events: number
  lastAt: number
}

/** Events of one body and log source whose fields are looked at; later ones only say that the source lives. */
const maxLookedAt = 20_000
/** Selections whose combinations are tried; a rule with more is taken as able to fire. */
const maxTried = 14
const typedFields = Object.entries(ECS_FIELDS)

/** What has been seen of each body: log sources, the fields in them, and what fired. */
export class CoverageLedger {
  readonly #seen = new Map<string, Map<string, Seen>>()
  readonly #fired = new Map<string, number>()

  /** Takes an event of the span. */
  event(event: EnrichedEvent): void {
    const sources = this.#seen.get(event.constituent) ?? new Map<string, Seen>()
    this.#seen.set(event.constituent, sources)
    const logSource = normalLogSource(logSourceOf(event))
    const key = `${logSource.product}|${logSource.service}|${logSource.categories.join()}`
    let seen = sources.get(key)
    if (seen === undefined) {
      seen = { logSource, fields: new Set(), events: 0, lastAt: 0 }
      sources.set(key, seen)
    }
    seen.events++
    seen.lastAt = Math.max(seen.lastAt, event.occurredAt)
    if (seen.events <= maxLookedAt) for (const field of fieldsOf(event)) seen.fields.add(field)
  }

  /** Takes a detection of the span. */
  detection(ruleId: string, constituent: string): void {
    const key = `${ruleId}\u001f${constituent}`
    this.#fired.set(key, (this.#fired.get(key) ?? 0) + 1)
  }

  get constituents(): string[] {
    return [...this.#seen.keys()].sort()
  }

  fired(ruleId: string, constituent: string): number {
    return this.#fired.get(`${ruleId}\u001f${constituent}`) ?? 0
  }

  /** What a body has sent of the log sources that a rule asks for. */
  of(document: RuleDocument, constituent: string): Seen[] {
    return [...(this.#seen.get(constituent)?.values() ?? [])].filter((seen) =>
      appliesTo(document.logSource, seen.logSource),
    )
  }
}

function* fieldsOf(event: EnrichedEvent): Generator<string> {
  for (const [ecs, { name }] of typedFields) {
    const value = event[name as keyof EnrichedEvent]
    if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) yield ecs
  }
  yield* Object.keys(event.extra)
}

/** How the matrix is made. */
export interface CoverageOptions {
  mapping: FieldMapping
  /** End of the span, UTC milliseconds. */
  nowMs: number
  /** A log source of which nothing came for so long is silent. */
  silentAfterMs: number
}

/** The dead-rule matrix: each rule and correlation for each body. */
export function coverageOf(
  documents: readonly RuleDocument[],
  correlations: readonly CompiledCorrelation[],
  ledger: CoverageLedger,
  options: CoverageOptions,
): CoverageCell[] {
  return ledger.constituents.flatMap((constituent) => {
    const cells = new Map(
      documents.map((document) => [document.metadata.id, cellOf(document, constituent, ledger, options)] as const),
    )
    // A correlation stands behind those that it refers to, so its members have their cells already.
    for (const correlation of correlations)
      cells.set(correlation.metadata.id, correlationCell(correlation, constituent, cells, ledger))
    return [...cells.values()]
  })
}

function cellOf(
  document: RuleDocument,
  constituent: string,
  ledger: CoverageLedger,
  { mapping, nowMs, silentAfterMs }: CoverageOptions,
): CoverageCell {
  const { id: ruleId, title } = document.metadata
  const seen = ledger.of(document, constituent)
  const lastAt = seen.length === 0 ? null : Math.max(...seen.map((source) => source.lastAt))
  const fired = ledger.fired(ruleId, constituent)
  const cell = (state: CoverageState, reason: string): CoverageCell => ({
    ruleId,
    title,
    constituent,
    state,
    reason,
    fired,
    lastAt,
  })
  if (lastAt === null) return cell('blind', 'no source of this body sends such a log')
  if (!seen.some(({ fields }) => canHold(document, fields, mapping))) {
    const missing = missingFields(document, new Set(seen.flatMap(({ fields }) => [...fields])), mapping)
    return cell('blind', `its log sources never gave ${missing.join(', ')}`)
  }
  if (nowMs - lastAt > silentAfterMs) return cell('source-silent', 'nothing came of its log source for too long')
  return fired > 0 ? cell('can-fire', `fired ${fired} times`) : cell('never-fired', 'everything it needs is there')
}

function correlationCell(
  { metadata, ruleIds, type }: CompiledCorrelation,
  constituent: string,
  cells: ReadonlyMap<string, CoverageCell>,
  ledger: CoverageLedger,
): CoverageCell {
  const { id: ruleId, title } = metadata
  const members = ruleIds.flatMap((id) => cells.get(id) ?? [])
  const fired = ledger.fired(ruleId, constituent)
  const times = members.flatMap(({ lastAt }) => lastAt ?? [])
  const lastAt = times.length === 0 ? null : Math.max(...times)
  const cell = (state: CoverageState, reason: string): CoverageCell => ({
    ruleId,
    title,
    constituent,
    state,
    reason,
    fired,
    lastAt,
  })
  const needsAll = type === 'temporal' || type === 'temporal_ordered'
  const hurt = (state: CoverageState): CoverageCell[] => members.filter((member) => member.state === state)
  for (const state of ['blind', 'source-silent'] as const) {
    const those = hurt(state)
    if (those.length > 0 && (needsAll || those.length === members.length))
      return cell(state, `${those.map((member) => member.title).join(', ')}: ${those[0]?.reason}`)
  }
  return fired > 0 ? cell('can-fire', `fired ${fired} times`) : cell('never-fired', 'everything it needs is there')
}

/** Whether an item can hold although its field is never there. */
function holdsWithout({ modifiers, values }: DetectionItem): boolean {
  if (modifiers.includes('neq')) return true
  if (modifiers.includes('exists')) return values.some(({ value }) => value === false || value === 'false')
  return values.some(({ value }) => value === null)
}

const namedBy = ({ logSource }: RuleDocument, { field }: DetectionItem, mapping: FieldMapping): string =>
  mapField(mapping, logSource, field).name

/** Whether a rule's condition can hold when only these fields are ever there. */
function canHold(document: RuleDocument, fields: ReadonlySet<string>, mapping: FieldMapping): boolean {
  const { condition, selections } = document
  const names = [...selections.keys()]
  const mayHold = (item: DetectionItem): boolean =>
    item.field === '' || holdsWithout(item) || fields.has(namedBy(document, item, mapping))
  const possible = [...namesIn(condition, names)].filter((name) =>
    selections.get(name)?.alternatives.some((items) => items.every(mayHold)),
  )
  if (possible.length > maxTried) return true
  for (let combination = 0; combination < 2 ** possible.length; combination++) {
    const held = new Set(possible.filter((_, bit) => (combination >> bit) & 1))
    if (truthOf(condition, names, (name) => held.has(name))) return true
  }
  return false
}

function missingFields(document: RuleDocument, fields: ReadonlySet<string>, mapping: FieldMapping): string[] {
  const missing = new Set<string>()
  for (const { alternatives } of document.selections.values())
    for (const item of alternatives.flat())
      if (item.field !== '' && !holdsWithout(item) && !fields.has(namedBy(document, item, mapping)))
        missing.add(item.field)
  return [...missing]
}
