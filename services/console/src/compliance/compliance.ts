import type {
  CoverageState,
  Incident,
  RegistryConstituent,
  RegistryContact,
  RegistrySource,
  RegistrySystem,
  Report,
  Request,
  SourceState,
} from '@tocsin/events'
import { DUTIES, type Evidence, type SystemFacts } from './duties.ts'

/** From this class on the duties of Article 5 bind; below it they are voluntary (VN-5.0). */
export const LEAST_BOUND_CLASS = 3

/** What the table is made from; main.ts answers from the tables of the topics. */
export interface ComplianceBook {
  systems(): Iterable<RegistrySystem>
  constituent(id: string): RegistryConstituent | undefined
  contacts(): Iterable<RegistryContact>
  sources(): Iterable<RegistrySource>
  state(sourceId: string): SourceState | undefined
  coverage(): Iterable<CoverageState>
  reports(): Iterable<Report>
  requests(): Iterable<Request>
  cases(constituent: string): readonly Incident[]
}

/** One duty of one system, with what shows it. */
export interface DutyCell extends Evidence {
  duty: string
}

/** One system as the table shows it. */
export interface ComplianceRow {
  systemId: string
  constituent: string
  name: string
  systemClass: number
  /** planned, active or retired. */
  state: string
  /** False for class 1 and 2, which the law does not bind. */
  isBound: boolean
  cells: DutyCell[]
  /** pass: every duty; fail: at least one is not met; unknown: none fails, and for some nothing is known. */
  verdict: Evidence['verdict'] | 'voluntary'
}

/** Everything of the page. */
export interface ComplianceView {
  duties: string[]
  rows: ComplianceRow[]
}

/**
 * Each Vietnamese system against the duties of Article 5 (VN-5.0). Takes what the account may see; nothing of a body that is
 * not visible is in it. Bound systems first, the worst of them first.
 */
export function complianceOf(
  book: ComplianceBook,
  isVisible: (constituent: string) => boolean,
  nowMs: number,
): ComplianceView {
  const ofBody = bodyTables(book, isVisible)
  const rows = [...book.systems()]
    .filter((system) => !system.deleted && system.state !== 'retired' && isVisible(system.constituent))
    .filter((system) => book.constituent(system.constituent)?.country === 'VN')
    .map((system) => rowOf(system, factsOf(system, book, ofBody(system.constituent), nowMs)))
  return { duties: DUTIES.map(({ id }) => id), rows: rows.sort(worstFirst) }
}

function rowOf(system: RegistrySystem, facts: SystemFacts): ComplianceRow {
  const { systemId, constituent, name, systemClass, state } = system
  const cells = DUTIES.map(({ id, evidence }) => ({ duty: id, ...evidence(facts) }))
  const isBound = systemClass >= LEAST_BOUND_CLASS
  const has = (verdict: string): boolean => cells.some((cell) => cell.verdict === verdict)
  const verdict = !isBound ? 'voluntary' : has('fail') ? 'fail' : has('unknown') ? 'unknown' : 'pass'
  return { systemId, constituent, name, systemClass, state, isBound, cells, verdict }
}

type BodyTables = Pick<SystemFacts, 'contacts' | 'reports' | 'requests' | 'cases' | 'body'> & {
  sources: readonly RegistrySource[]
  coverage: readonly CoverageState[]
}

/** The tables of one body, each read once. */
function bodyTables(book: ComplianceBook, isVisible: (id: string) => boolean): (constituent: string) => BodyTables {
  const by = <T extends { constituent: string }>(all: Iterable<T>): Map<string, T[]> =>
    Map.groupBy(
      [...all].filter(({ constituent }) => isVisible(constituent)),
      ({ constituent }) => constituent,
    )
  const tables = {
    contacts: by(book.contacts()),
    sources: by(book.sources()),
    coverage: by(book.coverage()),
    reports: by(book.reports()),
    requests: by(book.requests()),
  }
  return (id) => ({
    body: book.constituent(id),
    contacts: (tables.contacts.get(id) ?? []).filter(({ test, deleted }) => !test && !deleted),
    sources: tables.sources.get(id) ?? [],
    coverage: tables.coverage.get(id) ?? [],
    reports: (tables.reports.get(id) ?? []).filter(({ exercise }) => !exercise),
    requests: (tables.requests.get(id) ?? []).filter(({ exercise }) => !exercise),
    cases: book.cases(id).filter(({ exercise }) => !exercise),
  })
}

function factsOf(system: RegistrySystem, book: ComplianceBook, body: BodyTables, nowMs: number): SystemFacts {
  const { systemId } = system
  return {
    ...body,
    system,
    nowMs,
    sources: body.sources
      .filter(({ systemIds }) => systemIds.includes(systemId))
      .map((source) => ({ source, state: book.state(source.sourceId) })),
    coverage: body.coverage.filter(({ subject, systemIds }) => subject === systemId || systemIds.includes(systemId)),
    requests: body.requests.filter((request) => request.systemId === null || request.systemId === systemId),
    cases: body.cases.filter(({ systemIds }) => systemIds.length === 0 || systemIds.includes(systemId)),
  }
}

const WORST = ['fail', 'unknown', 'pass', 'voluntary']

function worstFirst(one: ComplianceRow, other: ComplianceRow): number {
  return (
    WORST.indexOf(one.verdict) - WORST.indexOf(other.verdict) ||
    other.systemClass - one.systemClass ||
    (one.systemId < other.systemId ? -1 : 1)
  )
}
