/** What was learned of a source: its longest pauses by day, and its lines by hour of working days and of weekends. */
export interface Rhythm {
  /** The three longest pauses of each of the last days, milliseconds, newest day last; days are local day numbers. */
  pauses: readonly { day: number; longestMs: readonly number[] }[]
  /** `w07` (working day, seven o'clock) or `e23` (weekend) → smoothed lines of that hour and how often it was seen. */
  hours: Readonly<Record<string, { lines: number; seen: number }>>
}

/** Where the longest silence that is let pass comes from. */
export type LimitBasis = 'declared' | 'learned' | 'default'

export const NO_RHYTHM: Rhythm = { pauses: [], hours: {} }

/** The default of VN-5.1d as we read it. */
export const DEFAULT_LIMIT_MS = 15 * 60_000
const LEARN_DAYS = 14
/** A limit is learned from this many days on. */
const DAYS_NEEDED = 3
const PAUSES_KEPT = 3
const LEAST_LEARNED_MS = 5 * 60_000
const GREATEST_LEARNED_MS = 48 * 3_600_000
/** An hour is judged when it was seen this often, and when so many lines are usual that fewer or more say something. */
const HOURS_NEEDED = 3
const LINES_NEEDED = 60
const LEARN_WEIGHT = 0.2
/** One odd hour moves what is usual by no more than this factor: a flood or a hole does not become the rule. */
const TRUST_FACTOR = 4
const LOW_SHARE = 0.1
const HIGH_SHARE = 10

/** Takes a pause that ended on a local day; gives the rhythm with it. The same rhythm where it changes nothing. */
export function learnPause(rhythm: Rhythm, day: number, pauseMs: number): Rhythm {
  const last = rhythm.pauses.at(-1)
  if (last !== undefined && day < last.day) return rhythm
  if (last?.day === day) {
    if (last.longestMs.length >= PAUSES_KEPT && pauseMs <= (last.longestMs.at(-1) ?? 0)) return rhythm
    const longestMs = [...last.longestMs, pauseMs].sort((a, b) => b - a).slice(0, PAUSES_KEPT)
    return { ...rhythm, pauses: [...rhythm.pauses.slice(0, -1), { day, longestMs }] }
  }
  return { ...rhythm, pauses: [...rhythm.pauses, { day, longestMs: [pauseMs] }].slice(-LEARN_DAYS) }
}

/**
 * The longest silence that is normal, milliseconds. What was declared wins. Learned is twice the third-longest pause of two
 * weeks: an outage or two do not stretch it, a pause that comes again does.
 */
export function limitOf(rhythm: Rhythm, declaredSeconds: number | null): { limitMs: number; basis: LimitBasis } {
  if (declaredSeconds !== null) return { limitMs: declaredSeconds * 1_000, basis: 'declared' }
  if (rhythm.pauses.length < DAYS_NEEDED) return { limitMs: DEFAULT_LIMIT_MS, basis: 'default' }
  const third = rhythm.pauses.flatMap(({ longestMs }) => longestMs).sort((a, b) => b - a)[2] ?? 0
  return { limitMs: Math.min(GREATEST_LEARNED_MS, Math.max(LEAST_LEARNED_MS, 2 * third)), basis: 'learned' }
}

/** Name of an hour's slot: local day number (day 0 was a Thursday) and hour of that day. */
export function slotOf(day: number, hour: number): string {
  const weekday = (day + 4) % 7
  return `${weekday === 0 || weekday === 6 ? 'e' : 'w'}${String(hour).padStart(2, '0')}`
}

/** Lines that are usual in a slot, or null where too little was seen to say. */
export function usualLines(rhythm: Rhythm, slot: string): number | null {
  const hour = rhythm.hours[slot]
  return hour === undefined || hour.seen < HOURS_NEEDED ? null : hour.lines
}

/** How a full hour compares with what is usual. */
export function rateOf(rhythm: Rhythm, slot: string, lines: number): 'usual' | 'low' | 'high' | 'unlearned' {
  const usual = usualLines(rhythm, slot)
  if (usual === null) return 'unlearned'
  if (usual < LINES_NEEDED && lines < LINES_NEEDED * HIGH_SHARE) return 'usual'
  if (lines < usual * LOW_SHARE) return 'low'
  return lines > Math.max(usual, LINES_NEEDED) * HIGH_SHARE ? 'high' : 'usual'
}

/** Takes a full hour; gives the rhythm with it. */
export function learnHour(rhythm: Rhythm, slot: string, lines: number): Rhythm {
  const { lines: before, seen } = rhythm.hours[slot] ?? { lines, seen: 0 }
  const trusted =
    seen < HOURS_NEEDED ? lines : Math.min(Math.max(lines, before / TRUST_FACTOR), Math.max(1, before) * TRUST_FACTOR)
  const weight = Math.max(LEARN_WEIGHT, 1 / (seen + 1))
  const hour = { lines: before + weight * (trusted - before), seen: Math.min(seen + 1, 1_000) }
  return { ...rhythm, hours: { ...rhythm.hours, [slot]: hour } }
}
