// The first run decides.
// Fifty SIGKILLs (five in CI) of a stateful stage: two workers on four partitions. Nothing is missing, nothing doubled,
// and the state restored from the changelog equals a plain recount. The same must fail with transactions switched off.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createClock, createLog, Health, loadConfig, Metrics, noSettings } from '@tocsin/runtime'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { withAdmin } from '../src/admin/index.ts'
import { openKafkaForCommand } from '../src/kafka/index.ts'
import { restoreStores } from '../src/kafka/restore.ts'
import { keyOf, sendNumbers } from './recount-sender.ts'
import type { Tally } from './workers/recount-stage.ts'

const KILLS = Number(process.env['TOCSIN_KILLS'] ?? 5)
const PER_KILL = 2_000
const PARTITIONS = 4

let stack: Stack
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
})
after(() => stack.stop())

/** A worker of one slot, started again whenever it ends, as a supervisor does: it is crash-only by design. */
class Worker {
  readonly #start: () => ChildProcess
  #child: ChildProcess
  #ended: Promise<unknown>
  #stopping = false
  /** Its records are written and its offsets are not. */
  open = false

  constructor(env: NodeJS.ProcessEnv, slot: number, delivery: string) {
    this.#start = () =>
      spawn(process.execPath, [join(import.meta.dirname, 'workers/recount.ts'), delivery], {
        env: { ...process.env, ...env, TOCSIN_SLOT: String(slot), TOCSIN_ADMIN_PORT: '0', TOCSIN_LOG_LEVEL: 'error' },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    this.#child = this.#start()
    this.#ended = this.#watch()
  }

  #watch(): Promise<unknown> {
    this.open = false
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) {
        if (line === 'written') this.open = true
        if (line === 'committed') this.open = false
      }
    })
    return once(this.#child, 'exit').then(() => {
      if (this.#stopping) return
      this.#child = this.#start()
      this.#ended = this.#watch()
    })
  }

  /** Kills it soon after it said that its records are written and its offsets are not; gives whether that still held. */
  async killInTransaction(): Promise<boolean> {
    const giveUpMs = performance.now() + 5_000
    while (!this.open && performance.now() < giveUpMs) await pause(1)
    await pause(Math.random() * 10)
    const hit = this.open
    const ended = this.#ended
    this.#child.kill('SIGKILL')
    await ended
    return hit
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#stopping = true
    this.#child.kill(signal)
    await this.#ended
  }
}

interface Outcome {
  missing: number
  doubled: number
  hits: number
  tallies: Map<string, Tally>
  sent: number
}

async function crashRun(delivery: 'exactly-once' | 'at-least-once', kills: number): Promise<Outcome> {
  const prefix = `kill-${delivery === 'exactly-once' ? 'eos' : 'alo'}-${process.pid}.`
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: false,
      topics: ['health-events', 'matches', 'dead-letters', 'recount.tallies.changelog'].map((topic) => ({
        topic: prefix + topic,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
      })),
    }),
  )
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const workers = [new Worker(env, 0, delivery), new Worker(env, 1, delivery)] as const
  let sent = 0
  let hits = 0
  try {
    for (let kill = 0; kill < kills; kill++) {
      await sendNumbers(publisher, sent, sent + PER_KILL)
      sent += PER_KILL
      if (await workers[kill % 2 === 0 ? 0 : 1].killInTransaction()) hits++
    }
    const seen = new Map<string, number>()
    const following = await kafka.follow(['matches'], { from: 'beginning' }, ({ value }) => {
      const id = value?.eventId ?? ''
      seen.set(id, (seen.get(id) ?? 0) + 1)
    })
    const hangMs = performance.now() + 120_000
    while (seen.size < sent && performance.now() < hangMs) await pause(100)
    await pause(1_000) // A double would come with the same batches; this is the time for the last of them.
    await Promise.all(workers.map((worker) => worker.stop('SIGTERM')))
    await following.close()
    const doubled = [...seen.values()].reduce((sum, times) => sum + times - 1, 0)
    return { missing: sent - seen.size, doubled, hits, sent, tallies: await restoredTallies(env) }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
    await kafka.close()
  }
}

async function restoredTallies(env: NodeJS.ProcessEnv): Promise<Map<string, Tally>> {
  const config = loadConfig(noSettings, env, 'recount')
  const context = {
    name: 'recount',
    config,
    clock: createClock(undefined),
    log: createLog('test', 0, 'error'),
    metrics: new Metrics('test', 0),
    health: new Health(),
    signal: new AbortController().signal,
  }
  const stores = await restoreStores(context, 'recount', ['tallies'], [0, 1, 2, 3])
  return new Map([...stores.values()].flatMap((task) => [...task.store<Tally>('tallies').entries()]))
}

function plainRecount(sent: number): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (let n = 0; n < sent; n++) {
    const { count, sum } = tallies.get(keyOf(n)) ?? { count: 0, sum: 0 }
    tallies.set(keyOf(n), { count: count + 1, sum: sum + n })
  }
  return tallies
}

const sorted = (tallies: Map<string, Tally>) => [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))

describe('a stateful stage that is killed again and again', () => {
  test(`PROBE-EOS ${KILLS} SIGKILLs: each number arrives once and the state equals a plain recount`, async (t) => {
    const { missing, doubled, hits, tallies, sent } = await crashRun('exactly-once', KILLS)
    t.diagnostic(
      `${sent} records, ${KILLS} kills, ${hits} in an open transaction, ${missing} missing, ${doubled} doubled`,
    )
    assert.deepEqual({ missing, doubled }, { missing: 0, doubled: 0 })
    assert.deepEqual(sorted(tallies), sorted(plainRecount(sent)))
    assert.ok(hits * 2 >= KILLS, `only ${hits} of ${KILLS} kills hit an open transaction: the test proves too little`)
  })

  test('PROBE-EOS with transactions switched off the same kills double or lose records or state', async (t) => {
    const { missing, doubled, tallies, sent } = await crashRun('at-least-once', Math.min(KILLS, 8))
    const stateWrong = JSON.stringify(sorted(tallies)) !== JSON.stringify(sorted(plainRecount(sent)))
    t.diagnostic(`${missing} missing, ${doubled} doubled, state ${stateWrong ? 'wrong' : 'right'}`)
    assert.ok(missing + doubled > 0 || stateWrong)
  })
})
