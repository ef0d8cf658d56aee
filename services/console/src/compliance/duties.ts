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

/** What shows that a duty is met or is not: which kind of thing, how much of it, and the page where one can look. */
export interface Evidence {
  verdict: 'pass' | 'fail' | 'unknown'
  /** Kind of evidence, a word of the page: sources, coverage, contacts, reports, requests, cases, limits, form, none. */
  shows: string
  /** How much: `3/4`, a date, a number; empty where the word says all. */
  value: string
  /** Path of the page that shows it; null where the console has none. */
  link: string | null
}

/** A source of the system and what is known of it. */
export interface WatchedSource {
  source: RegistrySource
  state: SourceState | undefined
}

/** Everything that the duties of one system are judged by. */
export interface SystemFacts {
  system: RegistrySystem
  body: RegistryConstituent | undefined
  contacts: readonly RegistryContact[]
  sources: readonly WatchedSource[]
  coverage: readonly CoverageState[]
  reports: readonly Report[]
  requests: readonly Request[]
  cases: readonly Incident[]
  /** UTC milliseconds. */
  nowMs: number
}

/** One duty of Article 5: its row of the law, and how it is judged. */
export interface Duty {
  id: string
  evidence: (facts: SystemFacts) => Evidence
}

const DAY_MS = 86_400_000
const SOURCES = '/sources'
const REQUESTS = '/requests'
const APPENDIX_1 = [
  'description',
  'ips',
  'services',
  'os',
  'monitoringPosition',
  'linkCapacityMbps',
  'expectedInputs',
] as const

/** The duties in the order of the article (VN-5.1a to VN-5.3k). A new one: one line here. */
export const DUTIES: readonly Duty[] = [
  { id: 'VN-5.1a', evidence: ({ sources }) => heard(sources) },
  { id: 'VN-5.1b', evidence: warnable },
  { id: 'VN-5.1c', evidence: ({ contacts }) => contactsWith(contacts, ['unit-in-charge', 'operator', 'manager']) },
  { id: 'VN-5.1d', evidence: ({ coverage }) => covered(coverage, 'mandatory-inputs') },
  { id: 'VN-5.1e', evidence: usualRate },
  { id: 'VN-5.2a', evidence: ({ sources }) => heard(sources.filter(({ source }) => isEquipment(source))) },
  { id: 'VN-5.2b', evidence: connections },
  { id: 'VN-5.2c', evidence: ({ sources }) => heard(sources.filter(({ source }) => source.kind === 'monitoring')) },
  {
    id: 'VN-5.2d',
    evidence: ({ system, coverage }) =>
      system.usesHttps ? covered(coverage, 'https') : { verdict: 'pass', shows: 'no-https', value: '', link: SOURCES },
  },
  { id: 'VN-5.2e', evidence: ({ sources }) => connected(sources.filter(({ source }) => isEquipment(source))) },
  { id: 'VN-5.3a', evidence: (facts) => reported(facts, 'daily', 2) },
  { id: 'VN-5.3b', evidence: ({ body }) => limits(body) },
  { id: 'VN-5.3c', evidence: instructions },
  { id: 'VN-5.3d', evidence: (facts) => reported(facts, 'weekly', 8) },
  { id: 'VN-5.3dd', evidence: ({ cases }) => classified(cases) },
  { id: 'VN-5.3e', evidence: ({ cases }) => collected(cases) },
  { id: 'VN-5.3g', evidence: ({ system }) => formFilled(system) },
  { id: 'VN-5.3h', evidence: () => ({ verdict: 'unknown', shows: 'retention', value: '', link: null }) },
  { id: 'VN-5.3i', evidence: (facts) => reported(facts, 'provision', 36) },
  { id: 'VN-5.3k', evidence: (facts) => reported(facts, 'six-month', 200) },
]

const nothing: Evidence = { verdict: 'unknown', shows: 'none', value: '', link: null }

function isEquipment({ sourceChannel, kind }: RegistrySource): boolean {
  return sourceChannel === 'equipment' || kind === 'monitoring' || kind === 'firewall'
}

/** All of the sources are heard within their limits. */
function heard(sources: readonly WatchedSource[]): Evidence {
  const count = sources.filter(({ state }) => state?.state === 'heard').length
  const value = `${count}/${sources.length}`
  return {
    verdict: sources.length > 0 && count === sources.length ? 'pass' : 'fail',
    shows: 'sources',
    value,
    link: SOURCES,
  }
}

/** At least one sensor has ever been connected, and none is stale. */
function connected(sources: readonly WatchedSource[]): Evidence {
  const ever = sources.filter(({ state }) => state !== undefined && state.lastSeenAt !== null)
  return { ...heard(sources), value: `${ever.length}/${sources.length}`, shows: 'connected' }
}

/** What arrives is as much as usual: too little or too much says that collection does not suit it. */
function usualRate({ sources }: SystemFacts): Evidence {
  const odd = sources.filter(({ state }) => state?.rate === 'low' || state?.rate === 'high').length
  if (sources.length === 0) return { ...nothing, link: SOURCES }
  return {
    verdict: odd === 0 ? 'pass' : 'fail',
    shows: 'rate',
    value: `${sources.length - odd}/${sources.length}`,
    link: SOURCES,
  }
}

function covered(coverage: readonly CoverageState[], kind: string): Evidence {
  const own = coverage.filter((one) => one.kind === kind)
  const good = own.filter(({ state }) => state === 'covered').length
  const verdict = own.length > 0 && good === own.length ? 'pass' : 'fail'
  return { verdict, shows: 'coverage', value: `${good}/${own.length}`, link: SOURCES }
}

/** Each Internet connection that the registry names is seen by a sensor that has reported (VN-5.2b). */
function connections({ system, coverage }: SystemFacts): Evidence {
  const wanted = system.internetConnections
  const seen = wanted.filter((id) =>
    coverage.some(
      ({ kind, subject, state }) => kind === 'internet-connection' && subject === id && state === 'covered',
    ),
  )
  const verdict = wanted.length > 0 && seen.length === wanted.length ? 'pass' : 'fail'
  return { verdict, shows: 'coverage', value: `${seen.length}/${wanted.length}`, link: SOURCES }
}

function contactsWith(contacts: readonly RegistryContact[], roles: readonly string[]): Evidence {
  const found = contacts.filter(({ role }) => roles.includes(role)).length
  return { verdict: found > 0 ? 'pass' : 'fail', shows: 'contacts', value: String(found), link: null }
}

/** The manager can be warned, and no warning of the system's incidents was late. */
function warnable({ contacts, cases }: SystemFacts): Evidence {
  const late = cases.find(({ clocks }) =>
    clocks.some((clock) => clock.clockId.startsWith('VN-5.1b') && clock.state === 'breached'),
  )
  if (late !== undefined)
    return { verdict: 'fail', shows: 'late-warning', value: late.number, link: `/incidents/${late.caseId}` }
  return contactsWith(contacts, ['manager', 'unit-in-charge'])
}

/** The newest report of a kind is not older than its period and the time to write it. */
function reported({ reports, nowMs }: SystemFacts, kind: string, days: number): Evidence {
  const newest = reports
    .filter((report) => report.kind.endsWith(kind))
    .reduce((latest, { to }) => Math.max(latest, to), Number.NEGATIVE_INFINITY)
  const value = Number.isFinite(newest) ? new Date(newest).toISOString().slice(0, 10) : ''
  if (value === '') return { verdict: 'fail', shows: 'no-report', value, link: null }
  return { verdict: nowMs - newest <= days * DAY_MS ? 'pass' : 'fail', shows: 'report', value, link: null }
}

/** The manager's own regulation has its time limits entered (VN-5.3b). */
function limits(body: RegistryConstituent | undefined): Evidence {
  const count = Object.keys(body?.limits ?? {}).length
  return { verdict: count > 0 ? 'pass' : 'fail', shows: 'limits', value: String(count), link: null }
}

/** No instruction of the Ministry is overdue (VN-5.3c-2). */
function instructions({ requests, system }: SystemFacts): Evidence {
  const own = requests.filter(({ kind, to }) => kind === 'instruction' && to === system.constituent)
  const overdue = own.filter(({ state }) => state === 'overdue').length
  if (overdue > 0) return { verdict: 'fail', shows: 'overdue', value: String(overdue), link: REQUESTS }
  return { verdict: 'pass', shows: 'instructions', value: String(own.length), link: REQUESTS }
}

/** What is closed has a class (VN-5.3dd). */
function classified(cases: readonly Incident[]): Evidence {
  const without = cases.find(
    ({ status, rsitClass, rsitType }) => status === 'closed' && rsitClass === 'other' && rsitType === 'undetermined',
  )
  if (without !== undefined)
    return { verdict: 'fail', shows: 'unclassified', value: without.number, link: `/incidents/${without.caseId}` }
  return { verdict: 'pass', shows: 'cases', value: String(cases.length), link: '/' }
}

/** Results of handling are collected in time (VN-5.3e). */
function collected(cases: readonly Incident[]): Evidence {
  const late = cases.find(({ clocks }) =>
    clocks.some((clock) => clock.clockId.startsWith('VN-5.3e') && clock.state === 'breached'),
  )
  if (late !== undefined)
    return { verdict: 'fail', shows: 'no-result', value: late.number, link: `/incidents/${late.caseId}` }
  return { verdict: 'pass', shows: 'cases', value: String(cases.length), link: '/' }
}

/** Every item of Appendix 1 that the registry holds is filled in (VN-5.3g). */
function formFilled(system: RegistrySystem): Evidence {
  const isFilled = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value !== null && value !== ''
  const filled = APPENDIX_1.filter((field) => isFilled(system[field])).length
  const value = `${filled}/${APPENDIX_1.length}`
  return { verdict: filled === APPENDIX_1.length ? 'pass' : 'fail', shows: 'form', value, link: null }
}
