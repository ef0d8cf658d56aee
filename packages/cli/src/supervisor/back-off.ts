/** What is remembered of one program's crashes; give it back to `afterCrash` unchanged. */
export interface CrashHistory {
  /** Times of the crashes since it was last ready, newest last. */
  crashedAtMs: readonly number[]
  /** Crashes in a row without having been ready in between. */
  inARow: number
}

export const noCrashes: CrashHistory = { crashedAtMs: [], inARow: 0 }

const firstWaitMs = 500
const longestWaitMs = 10_000
const failingWindowMs = 60_000
const failingCrashes = 5

/**
 * Decides what follows a crash: wait 0.5 s, then twice as long each time up to 10 s; `isFailing` after five crashes inside
 * 60 s without having been ready. A failing program is still started again: what it waits for may come back.
 */
export function afterCrash(
  history: CrashHistory,
  wasReady: boolean,
  nowMs: number,
): { history: CrashHistory; waitMs: number; isFailing: boolean } {
  const inARow = wasReady ? 1 : history.inARow + 1
  const before = wasReady ? [] : history.crashedAtMs
  const crashedAtMs = [...before, nowMs].filter((at) => nowMs - at < failingWindowMs)
  return {
    history: { crashedAtMs, inARow },
    waitMs: Math.min(firstWaitMs * 2 ** (inARow - 1), longestWaitMs),
    isFailing: crashedAtMs.length >= failingCrashes || inARow >= 2 * failingCrashes,
  }
}
