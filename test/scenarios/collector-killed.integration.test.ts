// A state body with two collectors, one in each circuit, and the centre behind them: collectors, ingest and normalizer are
// killed (SIGKILL) while numbered lines are written into files and handed in over RELP. Afterwards every line of a file is
// an event exactly once, under its own circuit; of what came over RELP nothing is missing. TOCSIN_TEST_DOSE=full: 15 rounds.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Event, RawBlock } from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { openRelp } from '../../services/syslog-ingest/src/adapters/collect/relp-link.ts'
import { collectSchema } from '../../services/syslog-ingest/src/collect/config.ts'
import { issue } from '../../services/syslog-ingest/test/certificates.ts'
import { constituent, source } from '../../services/syslog-ingest/test/registry-records.ts'
import { startVictim, type Victim } from '../support/kill.ts'
import { freePort } from '../support/listening.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { until } from './wait.ts'

const ROUNDS = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 15 : 1
const LINES_PER_TICK = 10
const TICK_MS = 50
const CIRCUITS = ['inner', 'outer'] as const
type Circuit = (typeof CIRCUITS)[number]

const root = join(import.meta.dirname, '../..')
const INGEST = join(root, 'services/syslog-ingest/src/main.ts')
const NORMALIZER = join(root, 'services/normalizer/src/main.ts')
const CLI = join(root, 'packages/cli/src/main.ts')
const prefix = `collect-${process.pid}.`
const TOPICS = [
  'raw-blocks',
  'events',
  'source-counts',
  'health-events',
  'evidence-checkpoints',
  'audit-entries',
  'dead-letters',
  'registry-sources',
  'registry-constituents',
  'registry-systems',
  'normalizer.collectors.changelog',
  'normalizer.columns.changelog',
].map((topic) => prefix + topic)

const folder = mkdtempSync(join(tmpdir(), 'collect-'))
const blocks: RawBlock[] = []
const events: Event[] = []
/** When each line of a file was written, and how long its event took: milliseconds. */
const writtenAtMs: number[] = []
const tookMs: number[] = []
const running = new Map<string, Victim>()
const ports = { centre: 0, relp: 0 }
let stack: Stack
let env: Record<string, string>
let close = async () => {}

/** Keys and certificates of the centre and of a collector for each circuit, from one authority. */
function writeCertificates(): void {
  const authority = issue('Tocsin test authority')
  writeFileSync(join(folder, 'ca.pem'), authority.cert)
  for (const name of ['centre', ...CIRCUITS]) {
    const { cert, key } = issue(name, authority)
    writeFileSync(join(folder, `${name}.pem`), cert)
    writeFileSync(join(folder, `${name}.key`), key)
  }
}

function writeConfig(circuit: Circuit): void {
  const listen = circuit === 'inner' ? `listen: { relp: ${ports.relp}, allow: [127.0.0.1] }` : ''
  writeFileSync(
    join(folder, `${circuit}.yaml`),
    `
collector: body-a-${circuit}
circuit: ${circuit}
store: { folder: ${join(folder, `store-${circuit}`)}, segmentMib: 0.05 }
files: [{ name: app, path: ${logOf(circuit)} }]
${listen}
centre:
  addresses: ['127.0.0.1:${ports.centre}']
  caFile: ${join(folder, 'ca.pem')}
  certFile: ${join(folder, `${circuit}.pem`)}
  keyFile: ${join(folder, `${circuit}.key`)}
admin: { port: 0 }
`,
  )
}

const logOf = (circuit: Circuit) => join(folder, `${circuit}.log`)
const lineOf = (circuit: string, number: number) =>
  `<86>1 2026-01-05T08:00:00Z gw app 1 - - collected ${circuit} number ${number}`
const TEXT = /collected ([a-z]+) number (\d+)/

const starts: Record<string, () => Victim> = {
  ingest: () => startVictim(INGEST, { env: { ...env, TOCSIN_DATA: join(folder, 'ingest') } }),
  normalizer: () => startVictim(NORMALIZER, { env: { ...env, TOCSIN_DATA: join(folder, 'normalizer') } }),
  inner: () => startVictim(CLI, { args: ['collect', '--config', join(folder, 'inner.yaml')], env }),
  outer: () => startVictim(CLI, { args: ['collect', '--config', join(folder, 'outer.yaml')], env }),
}

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  ports.centre = await freePort()
  ports.relp = await freePort()
  writeCertificates()
  env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    TOCSIN_ADMIN_PORT: '0',
    SYSLOG_INGEST_UDP_PORT: 'off',
    SYSLOG_INGEST_TCP_PORT: 'off',
    SYSLOG_INGEST_TLS_PORT: 'off',
    SYSLOG_INGEST_RELP_TLS_PORT: String(ports.centre),
    SYSLOG_INGEST_TLS_CERT_FILE: join(folder, 'centre.pem'),
    SYSLOG_INGEST_TLS_KEY_FILE: join(folder, 'centre.key'),
    SYSLOG_INGEST_TLS_CA_FILE: join(folder, 'ca.pem'),
  }
  for (const circuit of CIRCUITS) {
    writeConfig(circuit)
    writeFileSync(logOf(circuit), '')
  }
  mkdirSync(join(folder, 'ingest'))
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: TOPICS.map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
    }),
  )
  const kafka = await openKafkaForCommand(env)
  const registry = await kafka.publisher()
  await registry.send({ topic: 'registry-constituents', key: 'body-a', value: constituent() })
  for (const circuit of CIRCUITS) {
    const value = source({
      sourceId: `collector-${circuit}`,
      circuit,
      addresses: [],
      certificateSubjects: [`CN=${circuit}`],
      formatHint: 'tocsin-collect',
    })
    await registry.send({ topic: 'registry-sources', key: value.sourceId, value })
  }
  const following = await kafka.follow(['raw-blocks', 'events'], { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'raw-blocks') blocks.push(record.value)
    else {
      events.push(record.value)
      const [, from, number] = TEXT.exec(record.value.original ?? '') ?? []
      const at = from === 'relp' ? undefined : writtenAtMs[Number(number)]
      if (at !== undefined) tookMs.push(performance.now() - at)
    }
  })
  close = async () => {
    await following.close()
    await kafka.close()
  }
  for (const [name, start] of Object.entries(starts)) running.set(name, start())
  await running.get('inner')?.lineLike(/"msg":"started"/, 120_000)
})

after(async () => {
  for (const victim of running.values()) victim.child.kill('SIGKILL')
  await close()
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: TOPICS }))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  await stack.stop()
})

/** Writes numbered lines into the files of both circuits, a few at a time, until it is told to stop. */
function writeSteadily() {
  let number = 0
  const ticker = setInterval(() => {
    for (let index = 0; index < LINES_PER_TICK; index++) writtenAtMs[number + index] = performance.now()
    for (const circuit of CIRCUITS) {
      const lines = Array.from({ length: LINES_PER_TICK }, (_, index) => `${lineOf(circuit, number + index)}\n`)
      appendFileSync(logOf(circuit), lines.join(''))
    }
    number += LINES_PER_TICK
  }, TICK_MS)
  return {
    written: () => number,
    stop: () => clearInterval(ticker),
  }
}

/** A RELP sender as a device has it: sends again what was not answered. */
function sendSteadily() {
  const { centre } = collectSchema.parse({
    collector: 'x',
    circuit: 'inner',
    store: { folder: 'x' },
    centre: { addresses: ['x:1'], plaintext: true },
  })
  let answered = 0
  let last = Number.POSITIVE_INFINITY
  const run = async () => {
    while (answered < last) {
      try {
        const link = await openRelp(`127.0.0.1:${ports.relp}`, answered, centre)
        let next = answered + 1
        while (link.failure() === null && answered < last) {
          if (next <= last && link.room() > 980) {
            await link.send([{ seq: next, octets: Buffer.from(lineOf('relp', next)) }])
            next += 1
          }
          await pause(2)
          answered = Math.max(answered, link.arrivedSeq())
        }
        await link.close(1_000)
      } catch {
        await pause(50)
      }
    }
  }
  const done = run()
  return {
    answered: () => answered,
    async stop() {
      last = answered + 50
      await done
      return last
    },
    /** The test is over, well or not. */
    abandon() {
      last = 0
    },
  }
}

interface Found {
  number: number
  sourceId: string
  circuit: string
}

function eventsOf(name: string): Found[] {
  return events.flatMap(({ original, sourceId, circuit }) => {
    const [, from, number] = TEXT.exec(original ?? '') ?? []
    return from === name ? [{ number: Number(number), sourceId, circuit }] : []
  })
}

test('KZ-10.3e collectors, ingest and normalizer killed at random: no line of a file is missing or doubled', async (t) => {
  const files = writeSteadily()
  const relp = sendSteadily()
  t.after(() => {
    files.stop()
    relp.abandon()
  })
  await until('first events', () => eventsOf('inner').length > 0 && eventsOf('relp').length > 0).catch(
    (error: Error) => {
      const heard = [...running].map(([name, { lines }]) => `${name}: ${lines.slice(-4).join('\n  ')}`)
      throw new Error(`${error.message} ${blocks.length} blocks.\n${heard.join('\n')}`)
    },
  )
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(starts).toSorted(() => randomInt(3) - 1)) {
      await pause(randomInt(200, 900))
      await running.get(name)?.kill()
      t.diagnostic(`round ${round}: ${name} killed at line ${files.written()}`)
      running.set(name, (starts[name] as () => Victim)())
    }
  }
  const mark = files.written()
  await until('lines after the last kill', () => files.written() > mark + 200)
  files.stop()
  const total = files.written()
  const lastRelp = await relp.stop()
  t.diagnostic(`waiting for ${total} lines a file and ${lastRelp} over RELP`)
  for (const circuit of CIRCUITS) {
    await until(`all events of ${circuit}`, () => new Set(eventsOf(circuit).map(({ number }) => number)).size >= total)
    const found = eventsOf(circuit)
    assert.equal(found.length, total, `${circuit}: ${found.length - total} doubled`)
    assert.deepEqual(
      found.map(({ number }) => number).sort((a, b) => a - b),
      Array.from({ length: total }, (_, number) => number),
    )
    assert.deepEqual([...new Set(found.map(({ sourceId }) => sourceId))], [`collector-${circuit}`])
    assert.deepEqual([...new Set(found.map(({ circuit: of }) => of))], [circuit])
  }
  const p95Ms = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] ?? Number.POSITIVE_INFINITY
  t.diagnostic(`from the file to the event: ${Math.round(p95Ms)} ms in 95 of 100 cases, kills and all`)
  assert.ok(p95Ms <= 60_000, `p95 ${p95Ms} ms`)
  await until('all events over RELP', () => new Set(eventsOf('relp').map(({ number }) => number)).size >= lastRelp)
  const overRelp = eventsOf('relp')
  const repeats = overRelp.length - lastRelp
  const frames = blocks.flatMap(({ frames: held }) => held)
  const marked = new Set(
    frames.flatMap(({ octets, possibleRepeat, collectorSeq }) =>
      possibleRepeat && octets.includes('collected relp') ? [collectorSeq] : [],
    ),
  ).size
  t.diagnostic(`${total} lines a file, ${lastRelp} over RELP (${repeats} twice, ${marked} marked as possible repeats)`)
  assert.ok(repeats <= marked, `${repeats} lines came twice over RELP, ${marked} are marked`)
  // What the ingest did take twice carries the same number, so that it is known for a repeat.
  const numbers = frames.map(({ collectorId, collectorSeq }) => `${collectorId} ${collectorSeq}`)
  t.diagnostic(`raw blocks hold ${numbers.length - new Set(numbers).size} repeats, none of which became an event`)
})
