import {
  type Event,
  eventIdFrom,
  eventIdFromCollector,
  type RawBlock,
  type RawFrame,
  type RegistrySource,
} from '@tocsin/events'
import { eventRecord } from './event-record.ts'
import { normalizeFrame } from './normalize.ts'
import type { NormalizeResult, Parser, SourceSettings } from './parser.ts'

/** A frame's event as it goes to the topic, or why nothing of it could be kept. */
export type FrameReading = { kind: 'event'; value: Event } | Extract<NormalizeResult, { kind: 'rejected' }>

/** The id of a frame's event: from what the collector gave it, else from its place in the block (design.md 2.3). */
export function eventIdOf(block: Pick<RawBlock, 'blockId'>, frame: RawFrame, index: number): string {
  return frame.collectorId !== null && frame.collectorSeq !== null
    ? eventIdFromCollector(frame.collectorId, frame.collectorSeq, frame.receivedAt)
    : eventIdFrom(block.blockId, index, frame.receivedAt)
}

/** Reads one frame of a block; the same frame, settings and parsers give the same event. */
export function readFrame(
  block: RawBlock,
  index: number,
  source: RegistrySource | undefined,
  settings: SourceSettings,
  parsers: readonly Parser[],
): FrameReading {
  const frame = block.frames[index] as RawFrame
  const { octets, receivedAt } = frame
  const result = normalizeFrame({ octets, receivedAt, source: settings }, parsers)
  if (result.kind === 'rejected') return result
  const value = eventRecord(result, {
    eventId: eventIdOf(block, frame, index),
    constituent: block.constituent,
    sourceId: block.sourceId,
    receivedAt,
    exercise: block.exercise,
    blockId: block.blockId,
    frameIndex: index,
    sourceChannel: source?.sourceChannel ?? 'other',
    circuit: source?.circuit ?? 'outer',
    octets,
  })
  if (frame.possibleRepeat) value.quality.push('possible_repeat')
  if (frame.truncatedBytes > 0) value.quality.push('frame_truncated')
  return { kind: 'event', value }
}

/** How the registry says that a source's lines are read, with the columns that it declared last. */
export function settingsOf(source: RegistrySource | undefined, columns?: readonly string[]): SourceSettings {
  const hint = source?.formatHint ?? null
  return {
    ...(source === undefined ? {} : { timeZone: source.timeZone, charset: source.charset }),
    ...(hint === null ? {} : { hint }),
    ...(columns === undefined ? {} : { columns }),
  }
}
