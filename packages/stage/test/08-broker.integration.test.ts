// Chapter 8: the broker dies under a running worker and comes back, over TLS and SCRAM as in production. Nothing is lost or
// doubled; the worker, which may end and be started again (it is crash-only), says by its lag that the work is done.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type SecuredKafka, startSecuredKafka } from '@tocsin/test/support/secured-kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { withAdmin } from '../src/admin/index.ts'
import { openKafkaForCommand } from '../src/kafka/index.ts'
import { until } from './real-kafka.ts'
import { sendNumbers } from './recount-sender.ts'

const RECORDS = 3_000
const PARTITIONS = 4

describe('a broker that is killed under a running worker', () => {
  let stack: Stack
  let kafka: SecuredKafka
  before(async () => {
    stack = await startStack({ registry: true })
    kafka = await startSecuredKafka([])
  })
  after(async () => {
    await kafka?.stop()
    await stack?.stop()
  })

  test('OPS-R2 is waited for: every record passes once, and the lag comes down to nothing', async (t) => {
    const topics = ['health-events', 'matches', 'dead-letters']
    await withAdmin(kafka.as('admin'), (admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
      }),
    )
    const env = { ...stack.env, ...kafka.env('admin') }
    const side = await openKafkaForCommand(env)
    const seen = new Map<string, number>()
    await side.follow(['matches'], { from: 'beginning' }, ({ value }) => {
      if (value !== null) seen.set(value.eventId, (seen.get(value.eventId) ?? 0) + 1)
    })
    const publisher = await side.publisher()
    await sendNumbers(publisher, 0, RECORDS)
    const worker = new Supervised({ ...process.env, ...env, TOCSIN_ADMIN_PORT: '0' })
    try {
      await until(
        () => seen.size > RECORDS / 10,
        () => 'the worker did nothing',
      )
      await kafka.kill()
      const passed = seen.size
      t.diagnostic(`killed with ${RECORDS - passed} of ${RECORDS} records to go`)
      assert.ok(passed < RECORDS, 'nothing was left to do')
      await kafka.start()
      await sendNumbers(publisher, RECORDS, RECORDS + 1_000)
      await until(
        () => seen.size >= RECORDS + 1_000,
        () => `${seen.size} of ${RECORDS + 1_000} passed`,
        90_000,
      )
      assert.deepEqual(
        [...seen.values()].filter((times) => times !== 1),
        [],
      )
      t.diagnostic(`the worker was started ${worker.starts} times`)
      await until(
        async () => (await lagOf(worker.admin)) === 0,
        () => 'the lag does not come down to 0',
        30_000,
      )
    } finally {
      await worker.stop()
      await side.close()
    }
  })
})

/** The worker as a supervisor runs it: started again whenever it ends. */
class Supervised {
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess
  #said = ''
  #isStopping = false
  starts = 0

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
    this.#child = this.#start()
  }

  /** Address of its metrics; empty while it starts. */
  get admin(): string {
    const port = /"adminPort":(\d+)/.exec(this.#said)?.[1]
    return port === undefined ? '' : `http://127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    const ended = once(this.#child, 'exit')
    if (this.#child.kill('SIGTERM')) await ended
  }

  #start(): ChildProcess {
    this.starts += 1
    this.#said = ''
    const child = spawn(process.execPath, [join(import.meta.dirname, 'workers/passer.ts')], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString()
    })
    child.once('exit', () => {
      if (!this.#isStopping) this.#child = this.#start()
    })
    return child
  }
}

/** Records that wait, over all partitions; null before the first look. */
async function lagOf(admin: string): Promise<number | null> {
  if (admin === '') return null
  const text = await (await fetch(`${admin}/metrics`)).text()
  const lags = [...text.matchAll(/^tocsin_stage_lag_records\{[^}]*\} (\d+)$/gm)].map(([, lag]) => Number(lag))
  return lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0)
}
