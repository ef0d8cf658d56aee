import type { Detection, EnrichedEvent, Match } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { correlateWindows } from '../src/correlate-windows.ts'
import { matchRules } from '../src/match-rules.ts'
import type { RulesInForce } from '../src/rules-in-force.ts'

/** The whole engine over several partitions of events and of matches, records handed over as Kafka would; gives folded detections. The windows can be
 * made to crash after so many events: their memory is dropped and restored from the changelog. */
export async function foldedOver(
  rules: () => RulesInForce,
  events: readonly EnrichedEvent[],
  sources: number,
  targets: number,
  crashEvery = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const first = harnessOf(matchRules({ rules, matchPartitions: targets, latenessMs: 60_000, slot: 0 }), 0)
  const second = harnessOf(correlateWindows(rules), 0)
  let handed = 0
  let back = 0
  const place = (text: string, of: number): number =>
    text.split('').reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9_973, 7) % of
  const handOver = async (): Promise<void> => {
    for (const output of first.outputs().slice(handed)) {
      if (output.topic !== 'matches') continue
      await second.give(
        'matches',
        output.key ?? '',
        output.value as Match,
        output.partition ?? place(output.key ?? '', targets),
      )
    }
    handed = first.outputs().length
    for (; back < second.outputs().length; back++) {
      const output = second.outputs()[back]
      if (output?.topic === 'matches')
        await second.give('matches', output.key ?? '', output.value as Match, place(output.key ?? '', targets))
    }
  }
  for (const [n, event] of events.entries()) {
    first.now(event.receivedAt)
    second.now(event.receivedAt)
    await first.give('enriched-events', event.sourceId, event, place(event.eventId, sources))
    await first.tick(event.receivedAt)
    await handOver()
    if (n % crashEvery === crashEvery - 1) second.crash()
  }
  return fold(second.written('detections'))
}

/** Detections after folding revisions, as what must be equal however they came about: without id, revision and T0. */
export function fold(detections: readonly Detection[]): string[] {
  const last = new Map<string, Detection>()
  for (const detection of detections) {
    const known = last.get(detection.detectionId)
    if (known === undefined || detection.revision > known.revision) last.set(detection.detectionId, detection)
  }
  return [...last.values()]
    .map(({ ruleName, groupKey, firstEvent, lastEvent, value, eventCount, phase }) =>
      JSON.stringify([ruleName, groupKey, firstEvent, lastEvent, value, eventCount, phase]),
    )
    .sort()
}
