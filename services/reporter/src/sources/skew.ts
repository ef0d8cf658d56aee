/** The greatest skew of one minute: time that a line spends on the way only makes it smaller. */
export interface MinuteSkew {
  minute: number
  skewMs: number
}

const MINUTES_KEPT = 10
const MINUTES_NEEDED = 5
const STALE_MS = 30 * 60_000
/** A clock that is off by more is wrong. */
export const SKEW_LIMIT_MS = 60_000
/** Minutes that differ by more than this, or by a tenth of the skew, tell of held-back lines and not of a clock. */
const STEADY_MS = 30_000

/** Takes what one batch measured; gives the last minutes with it. */
export function noteSkew(skews: readonly MinuteSkew[], minute: number, skewMs: number): readonly MinuteSkew[] {
  const known = skews.find((one) => one.minute === minute)
  if (known !== undefined && known.skewMs >= skewMs) return skews
  return [...skews.filter((one) => one.minute !== minute), { minute, skewMs }]
    .sort((a, b) => a.minute - b.minute)
    .slice(-MINUTES_KEPT)
}

/**
 * What the last minutes say of a source's clock: its skew is the median of the minutes' greatest. Gives null where they
 * say nothing: too few, or too unlike one another (a buffer that is being emptied, a replay).
 */
export function clockOf(skews: readonly MinuteSkew[], nowMs: number): { isRight: boolean; skewMs: number } | null {
  const recent = skews.filter(({ minute }) => nowMs - minute < STALE_MS).map(({ skewMs }) => skewMs)
  if (recent.length < MINUTES_NEEDED) return null
  recent.sort((a, b) => a - b)
  const at = (share: number): number => recent[Math.floor(share * (recent.length - 1))] ?? 0
  const median = at(0.5)
  if (Math.abs(median) <= SKEW_LIMIT_MS) return { isRight: true, skewMs: median }
  const steadyMs = Math.max(STEADY_MS, Math.abs(median) / 10)
  return at(0.8) - at(0.2) <= steadyMs ? { isRight: false, skewMs: median } : null
}

const HOUR_MS = 3_600_000

/** `+7 h`, `-5.5 h` where a skew is (within two minutes) a whole number of half hours: a wrong time zone, most likely. Else null. */
export function zoneOf(skewMs: number): string | null {
  const halves = Math.round(skewMs / (HOUR_MS / 2))
  if (halves === 0 || Math.abs(halves) > 28 || Math.abs(skewMs - halves * (HOUR_MS / 2)) > 120_000) return null
  return `${halves > 0 ? '+' : ''}${halves / 2} h`
}
