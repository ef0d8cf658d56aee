import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `holds` gives something; fails with `what` after `timeoutMs`. Nothing here waits for a time to pass. */
export async function until<T>(
  what: string,
  holds: () => T | Promise<T>,
  timeoutMs = 60_000,
): Promise<NonNullable<Exclude<T, false>>> {
  for (const startMs = performance.now(); ; await pause(100)) {
    const found = await holds()
    if (found) return found as NonNullable<Exclude<T, false>>
    assert.ok(performance.now() - startMs < timeoutMs, `After ${timeoutMs / 1000} s there is no ${what}.`)
  }
}
