import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { changelogTopic } from '@tocsin/stage'
import { withAdmin } from '@tocsin/stage/admin'
import type { FtpsServer } from '@tocsin/test/support/ftps'
import type { Stack } from '@tocsin/test/support/stack'
import { SERVICE } from '../src/health-event.ts'
import { STORES } from '../src/state.ts'

const PARTITIONED = [
  'detections',
  'incident-changes',
  'deliveries',
  'health-events',
  'tickets',
  'feed-records',
  'dead-letters',
]
const SINGLE = ['registry-constituents', 'registry-sources', 'rule-sets', 'received-items']

/** Makes the topics of one exporter under a prefix; `more` are those that only one test needs. */
export async function makeTopics(stack: Stack, prefix: string, more: readonly string[] = []): Promise<void> {
  const topic = (name: string, numPartitions: number) => ({ topic: prefix + name, numPartitions, replicationFactor: 1 })
  const stores = STORES.map((store) => changelogTopic(SERVICE, store))
  const topics = [
    ...[...PARTITIONED, ...stores].map((name) => topic(name, 4)),
    ...[...SINGLE, ...more].map((name) => topic(name, 1)),
  ]
  await withAdmin(stack.kafka, async (admin) => {
    // kafkajs waits for leaders, but gives up where the broker does not know a topic yet that it has just made.
    await admin.createTopics({ waitForLeaders: false, topics })
    const giveUpMs = performance.now() + 60_000
    for (;;) {
      try {
        await admin.fetchTopicMetadata({ topics: topics.map((one) => one.topic) })
        return
      } catch (error) {
        if (performance.now() > giveUpMs) throw error
        await pause(100)
      }
    }
  })
}

/** Settings by which a process reaches an FTPS server; the password comes in a file of its own. */
export const ftpsSettings = (server: FtpsServer, passwordFile: string): Record<string, string> => ({
  FTPS_HOST: server.host,
  FTPS_PORT: String(server.port),
  FTPS_USER: server.user,
  FTPS_PASSWORD_FILE: passwordFile,
  FTPS_CA_FILE: server.caFile,
})

/** What a process of the exporter is started with. */
export interface ProcessSettings {
  stack: Stack
  prefix: string
  /** `NATIONAL_FEED_EXPORTER_…` without that. */
  own: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string>>
}

/** The exporter as a process; what it says goes to our standard error and is kept. */
export class ExporterProcess {
  readonly child: ChildProcess
  #said = ''

  constructor({ stack, prefix, own, env = {} }: ProcessSettings) {
    this.child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
      cwd: join(import.meta.dirname, '../../..'),
      env: {
        ...process.env,
        ...stack.env,
        ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`NATIONAL_FEED_EXPORTER_${name}`, value])),
        TOCSIN_TOPIC_PREFIX: prefix,
        TOCSIN_ADMIN_PORT: '0',
        TOCSIN_LOG_LEVEL: 'error',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString()
      })
  }

  /** Everything that it has said so far. */
  get said(): string {
    return this.#said
  }

  /** Ends it; gives its exit code, null where a signal ended it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill(signal)
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0 && signal === 'SIGTERM') process.stderr.write(this.#said)
    return code
  }
}
