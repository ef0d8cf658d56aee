import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'

/** The one source of time. Cores take instants as arguments; shells take this. */
export interface Clock {
  /** Now, UTC milliseconds. */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until it is told: for tests in one process. */
export function manualClock(startMs: number): Clock & { advance(ms: number): void; set(ms: number): void } {
  let nowMs = startMs
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms
    },
    set: (ms) => {
      nowMs = ms
    },
  }
}

/**
 * A clock across processes (H-CLOCK): the machine's clock plus the offset in a file, looked at every 200 ms.
 * `tocsin clock advance` writes the file; every service of the embedded stack follows within that time.
 */
export function fileClock(path: string, lookEveryMs = 200): Clock {
  let lookedAtMs = 0
  let modifiedMs = -1
  let offsetMs = 0
  return {
    now: () => {
      const realMs = Date.now()
      if (realMs - lookedAtMs >= lookEveryMs) {
        lookedAtMs = realMs
        const changedMs = existsSync(path) ? statSync(path).mtimeMs : -1
        if (changedMs !== modifiedMs) {
          modifiedMs = changedMs
          offsetMs = readClockOffset(path)
        }
      }
      return realMs + offsetMs
    },
  }
}

/** Reads the offset of a clock file, milliseconds; 0 where there is none. */
export function readClockOffset(path: string): number {
  if (!existsSync(path)) return 0
  const offset = Number(readFileSync(path, 'utf8').trim())
  return Number.isFinite(offset) ? offset : 0
}

/** Moves a clock file by `ms` (forward only: the legal clocks never run backwards); gives the new offset. */
export function advanceClockFile(path: string, ms: number): number {
  if (!(ms >= 0)) throw new RangeError(`The clock moves forward only; ${ms} ms was asked.`)
  const offset = readClockOffset(path) + ms
  writeFileSync(`${path}.part`, `${offset}\n`)
  renameSync(`${path}.part`, path)
  return offset
}

/** Takes the clock file of the settings, if any; gives the clock of the process. */
export function createClock(clockFile: string | undefined): Clock {
  return clockFile === undefined ? systemClock : fileClock(clockFile)
}
