import type { Metrics } from '@tocsin/runtime'

/** Frames that came in or did not, by what became of them. */
export type Fate = 'received' | 'accepted' | 'refused' | 'dropped' | 'truncated' | 'repeated' | 'spooled'

/**
 * Counts for /metrics. They are plain numbers until `publish`, because a labelled counter costs more than the rest of
 * a frame's way.
 */
export class Tally {
  readonly #counts = new Map<string, number>()

  /** Adds to a listener's count; refused and dropped name a reason. */
  add(listener: string, fate: Fate, count = 1, reason = ''): void {
    const key = `${fate}\n${listener}\n${reason}`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count)
  }

  /** Moves what was counted since the last call into the counters of /metrics. */
  publish(metrics: Metrics): void {
    for (const [key, count] of this.#counts) {
      const [fate, listener, reason] = key.split('\n') as [Fate, string, string]
      const named = fate === 'refused' || fate === 'dropped'
      metrics
        .counter(`tocsin_ingest_frames_${fate}_total`, `Frames ${fate}`, named ? ['listener', 'reason'] : ['listener'])
        .inc(named ? { listener, reason } : { listener }, count)
    }
    this.#counts.clear()
  }
}
