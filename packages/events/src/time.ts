/** Event time lies at most this far beyond receipt; beyond it the receive time is used (design.md 2.4). */
export const MAX_FUTURE_MS = 5 * 60_000

/** An event time after the bound on the future. */
export interface BoundedTime {
  /** UTC milliseconds to use. */
  occurredAt: number
  /** What the line said, when it was replaced. */
  originalTime: number | null
  /** Line time less receive time, milliseconds; null when the line named no time. */
  skewMs: number | null
}

/** Takes the time that a line named (or null) and its receive time, both UTC ms; gives the time to use. */
export function boundTime(lineTimeMs: number | null, receivedAtMs: number): BoundedTime {
  if (lineTimeMs === null || !Number.isFinite(lineTimeMs)) {
    return { occurredAt: receivedAtMs, originalTime: null, skewMs: null }
  }
  const skewMs = lineTimeMs - receivedAtMs
  if (skewMs > MAX_FUTURE_MS) return { occurredAt: receivedAtMs, originalTime: lineTimeMs, skewMs }
  return { occurredAt: lineTimeMs, originalTime: null, skewMs }
}
