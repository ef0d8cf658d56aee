// Taiwan has had no summer time since 1979; every instant that we export is later (IANA Asia/Taipei).
const TAIPEI_OFFSET_MS = 8 * 3_600_000

const local = (instantMs: number): string => new Date(instantMs + TAIPEI_OFFSET_MS).toISOString()

/**
 * Takes an instant, UTC milliseconds; gives `YYYY-MM-DD HH:MM:SS.X` in Asia/Taipei (TW-R08). `digits` (1 to 5) is the
 * number of decimals; the rest is cut, not rounded, so that a time never lies after its record (AMB-TW9).
 */
export function taipeiTime(instantMs: number, digits = 1): string {
  const iso = local(instantMs)
  const decimals = iso.slice(20, 23).padEnd(5, '0').slice(0, digits)
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${decimals}`
}

/** The day in Asia/Taipei as YYYYMMDD. */
export function taipeiDay(instantMs: number): string {
  return local(instantMs).slice(0, 10).replaceAll('-', '')
}

/** The day of an instant in Taipei, `2026-11-22`. */
export const taipeiDate = (ms: number): string => taipeiTime(ms).slice(0, 10)
