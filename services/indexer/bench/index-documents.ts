import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createCodec, schemaOf } from '@tocsin/avro'
import type { StageBench } from '@tocsin/bench/figures'
import { sideBySide } from '@tocsin/bench/measure'
import type { EnrichedEvent } from '@tocsin/events'
import { bulkSink, connectElasticsearch } from '../src/adapters/elasticsearch.ts'
import { type BulkDocument, documentsOf } from '../src/document.ts'
import { plans } from '../src/indices/index.ts'

const BUDGET_MICROS = 8
const BATCH = 2_000

/** An event as enrichment writes it: about twenty fields filled. */
function enrichedEvent(n: number): EnrichedEvent {
  const event: Record<string, unknown> = {}
  for (const { name, type } of schemaOf('enriched-event').fields) {
    const shape = type as { type?: string } | string | unknown[]
    if (Array.isArray(shape)) event[name] = null
    else if (typeof shape === 'object') event[name] = shape.type === 'array' ? [] : shape.type === 'map' ? {} : n
    else event[name] = shape === 'string' ? `${name}-${n % 50}` : shape === 'boolean' ? false : n % 1_000
  }
  return {
    ...(event as unknown as EnrichedEvent),
    eventId: `019ced7d0000${n.toString(16).padStart(20, '0')}`,
    occurredAt: 1_772_323_200_000 + n,
    constituent: 'body-a',
    outcome: 'failure',
    category: ['authentication'],
    event_action: 'ssh_login',
    source_ip: '192.0.2.7',
    source_port: 4_711,
    destination_ip: '10.0.0.5',
    destination_port: 22,
    user_name: 'root',
    host_name: 'web-1',
    process_name: 'sshd',
    extra: { 'event.session': String(n) },
    original: '<38>Mar  1 00:00:00 web-1 sshd[811]: Failed password for root from 192.0.2.7 port 4711 ssh2',
  }
}

/** Records to bulk requests that a server has answered; the peer is the official client's own bulk function, given the same documents. */
export const bench: StageBench = {
  async run({ quick }) {
    const sink = spawn(process.execPath, [join(import.meta.dirname, 'null-sink.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [port] = (await once(sink.stdout, 'data')) as [Buffer]
    const client = connectElasticsearch({ url: `http://127.0.0.1:${port.toString().trim()}` })
    const plan = plans.find(({ record }) => record === 'enriched-event')
    if (plan === undefined) throw new Error('No plan indexes enriched events.')
    const documentOf = documentsOf(plan, schemaOf('enriched-event'))
    const events = quick ? 10_000 : 50_000
    const codec = createCodec<EnrichedEvent>(schemaOf('enriched-event'), 1)
    const framed = Array.from({ length: events }, (_, n) => Buffer.from(codec.encode(enrichedEvent(n))))
    // Decoded, because that is the shape of object that the service gets.
    const records = framed.map((octets) => codec.decode(octets) as unknown as Record<string, unknown>)
    const pump = bulkSink(client)
    let done = 0
    const ours = async () => {
      for (let at = 0; at < records.length; at += BATCH) {
        const verdicts = await pump.write(records.slice(at, at + BATCH).map((record) => documentOf(record, 'a')))
        for (const { kind } of verdicts) if (kind === 'done') done++
      }
    }
    const theirs = async () => {
      const { successful } = await client.helpers.bulk<BulkDocument>({
        datasource: records.map((record) => documentOf(record, 'a')),
        concurrency: 1,
        onDocument: ({ index, id, source }) => [{ create: { _index: index, _id: id } }, source],
      })
      if (successful !== events) throw new Error(`The peer wrote ${successful} of ${events} documents.`)
    }
    const withDecoding = async () => {
      for (let at = 0; at < framed.length; at += BATCH) {
        const batch = framed
          .slice(at, at + BATCH)
          .map((octets) => codec.decode(octets) as unknown as Record<string, unknown>)
        await pump.write(batch.map((record) => documentOf(record, 'a')))
      }
    }
    const rounds = { events, rounds: quick ? 5 : 11, warmUpRounds: 2 }
    const [value = 0, peerValue = 0, decoding = 0] = await sideBySide([ours, theirs, withDecoding], rounds)
    sink.stdin.end()
    await client.close()
    if (done !== events * (rounds.rounds + rounds.warmUpRounds)) throw new Error('Documents were lost.')
    return {
      figures: [
        {
          stage: 'index',
          value,
          budget: BUDGET_MICROS,
          peer: 'bulk helper of the official client',
          peerValue,
          what: 'document building, bulk encoding, HTTP to a server that answers and keeps nothing, reply read item by item',
        },
        {
          stage: 'index/decoding',
          value: decoding,
          budget: null,
          peer: null,
          peerValue: null,
          what: 'the same with the records decoded from Avro',
        },
      ],
      skipped: [],
    }
  },
}
