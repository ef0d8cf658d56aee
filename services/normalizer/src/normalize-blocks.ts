import { eventIdFrom, eventIdFromCollector, type RawBlock, type RawFrame, type RegistrySource } from '@tocsin/events'
import { emitWithRejected, type Output, type Rejected, SourceCounter, type StageDefinition } from '@tocsin/stage'
import { CollectorMemory } from './collector-memory.ts'
import { ColumnMemory } from './column-memory.ts'
import { eventRecord } from './event-record.ts'
import { normalizeFrame } from './normalize.ts'
import type { Parser, SourceSettings } from './parser.ts'

/** What the stage looks up: the registered source of a block, as it stands now. */
export interface SourceLookup {
  get(sourceId: string): RegistrySource | undefined
}

/**
 * Raw blocks in, events out: one block gives one event for each frame, and one dead letter with its octets for each
 * frame of which nothing could be kept. Keyed by source, so the order of a source holds.
 */
export function normalizeBlocks(
  parsers: () => readonly Parser[],
  sources: SourceLookup,
  slot: number,
): StageDefinition<'raw-blocks'> {
  return {
    name: 'normalizer',
    inputs: ['raw-blocks'],
    stores: ['collectors', 'columns'],
    maxBatchRecords: 40, // A block holds up to 500 frames: a batch stays under 20,000 events.
    create: (task) => {
      const collectors = new CollectorMemory(task.store('collectors'))
      const columns = new ColumnMemory(task.store('columns'))
      const counter = new SourceCounter('normalizer', slot)
      let position = ''
      return {
        process: ({ value: block, topic, partition, offset }) => {
          position = `${topic}/${partition}/${offset}`
          const outputs: Output[] = []
          const rejected: Rejected[] = []
          const source = sources.get(block.sourceId)
          let settings = settingsIn(source, columns.of(block.sourceId))
          const live = parsers()
          const collected = collectors.block(block.sourceId)
          let isSkewNoted = false
          for (const [index, frame] of block.frames.entries()) {
            const { octets, receivedAt } = frame
            if (collected.isRepeat(frame)) {
              counter.add(block.sourceId, block.constituent, receivedAt, 'received')
              counter.add(block.sourceId, block.constituent, receivedAt, 'dropped', 1, 'repeat')
              continue
            }
            if (columns.note(block.sourceId, octets)) settings = settingsIn(source, columns.of(block.sourceId))
            const result = normalizeFrame({ octets, receivedAt, source: settings }, live)
            counter.add(block.sourceId, block.constituent, receivedAt, 'received')
            if (result.kind === 'rejected') {
              rejected.push({
                code: result.code,
                message: result.message,
                original: octets,
                constituent: block.constituent,
              })
              counter.add(block.sourceId, block.constituent, receivedAt, 'rejected', 1, result.code)
              continue
            }
            const provenance = {
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
            }
            const value = eventRecord(result, provenance)
            if (frame.possibleRepeat) value.quality.push('possible_repeat')
            if (frame.truncatedBytes > 0) value.quality.push('frame_truncated')
            outputs.push({ topic: 'events', key: block.sourceId, value })
            counter.add(block.sourceId, block.constituent, receivedAt, 'normalized')
            // One line of a block says enough of its source's clock.
            if (!isSkewNoted && value.skewMs !== null) {
              isSkewNoted = true
              counter.skew(block.sourceId, receivedAt, value.skewMs)
            }
          }
          collected.keep()
          return emitWithRejected(outputs, rejected)
        },
        endOfBatch: () => counter.drain(position),
      }
    },
  }
}

function eventIdOf(block: RawBlock, frame: RawFrame, index: number): string {
  return frame.collectorId !== null && frame.collectorSeq !== null
    ? eventIdFromCollector(frame.collectorId, frame.collectorSeq, frame.receivedAt)
    : eventIdFrom(block.blockId, index, frame.receivedAt)
}

function settingsIn(source: RegistrySource | undefined, columns: readonly string[] | undefined): SourceSettings {
  const settings = settingsOf(source)
  return columns === undefined ? settings : { ...settings, columns }
}

/** How the registry says that a source's lines are read. */
export function settingsOf(source: RegistrySource | undefined): SourceSettings {
  if (source === undefined) return {}
  return {
    timeZone: source.timeZone,
    charset: source.charset,
    ...(source.formatHint === null ? {} : { hint: source.formatHint }),
  }
}
