import { type HealthEvent, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { Watched } from './watched.ts'

/** So many silences of one body are told one by one in a window; what follows is told as one wave. */
const TOLD_ALONE = 5
const WINDOW_MS = 10 * 60_000

/** What is known of one body's silences at an instant. */
interface Recent {
  alone: number
  wave: number | null
}

/**
 * Keeps a fault of our own from becoming hundreds of notices: of many silences of one body at once the first are told by
 * themselves, the others with one event. Everything is read from the watched sources, so a crash changes nothing.
 */
export class SilenceWaves {
  readonly #bodyOf: (sourceId: string) => string | undefined
  readonly #recent = new Map<string, Recent>()
  readonly #nowMs: number

  /** Looks at what was silent before; `bodyOf` gives a source's constituent. */
  constructor(watched: Iterable<[string, Watched]>, bodyOf: (sourceId: string) => string | undefined, nowMs: number) {
    this.#bodyOf = bodyOf
    this.#nowMs = nowMs
    for (const [sourceId, { silentAt, wave }] of watched) {
      if (silentAt === null || silentAt <= nowMs - WINDOW_MS) continue
      const recent = this.#of(bodyOf(sourceId) ?? '')
      if (wave === null) recent.alone += 1
      else recent.wave = Math.max(recent.wave ?? 0, wave)
    }
  }

  /** Counts one more silence; gives the wave that it belongs to (null: told by itself), and whether that wave begins with it. */
  join(sourceId: string): { wave: number | null; isNew: boolean } {
    const recent = this.#of(this.#bodyOf(sourceId) ?? '')
    if (recent.alone < TOLD_ALONE) {
      recent.alone += 1
      return { wave: null, isNew: false }
    }
    const isNew = recent.wave === null
    recent.wave ??= this.#nowMs
    return { wave: recent.wave, isNew }
  }

  #of(constituent: string): Recent {
    const recent = this.#recent.get(constituent) ?? { alone: 0, wave: null }
    this.#recent.set(constituent, recent)
    return recent
  }
}

/** One event for the silences of a wave, and for its end. `place` tells waves of different partitions apart. */
export function waveHealth(
  constituent: string,
  place: number,
  wave: number,
  state: 'raised' | 'cleared',
  nowMs: number,
): OutputTo<'health-events'> {
  const from = new Date(wave).toISOString()
  const value: HealthEvent = {
    healthId: idFrom('reporter', 'sources_silent', constituent, place, wave),
    code: 'sources_silent',
    service: 'reporter',
    slot: '',
    constituent,
    sourceId: null,
    level: 'critical',
    state,
    at: nowMs,
    message:
      state === 'raised'
        ? `Many sources of ${constituent} fell silent at once, from ${from} on: look at syslog-ingest, at the network between and at the clock before looking at each of them; they are listed under Sources.`
        : `The sources of ${constituent} that fell silent together from ${from} on are all heard again.`,
    values: { constituent, since: from },
  }
  return { topic: 'health-events', key: constituent, value }
}
