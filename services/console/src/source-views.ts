import type { CoverageState, Outage, RegistrySource, RegistrySystem, SourceState } from '@tocsin/events'

/** What the page of sources is made from; main.ts answers from the tables. */
export interface SourceBook {
  sources(): Iterable<RegistrySource>
  state(sourceId: string): SourceState | undefined
  system(systemId: string): RegistrySystem | undefined
  coverage(): Iterable<CoverageState>
  outages(): Iterable<Outage>
}

/** One source as the page shows it. */
export interface SourceView {
  sourceId: string
  constituent: string
  name: string
  kind: string
  circuit: string
  deviceName: string | null
  /** heard, silent, never-heard, or waiting: registered and not watched yet. */
  state: string
  since: number
  lastSeenAt: number | null
  limitSeconds: number
  limitBasis: string
  rate: string
  linesLastHour: number
  linesUsual: number | null
  clock: string
  skewMs: number | null
}

/** Coverage of a system or a connection, with names for people. */
export type CoverageView = Omit<CoverageState, 'updatedAt'> & { name: string }

/** One gap, with the name of its source. */
export type OutageView = Pick<
  Outage,
  'outageId' | 'constituent' | 'subject' | 'startedAt' | 'endedAt' | 'limitSeconds' | 'limitBasis'
> & { name: string }

/** How many sources somebody maintains; null where the registry does not say (KZ-6.1). */
export interface MaintainerTotal {
  maintainedBy: string | null
  count: number
}

/** Everything of the page. */
export interface SourcesPageView {
  sources: SourceView[]
  maintainers: MaintainerTotal[]
  coverage: CoverageView[]
  outages: OutageView[]
}

const MAX_SOURCES = 20_000
const MAX_OUTAGES = 500
const OUTAGES_WITHIN_MS = 31 * 86_400_000
const WORST_FIRST: readonly string[] = ['silent', 'never-heard', 'waiting', 'heard']

/** Takes what the account may see; gives the page's data, worst first. Nothing of a body that is not visible is in it. */
export function sourcesPageOf(
  book: SourceBook,
  isVisible: (constituent: string) => boolean,
  nowMs: number,
): SourcesPageView {
  const visible = [...book.sources()].filter(({ constituent }) => isVisible(constituent))
  const names = new Map(visible.map(({ sourceId, name }) => [sourceId, name]))
  return {
    sources: visible
      .map((source) => viewOf(source, book.state(source.sourceId)))
      .sort(worstFirst)
      .slice(0, MAX_SOURCES),
    maintainers: maintainersOf(visible),
    coverage: [...book.coverage()]
      .filter(({ constituent }) => isVisible(constituent))
      .map(({ updatedAt: _updatedAt, ...one }) => ({ ...one, name: nameOf(one, book) }))
      .sort((one, other) => (one.coverageId < other.coverageId ? -1 : 1)),
    outages: [...book.outages()]
      .filter(({ constituent, endedAt }) => isVisible(constituent) && (endedAt ?? nowMs) > nowMs - OUTAGES_WITHIN_MS)
      .sort((one, other) => other.startedAt - one.startedAt)
      .slice(0, MAX_OUTAGES)
      .map(({ outageId, constituent, subject, startedAt, endedAt, limitSeconds, limitBasis }) => {
        const name = names.get(subject) ?? subject
        return { outageId, constituent, subject, startedAt, endedAt, limitSeconds, limitBasis, name }
      }),
  }
}

function maintainersOf(sources: readonly RegistrySource[]): MaintainerTotal[] {
  return [...Map.groupBy(sources, ({ maintainedBy }) => maintainedBy)]
    .map(([maintainedBy, own]) => ({ maintainedBy, count: own.length }))
    .sort((one, other) => other.count - one.count || ((one.maintainedBy ?? '') < (other.maintainedBy ?? '') ? -1 : 1))
}

function nameOf({ kind, subject }: Pick<CoverageState, 'kind' | 'subject'>, book: SourceBook): string {
  return kind === 'internet-connection' ? subject : (book.system(subject)?.name ?? subject)
}

function viewOf(source: RegistrySource, state: SourceState | undefined): SourceView {
  const { sourceId, constituent, name, kind, circuit, deviceName, changedAt } = source
  const known = { sourceId, constituent, name, kind, circuit, deviceName }
  // A state under another body's name is a source that has moved: it says nothing of this one.
  if (state === undefined || state.constituent !== constituent) {
    const unknown = { limitSeconds: source.expectedIntervalSeconds ?? 900, limitBasis: 'default', linesLastHour: 0 }
    const unmeasured = { rate: 'unlearned', linesUsual: null, clock: 'unknown', skewMs: null, lastSeenAt: null }
    return { ...known, ...unknown, ...unmeasured, state: 'waiting', since: changedAt }
  }
  const { updatedAt: _updatedAt, sourceId: _sourceId, constituent: _constituent, ...health } = state
  return { ...known, ...health }
}

function worstFirst(one: SourceView, other: SourceView): number {
  const rank = ({ state, clock, rate }: SourceView): number =>
    WORST_FIRST.indexOf(state) * 2 +
    (state === 'heard' && clock !== 'wrong' && rate !== 'low' && rate !== 'high' ? 1 : 0)
  return rank(one) - rank(other) || one.name.localeCompare(other.name, 'en') || (one.sourceId < other.sourceId ? -1 : 1)
}
