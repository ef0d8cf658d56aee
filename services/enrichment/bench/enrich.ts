import { createCodec, schemaOf } from '@tocsin/avro'
import type { StageBench } from '@tocsin/bench/figures'
import { sideBySide } from '@tocsin/bench/measure'
import type { Event } from '@tocsin/events'
import { enrichWith } from '../src/enrich.ts'
import { mixedEvent, realLookups } from './events.ts'

const BUDGET_MICROS = 12
const OWN_SCHEMA = 4

/** Framed events to framed enriched events; the peer decodes and encodes anew, as for an event of another version of the schema. */
export const bench: StageBench = {
  async run({ quick }) {
    const codec = createCodec<Event>(schemaOf('event'), OWN_SCHEMA)
    const events = quick ? 5_000 : 20_000
    const framed = Array.from({ length: events }, (_, n) => Buffer.from(codec.encode(mixedEvent(n))))
    const lookups = await realLookups()
    let octets = 0
    const round = (eventSchema: number, some: typeof lookups) => {
      const stage = enrichWith(some, { event: eventSchema, enriched: 9 }, 0).create({
        partition: 0,
        store: () => {
          throw new Error('Enrichment keeps no state.')
        },
      })
      return async () => {
        for (const [offset, value] of framed.entries()) {
          const record = { topic: 'events', partition: 0, offset, timestamp: 0, key: 's', framed: value } as const
          const outcome = await stage.process({ ...record, value: codec.decode(value) }, 77)
          const enriched = outcome.kind === 'emit' ? outcome.outputs[0]?.value : null
          if (Buffer.isBuffer(enriched)) octets += enriched.length
        }
        stage.endOfBatch?.(77)
      }
    }
    const contestants = [round(OWN_SCHEMA, lookups), round(OWN_SCHEMA + 1, lookups), round(OWN_SCHEMA, [])]
    const rounds = { events, rounds: quick ? 5 : 9, warmUpRounds: quick ? 2 : 3 }
    const [append = 0, anew = 0, bare = 0] = await sideBySide(contestants, rounds)
    if (octets === 0) throw new Error('Nothing was enriched.')
    const peer = 'decode + re-encode'
    return {
      figures: [
        {
          stage: 'enrich',
          value: append,
          budget: BUDGET_MICROS,
          peer,
          peerValue: anew,
          what: `${lookups.length} look-ups (50,000 indicators; 8 of 10 events with addresses, 1 of 10 hits), octets of the event kept and appended to; no broker`,
        },
        {
          stage: 'enrich/no-lookups',
          value: bare,
          budget: null,
          peer: null,
          peerValue: null,
          what: 'the same without any look-up: reading and appending alone',
        },
      ],
      skipped: [],
    }
  },
}
