// Chapter 7: a worker as its operator sees it. SIGTERM under load ends it within ten seconds with code 0 and nothing is
// lost or doubled; meanwhile it says of itself what a supervisor, a dashboard and a reader of logs need.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { loadConfig, noSettings } from '@tocsin/runtime'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { Reader } from '../src/kafka/reader.ts'
import { clusterSettings, readerSettings } from '../src/kafka/settings.ts'
import { traceparentOf } from '../src/kafka/wire.ts'
import { type Corner, openCorner, until } from './real-kafka.ts'
import { keyOf, numbered } from './recount-sender.ts'

const RECORDS = 20_000
const STOP_MS = 10_000
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

interface Line {
  level: string
  msg: string
  service: string
  slot: number
  adminPort?: number
}

/** A worker process with the lines it has logged. */
interface Worker {
  child: ChildProcess
  lines: string[]
  admin: string
}

let stack: Stack
let corner: Corner
const seen = new Map<string, number>()
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  corner = await openCorner(stack, 'stop', ['health-events', 'matches'])
  await corner.kafka.follow(['matches'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) seen.set(value.eventId, (seen.get(value.eventId) ?? 0) + 1)
  })
})
after(() => corner.close())

async function startWorker(slot: number): Promise<Worker> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'workers/passer.ts')], {
    env: { ...process.env, ...corner.env, TOCSIN_SLOT: String(slot), TOCSIN_ADMIN_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const worker: Worker = { child, lines: [], admin: '' }
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    worker.lines.push(...parts)
  })
  await until(
    () => worker.lines.some((line) => line.includes('"adminPort"')),
    () => 'the worker did not start',
  )
  const started = worker.lines.map((line) => JSON.parse(line) as Line).find(({ adminPort }) => adminPort !== undefined)
  worker.admin = `http://127.0.0.1:${started?.adminPort}`
  return worker
}

const get = async (url: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}

describe('a worker process', () => {
  test('answers /health at once and /ready when it owns partitions, and counts what it does in /metrics', async () => {
    const worker = await startWorker(0)
    try {
      assert.equal((await get(`${worker.admin}/health`)).status, 200)
      await until(
        async () => (await get(`${worker.admin}/ready`)).status === 200,
        () => 'it did not become ready',
      )
      const framed = corner.kafka.codecs.codec('health-event').encode(numbered(0, 1))
      await corner.sendRaw('health-events', [
        { key: 'k', value: framed },
        { key: 'k', value: Buffer.from('no record') },
      ])
      await until(
        () => seen.size === 1 && corner.letters.length === 1,
        () => 'the records did not pass',
      )
      await until(
        async () => (await get(`${worker.admin}/metrics`)).text.includes('tocsin_stage_lag_records{'),
        () => 'no lag is told',
      )
      const { text } = await get(`${worker.admin}/metrics`)
      for (const line of [
        /tocsin_stage_records_in_total\{stage="passer",topic="[^"]*health-events",service="passer",slot="0"\} 2/,
        /tocsin_stage_records_out_total\{stage="passer",topic="matches",[^}]*\} 1/,
        /tocsin_stage_outcomes_total\{stage="passer",outcome="emit",reason="",[^}]*\} 1/,
        /tocsin_stage_outcomes_total\{stage="passer",outcome="reject",reason="undecodable_record",[^}]*\} 1/,
        /tocsin_stage_batch_seconds_bucket\{[^}]*phase="handle"/,
        /tocsin_stage_batch_seconds_bucket\{[^}]*phase="commit"/,
        /tocsin_stage_lag_records\{stage="passer",topic="[^"]*",partition="\d",[^}]*\} 0/,
        /tocsin_stage_lag_seconds\{/,
        /process_resident_memory_bytes\{/,
      ])
        assert.match(text, line)
      assert.equal((await get(`${worker.admin}/other`)).status, 404)
    } finally {
      worker.child.kill('SIGTERM')
      await once(worker.child, 'exit')
    }
    assert.equal(worker.child.exitCode, 0)
    for (const line of worker.lines) {
      const { level, msg, service, slot } = JSON.parse(line) as Line
      assert.deepEqual([service, slot], ['passer', 0])
      assert.ok(level !== '' && msg !== '')
    }
    assert.ok(!worker.lines.join().includes('no record'), 'a payload is in the log')
  })

  test('SIGTERM under load ends it in ten seconds with code 0; what it has not done the next one does, once', async (t) => {
    const before = seen.size
    const sends = Array.from({ length: RECORDS / 1_000 }, (_, batch) =>
      corner.sendRaw(
        'health-events',
        Array.from({ length: 1_000 }, (__, index) => {
          const n = batch * 1_000 + index + 1
          return { key: keyOf(n), value: Buffer.from(corner.kafka.codecs.codec('health-event').encode(numbered(n, 1))) }
        }),
      ),
    )
    const first = await startWorker(0)
    await until(
      () => seen.size > before + 500,
      () => 'the first worker did nothing',
    )
    const left = seen.size
    const startedMs = performance.now()
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')
    const tookMs = performance.now() - startedMs
    t.diagnostic(`stopped with ${RECORDS + before - left} records to go, in ${Math.round(tookMs)} ms`)
    assert.deepEqual([first.child.exitCode, first.child.signalCode], [0, null])
    assert.ok(tookMs < STOP_MS)
    assert.ok(left < RECORDS, 'nothing was left to do: the stop was not under load')
    await Promise.all(sends)
    const second = await startWorker(0)
    await until(
      () => seen.size >= RECORDS + before,
      () => `${seen.size - before} of ${RECORDS} passed`,
    )
    second.child.kill('SIGTERM')
    await once(second.child, 'exit')
    assert.deepEqual(
      [...seen.values()].filter((times) => times !== 1),
      [],
    )
    assert.equal(seen.size, RECORDS + before)
  })

  test('hands the trace context of a record on to what is made of it', async () => {
    const worker = await startWorker(0)
    const value = corner.kafka.codecs.codec('health-event').encode({ ...numbered(0, 1), healthId: 'traced' })
    await corner.sendRaw('health-events', [{ key: 'traced', value, headers: { traceparent } }])
    const config = loadConfig(noSettings, corner.env, 'trace')
    const patience = { patienceMs: 30_000, signal: new AbortController().signal }
    const settings = { ...clusterSettings(config, 'trace'), ...readerSettings(`${corner.prefix}trace`) }
    const reader = await Reader.open(settings, patience)
    reader.assign(await reader.partitions([`${corner.prefix}matches`]), 'beginning')
    const contexts: (string | null)[] = []
    try {
      await until(
        async () => {
          for (const message of await reader.read())
            if (message.key?.toString() === 'traced') contexts.push(traceparentOf(message))
          return contexts.length > 0
        },
        () => 'the record did not pass',
      )
      assert.deepEqual(contexts, [traceparent])
    } finally {
      await reader.close()
      worker.child.kill('SIGTERM')
      await once(worker.child, 'exit')
    }
  })
})
