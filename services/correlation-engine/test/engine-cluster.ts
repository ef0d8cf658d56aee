import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Detection, EnrichedEvent, LateEvent, RuleSet } from '@tocsin/events'
import { changelogTopic } from '@tocsin/stage'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import type { Stack } from '@tocsin/test/support/stack'

const PARTITIONS = 4
const MAIN = join(import.meta.dirname, '../src/main.ts')
const TOPICS = [
  'enriched-events',
  'matches',
  'detections',
  'late-events',
  'source-counts',
  'health-events',
  'dead-letters',
  'rule-sets',
  changelogTopic('correlation-engine.rules', 'times'),
  changelogTopic('correlation-engine.windows', 'groups'),
  changelogTopic('correlation-engine.windows', 'detections'),
]

/** One process of the engine, started again whenever it ends, as a supervisor does. */
export class EngineWorker {
  readonly slot: number
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #ended: Promise<unknown> = Promise.resolve()
  #isWanted = false
  /** The end of what it wrote. */
  #words = ''
  /** How often it ended without being asked to. */
  deaths = 0

  constructor(slot: number, env: NodeJS.ProcessEnv) {
    this.slot = slot
    this.#env = env
  }

  start(): void {
    this.#isWanted = true
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        ...this.#env,
        TOCSIN_SLOT: String(this.slot),
        TOCSIN_ADMIN_PORT: '0',
        TOCSIN_LOG_LEVEL: 'info',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#words = (this.#words + chunk.toString()).slice(-20_000)
      })
    this.#child = child
    this.#ended = once(child, 'exit').then(() => {
      if (!this.#isWanted) return
      this.deaths++
      this.start()
    })
  }

  /** A signal to the process as it is now. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  /** How it is, and the last that it wrote. */
  async complaint(): Promise<string> {
    const [, port] = /.*"adminPort":(\d+)/s.exec(this.#words) ?? []
    const answer = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
    const health = await Promise.all([answer('/health'), answer('/ready')]).catch((error: unknown) => [String(error)])
    return `worker ${this.slot}, ended ${this.deaths} times: ${health.join(' ')}\n${this.#words.slice(-3_000)}`
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#isWanted = false
    this.#child?.kill(signal)
    await this.#ended
  }
}

/** The engine on a real broker, in topics of its own. */
export interface EngineCluster {
  worker(slot: number): EngineWorker
  send(events: readonly EnrichedEvent[]): Promise<void>
  /** What the workers complained of, for the message of a test that fails. */
  complaints(): Promise<string>
  /** Everything that a reader of committed records saw so far. */
  detections: Detection[]
  late: LateEvent[]
  /** Waits until it holds; after `hangMs` it gives up without an error, so that the test's own comparison says what is wrong. */
  until(isSo: () => boolean, hangMs?: number): Promise<void>
  close(): Promise<void>
}

/** Makes the topics, publishes the rules and follows what comes out. */
export async function openEngineCluster(
  stack: Stack,
  name: string,
  rules: readonly RuleSet[],
  more: Readonly<Record<string, string>> = {},
): Promise<EngineCluster> {
  const prefix = `${name}-${process.pid}.`
  // Without a folder of data no process keeps its presence: that is not of this test.
  const env = { ...stack.env, ...more, TOCSIN_TOPIC_PREFIX: prefix, TOCSIN_DATA: '/nonexistent' }
  const topics = TOPICS.map((topic) => ({ topic: prefix + topic, numPartitions: PARTITIONS, replicationFactor: 1 }))
  await withAdmin(stack.kafka, (admin) => admin.createTopics({ waitForLeaders: true, topics }))
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  for (const value of rules) await publisher.send({ topic: 'rule-sets', key: value.ruleSetId, value })
  const [detections, late]: [Detection[], LateEvent[]] = [[], []]
  const following = await kafka.follow(['detections', 'late-events'], { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'detections') detections.push(record.value)
    else late.push(record.value)
  })
  const workers: EngineWorker[] = []
  return {
    worker(slot) {
      const worker = new EngineWorker(slot, env)
      workers.push(worker)
      return worker
    },
    async send(events) {
      await Promise.all(events.map((value) => publisher.send({ topic: 'enriched-events', key: value.sourceId, value })))
    },
    detections,
    late,
    complaints: async () => (await Promise.all(workers.map((worker) => worker.complaint()))).join('\n'),
    async until(isSo, hangMs = 180_000) {
      const endMs = performance.now() + hangMs
      while (!isSo() && performance.now() < endMs) await pause(100)
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
      await following.close()
      await kafka.close()
      await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: topics.map(({ topic }) => topic) }))
    },
  }
}
