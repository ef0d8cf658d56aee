import type { BenchOptions, Figure, StageBench } from '@tocsin/bench/figures'
import { cpuMicrosOf } from '@tocsin/bench/measure'
import { withAdmin } from '@tocsin/stage/admin'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { enrichWith } from '../src/enrich.ts'
import { mixedEvent, realLookups } from './events.ts'

type Delivery = 'exactly-once' | 'at-least-once'

const TOPICS = ['events', 'enriched-events', 'source-counts', 'health-events', 'dead-letters']
/** What a record costs at the start of a run (joining, first fetches, compiling) is left out. */
const WARM_UP_SHARE = 0.3
const PARTITIONS = 2

/** Framed events on a real broker to framed enriched events on it, one transaction a batch; the peer is our own runner at least once. */
export const bench: StageBench = {
  async run({ quick, env }) {
    if (env['KAFKA_BROKERS'] === undefined || env['REGISTRY_URL'] === undefined)
      return {
        figures: [],
        skipped: ['no broker is known: start one with `tocsin up`, or set KAFKA_BROKERS and REGISTRY_URL'],
      }
    const prefix = `bench-${process.pid}.`
    const brokers = env['KAFKA_BROKERS']
    await withAdmin(brokers, (admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: TOPICS.map((name) => ({ topic: prefix + name, numPartitions: PARTITIONS, replicationFactor: 1 })),
      }),
    )
    try {
      const own = { ...env, TOCSIN_TOPIC_PREFIX: prefix }
      const events = quick ? 30_000 : 300_000
      await fill(own, events)
      const value = await perRecord(own, events, 'exactly-once')
      const peerValue = await perRecord(own, events, 'at-least-once')
      const what = `${events} events, ${PARTITIONS} partitions, all look-ups, 8 of 10 with addresses, 1 of 10 hits; Kafka, Avro and the client’s threads included`
      const figure: Figure = {
        stage: 'pass-through',
        value,
        budget: null,
        peer: 'our runner, at least once',
        peerValue,
        what,
      }
      return { figures: [figure], skipped: [] }
    } finally {
      await withAdmin(brokers, (admin) => admin.deleteTopics({ topics: TOPICS.map((name) => prefix + name) }))
    }
  },
}

async function fill(env: BenchOptions['env'], events: number): Promise<void> {
  const kafka = await openKafkaForCommand(env, 'bench-fill')
  const publisher = await kafka.publisher()
  const CHUNK = 5_000
  for (let at = 0; at < events; at += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, events - at) }, (_, n) => mixedEvent(at + n))
    await Promise.all(chunk.map((value) => publisher.send({ topic: 'events', key: value.sourceId, value })))
  }
  await kafka.close()
}

/** CPU microseconds a record, from 30 % of the records to the last one. */
async function perRecord(env: BenchOptions['env'], events: number, delivery: Delivery): Promise<number> {
  const kafka = await openKafkaForCommand(env, `bench-${delivery}`)
  const warm = Math.floor(events * WARM_UP_SHARE)
  const reached = await counted(kafka, delivery)
  await reached(warm)
  const before = reached.count()
  const micros = await cpuMicrosOf(() => reached(events))
  const measured = reached.count() - before
  await kafka.close()
  await reached.ended
  return micros / measured
}

/** Starts the stage; gives a function that resolves when so many records have been handled. */
async function counted(kafka: Kafka, delivery: Delivery) {
  const ids = { event: kafka.codecs.codec('event').schemaId, enriched: kafka.codecs.codec('enriched-event').schemaId }
  const definition = enrichWith(await realLookups(), ids, 0)
  let count = 0
  const waiting: { at: number; resolve: () => void }[] = []
  const ended = kafka.runStage(
    {
      ...definition,
      name: `bench-${delivery}`,
      create: (task) => {
        const stage = definition.create(task)
        return {
          ...stage,
          process: (record, nowMs) => {
            count++
            const next = waiting[0]
            if (next !== undefined && count >= next.at) waiting.shift()?.resolve()
            return stage.process(record, nowMs)
          },
        }
      },
    },
    { delivery },
  )
  const reached = (at: number): Promise<void> =>
    count >= at
      ? Promise.resolve()
      : Promise.race([new Promise<void>((resolve) => waiting.push({ at, resolve })), ended])
  return Object.assign(reached, { count: () => count, ended })
}
