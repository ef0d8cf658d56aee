import type { LawId } from './law-id.ts'

/** One test or suite as the reporter wrote it. */
export interface TestResult {
  file: string
  name: string
  nesting: number
  suite: boolean
  status: 'passed' | 'failed' | 'skipped'
}

export type Verdict = 'passed' | 'failed' | 'skipped' | 'none'

export interface IdVerdict {
  id: LawId
  verdict: Verdict
  /** Names of the tests that prove it, or fail to. */
  tests: string[]
}

/** A test names at most this many ids; more would prove too little of each. */
export const MAX_IDS_A_TEST = 3

const TOKEN = /^([A-Z][A-Z0-9]*-?[A-Za-z0-9.-]*?)(?=[ ,:]|$)/

/**
 * The ids at the start of a test's name: `KZ-10.3g, C1 the SB is told in time` → KZ-10.3g, C1. Only ids that the table knows
 * count, up to three; the first word that is none ends the list.
 */
export function idsInName(name: string, known: ReadonlySet<string>): string[] {
  const ids: string[] = []
  let rest = name
  while (ids.length < MAX_IDS_A_TEST) {
    const id = TOKEN.exec(rest)?.[1]
    if (id === undefined || !known.has(id)) break
    ids.push(id)
    const next = /^, ?/.exec(rest.slice(id.length))
    if (next === null) break
    rest = rest.slice(id.length + next[0].length)
  }
  return ids
}

/**
 * Judges every id by the results. An id passes when it has a test and all of them pass; a test with subtests counts as
 * skipped when one of its subtests was; skipped and none are not passed.
 */
export function verdictsOf(ids: readonly LawId[], results: readonly TestResult[]): IdVerdict[] {
  const known = new Set(ids.map(({ id }) => id))
  const tests = new Map<string, { name: string; status: TestResult['status'] }[]>()
  for (const { name, status } of withSkippedParents(results)) {
    for (const id of idsInName(name, known)) tests.set(id, [...(tests.get(id) ?? []), { name, status }])
  }
  return ids.map((id) => {
    const own = tests.get(id.id) ?? []
    const has = (status: TestResult['status']): boolean => own.some((test) => test.status === status)
    const verdict = own.length === 0 ? 'none' : has('failed') ? 'failed' : has('skipped') ? 'skipped' : 'passed'
    return { id, verdict, tests: own.map((test) => test.name) }
  })
}

/** Children come before their parent, in order, file by file. */
function* withSkippedParents(results: readonly TestResult[]): Generator<TestResult> {
  const skipped = new Map<string, boolean>()
  for (const result of results) {
    const below = `${result.file}\n${result.nesting + 1}`
    const status = result.status === 'passed' && skipped.get(below) === true ? 'skipped' : result.status
    skipped.delete(below)
    const level = `${result.file}\n${result.nesting}`
    if (status === 'skipped') skipped.set(level, true)
    yield { ...result, status }
  }
}

/** The report: a line for each id, then totals by law and mark. */
export function reportOf(verdicts: readonly IdVerdict[]): string {
  const lines = verdicts.map(({ id, verdict, tests }) => [id.id, id.mark, verdict, tests.join(' | ')].join('\t'))
  const totals = new Map<string, Record<Verdict, number>>()
  for (const { id, verdict } of verdicts) {
    const key = `${id.law}\t${id.mark}`
    const total = totals.get(key) ?? { passed: 0, failed: 0, skipped: 0, none: 0 }
    total[verdict] += 1
    totals.set(key, total)
  }
  const sums = [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, total]) => {
      const all = total.passed + total.failed + total.skipped + total.none
      return `total\t${key}\t${total.passed} of ${all} passed, ${total.failed} failed, ${total.skipped} skipped, ${total.none} none`
    })
  return `${[...lines, ...sums].join('\n')}\n`
}
