import type { RegistrySource } from '@tocsin/events'
import { emitWithRejected, type Output, type Rejected, SourceCounter, type StageDefinition } from '@tocsin/stage'
import { CollectorMemory } from './collector-memory.ts'
import { ColumnMemory } from './column-memory.ts'
import { readFrame, settingsOf } from './frame-event.ts'
import type { Parser } from './parser.ts'
import { isUnparsed, ReadingTally } from './reading-tally.ts'

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
  tally = new ReadingTally(),
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
          let settings = settingsOf(source, columns.of(block.sourceId))
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
            if (columns.note(block.sourceId, octets)) settings = settingsOf(source, columns.of(block.sourceId))
            const result = readFrame(block, index, source, settings, live)
            counter.add(block.sourceId, block.constituent, receivedAt, 'received')
            if (result.kind === 'rejected') {
              const { code, message } = result
              tally.add('rejected')
              rejected.push({ code, message, original: octets, constituent: block.constituent })
              counter.add(block.sourceId, block.constituent, receivedAt, 'rejected', 1, code)
              continue
            }
            const { value } = result
            tally.add(isUnparsed(value) ? 'unparsed' : 'parsed')
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
