import { createAppender, createCodec, schemaIdOf, schemaOf } from '@tocsin/avro'
import type { EnrichedEvent } from '@tocsin/events'
import { emit, SourceCounter, type StageDefinition } from '@tocsin/stage'
import { emptyTail, type Lookup, type Tail } from './lookup.ts'

/** Schema ids of the registered pair; the append is allowed for these two only (design.md 3). */
export interface SchemaPair {
  event: number
  enriched: number
}

/**
 * Events in, enriched events out. Avro writes a record as its fields one after another and EnrichedEvent begins with
 * exactly the fields of Event, so the octets of the event are kept and what enrichment adds is written behind them; an
 * event of any other version of the schema is encoded anew.
 */
export function enrichWith(lookups: readonly Lookup[], ids: SchemaPair, slot: number): StageDefinition<'events'> {
  const full = schemaOf('enriched-event')
  const append = createAppender<Tail>(schemaOf('event'), full, ids.enriched)
  const codec = createCodec<EnrichedEvent>(full, ids.enriched)
  return {
    name: 'enrichment',
    inputs: ['events'],
    maxBatchRecords: 2_000,
    create: () => {
      const counter = new SourceCounter('enrichment', slot)
      let position = ''
      let tables: Record<string, string> = {}
      return {
        process: (record, nowMs) => {
          const event = record.value
          const tail = emptyTail(nowMs)
          for (const lookup of lookups) lookup.apply(event, tail)
          tables = tablesOf(lookups, tables)
          tail.tables = tables
          const sameSchema = record.framed.length > 0 && schemaIdOf(record.framed) === ids.event
          const value = sameSchema ? append(record.framed, tail) : codec.encode({ ...event, ...tail })
          position = `${record.partition}/${record.offset}`
          // An event that was read once more stands for a line that was counted when it came.
          if (!event.quality.includes('reread')) {
            counter.add(event.sourceId, event.constituent, event.receivedAt, 'received')
            counter.add(event.sourceId, event.constituent, event.receivedAt, 'accepted')
          }
          return emit({ topic: 'enriched-events', key: record.key, value })
        },
        endOfBatch: () => counter.drain(position),
      }
    },
  }
}

/** The versions in use; the object given before where nothing has changed, because each event carries it. */
function tablesOf(lookups: readonly Lookup[], before: Record<string, string>): Record<string, string> {
  for (const lookup of lookups) {
    if (before[lookup.name] !== lookup.version())
      return Object.fromEntries(lookups.map((each) => [each.name, each.version()]))
  }
  return before
}
