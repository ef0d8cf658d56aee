import type { Admission, Sender, Verdict } from './admission.ts'
import type { CollectedFrame } from './collected-frame.ts'

/** `formatHint` of a registered source that is a collector; only then is its envelope opened. */
export const COLLECTOR_FORMAT = 'tocsin-collect'

/** Collectors that are remembered; beyond it the one heard first is forgotten, and the normalizer still drops repeats. */
const COLLECTORS_MAX = 10_000

/**
 * How far each collector has come, as far as this process has seen. A line that it has taken before is a repeat of one that
 * the collector saw no answer for. Repeats across processes are dropped by the normalizer, whose memory is in Kafka.
 */
export class CollectorPositions {
  readonly #highest = new Map<string, number>()

  /** Takes the next line of a collector; gives `repeat`, or how many numbers are missing before it. */
  take(collectorId: string, seq: number): 'repeat' | number {
    const highest = this.#highest.get(collectorId)
    if (highest !== undefined && seq <= highest) return 'repeat'
    if (highest === undefined && this.#highest.size >= COLLECTORS_MAX) {
      const [oldest] = this.#highest.keys()
      if (oldest !== undefined) this.#highest.delete(oldest)
    }
    this.#highest.set(collectorId, seq)
    return highest === undefined ? 0 : seq - highest - 1
  }
}

/**
 * Takes a collector, what was decided of it, and a frame that it forwards; gives as whose source the frame comes in: the one
 * registered for the device behind it (by its address, or by `collect:<input>` as listener), where that is of the same
 * constituent, else the collector's own. A device out of legal scope is refused.
 */
export function decideOrigin(
  admission: Admission,
  collector: Sender,
  own: Verdict & { kind: 'admitted' },
  { input, address }: CollectedFrame,
  nowMs: number,
): Verdict {
  const device = admission.decide(
    {
      listener: `collect:${input}`,
      transport: 'collect',
      address: address ?? collector.address,
      certificateSubject: collector.certificateSubject,
    },
    nowMs,
  )
  // A collector may not speak for another body, whatever address it names (design.md 2.6).
  if (device.constituent !== own.constituent) return own
  return device.kind === 'admitted' || device.reason === 'out-of-scope' ? device : own
}
