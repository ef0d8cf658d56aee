import type { Detection, EnrichedEvent } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'

/** A span of event time, UTC milliseconds; the end is not in it. */
export interface Span {
  fromMs: number
  toMs: number
}

/** Reads `--from` and `--to` as ISO 8601; without them everything that Kafka keeps. Throws `bad_arguments`. */
export function readSpan(from: string | undefined, to: string | undefined): Span {
  const instant = (text: string | undefined, otherwise: number): number => {
    const ms = text === undefined ? otherwise : Date.parse(text)
    if (Number.isNaN(ms)) throw new TocsinError('bad_arguments', `"${text}" is no time; write 2026-08-10T08:00:00Z.`)
    return ms
  }
  return { fromMs: instant(from, 0), toMs: instant(to, Number.MAX_SAFE_INTEGER) }
}

/**
 * Reads the events of a span and what production said of it from Kafka, without a group, so that nothing is moved. A detection counts by its first
 * event; its revisions are folded to the last. Gives the time of the process's clock.
 */
export async function readHistory(
  env: Readonly<Record<string, string | undefined>>,
  { fromMs, toMs }: Span,
  give: (event: EnrichedEvent) => void,
): Promise<{ detections: Detection[]; nowMs: number }> {
  const kafka = await openKafkaForCommand(env)
  try {
    const detections = new Map<string, Detection>()
    const within = (ms: number): boolean => ms >= fromMs && ms < toMs
    const following = await kafka.follow(['enriched-events', 'detections'], { from: 'beginning' }, (record) => {
      if (record.value === null) return
      if (record.topic === 'enriched-events') {
        if (within(record.value.occurredAt)) give(record.value)
      } else if (within(record.value.firstEvent)) {
        const before = detections.get(record.value.detectionId)
        if (before === undefined || before.revision <= record.value.revision)
          detections.set(record.value.detectionId, record.value)
      }
    })
    await following.caughtUp
    await following.close()
    return { detections: [...detections.values()], nowMs: kafka.clock.now() }
  } finally {
    await kafka.close()
  }
}
