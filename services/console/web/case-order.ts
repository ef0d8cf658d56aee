import type { CaseSummary, ClockView } from '../src/case-view.ts'

const ENDED: readonly string[] = ['closed', 'false-positive', 'merged']

export function hasEnded(one: Pick<CaseSummary, 'status'>): boolean {
  return ENDED.includes(one.status)
}

/** True while the duty of a clock is not done: running, or past its time and still owed. */
export function isOwed(clock: ClockView): boolean {
  return clock.metAt === null && (clock.state === 'running' || clock.state === 'breached')
}

/** The clock that is due next; null where none is owed. */
export function nextClock(one: Pick<CaseSummary, 'clocks'>): ClockView | null {
  let next: ClockView | null = null
  for (const clock of one.clocks) if (isOwed(clock) && (next === null || clock.dueAt < next.dueAt)) next = clock
  return next
}

/** Open cases by what is due next, then those without a clock by severity; ended ones last, newest first. */
export function byNextDue(a: CaseSummary, b: CaseSummary): number {
  const ended = Number(hasEnded(a)) - Number(hasEnded(b))
  if (ended !== 0) return ended
  if (hasEnded(a)) return b.modifiedAt - a.modifiedAt
  const aDue = nextClock(a)?.dueAt ?? Number.POSITIVE_INFINITY
  const bDue = nextClock(b)?.dueAt ?? Number.POSITIVE_INFINITY
  if (aDue !== bDue) return aDue - bDue
  return b.severity - a.severity || b.detectedAt - a.detectedAt
}

/** What the list is narrowed to. */
export interface Filters {
  text: string
  body: string
  kind: string
  state: 'open' | 'ended' | 'all'
}

export const NO_FILTERS: Filters = { text: '', body: '', kind: '', state: 'open' }

/** True when the case fits; `words` is everything that the text is looked for in. */
export function fits(one: CaseSummary, filters: Filters, words: string): boolean {
  if (filters.body !== '' && one.constituent !== filters.body) return false
  if (filters.kind !== '' && one.kind !== filters.kind) return false
  if (filters.state !== 'all' && hasEnded(one) !== (filters.state === 'ended')) return false
  const wanted = filters.text.trim().toLowerCase().split(/\s+/)
  return wanted.every((word) => words.toLowerCase().includes(word))
}
