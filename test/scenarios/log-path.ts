// The way of a log line as processes of their own, without the whole system: door, normalizer, enrichment, indexer, and the
// reporter that watches the sources. Topics, test clock and index group are the test's own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Event } from '@tocsin/events'
import { advanceClockFile, type Command, createClock } from '@tocsin/runtime'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readRegistryFile } from '../../services/console/src/registry/registry-file.ts'
import { openSender } from '../../services/syslog-ingest/src/adapters/syslog-sender.ts'
import { startVictim, type Victim } from '../support/kill.ts'
import { freePort } from '../support/listening.ts'
import { startStack } from '../support/stack.ts'
import { search } from './search.ts'
import { until } from './wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const SERVICES = ['syslog-ingest', 'normalizer', 'enrichment', 'indexer', 'reporter'] as const
export type ServiceOfPath = (typeof SERVICES)[number]
const FOLLOWED = ['events', 'source-states', 'coverage-states', 'health-events', 'outages', 'source-counts'] as const

/** A TCP port that is free now. */

export type LogPath = Awaited<ReturnType<typeof startLogPath>>

/** Starts the five services with a registry; `group` is the index group of its bodies. */
export async function startLogPath(registry: string, group: string) {
  const stack = await startStack()
  const folder = mkdtempSync(join(tmpdir(), 'log-path-'))
  const prefix = `log-path-${process.pid}.`
  const clockFile = join(folder, 'clock')
  const clock = createClock(clockFile)
  const [tcp, relp] = [await freePort(), await freePort()]
  const env: Record<string, string> = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    TOCSIN_CLOCK_FILE: clockFile,
    TOCSIN_ADMIN_PORT: '0',
    TOCSIN_DATA: folder,
    SYSLOG_INGEST_UDP_PORT: 'off',
    SYSLOG_INGEST_TLS_PORT: 'off',
    SYSLOG_INGEST_TCP_PORT: String(tcp),
    SYSLOG_INGEST_RELP_PORT: String(relp),
    REPORTER_PACKS: join(ROOT, 'regulations'),
  }
  await applyTopics(stack.kafka, join(ROOT, 'deploy/topics/topics.yaml'), prefix)
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const held = new Map<string, Map<string, unknown>>(FOLLOWED.map((topic) => [topic, new Map()]))
  const events: Event[] = []
  const following = await kafka.follow(FOLLOWED, { from: 'beginning' }, ({ topic, key, value, partition, offset }) => {
    if (value === null) return
    if (topic === 'events') events.push(value)
    const id = topic === 'source-states' || topic === 'coverage-states' ? key : `${partition}/${offset}`
    held.get(topic)?.set(id, value)
  })

  const register = async (entries: string): Promise<void> => {
    const change = { changedBy: 'test', changedAt: clock.now(), reason: 'test' }
    const { outputs, faults } = readRegistryFile(entries, change)
    assert.deepEqual(faults, [])
    await Promise.all(outputs.map((output) => publisher.send(output)))
  }
  const running = new Map<ServiceOfPath, Victim>()
  const start = (name: ServiceOfPath): void => {
    running.set(name, startVictim(join(ROOT, `services/${name}/src/main.ts`), { env }))
  }
  const stop = async (): Promise<void> => {
    for (const victim of running.values()) victim.child.kill('SIGKILL')
    await following.close()
    await kafka.close()
    await withAdmin(stack.kafka, async (one) => {
      const names = await one.listTopics()
      await one.deleteTopics({ topics: names.filter((name) => name.startsWith(prefix)) })
    })
    await fetch(`${stack.elasticsearch}/_data_stream/logs-tocsin.*-${group}`, { method: 'DELETE' })
    await stack.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const isUp: Partial<Record<ServiceOfPath, RegExp>> = {
    'syslog-ingest': /listening on relp/,
    normalizer: /partitions taken/,
  }
  try {
    await register(registry)
    for (const name of SERVICES) start(name)
    for (const [name, line] of Object.entries(isUp)) await running.get(name as ServiceOfPath)?.lineLike(line, 120_000)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    services: SERVICES,
    env,
    clock,
    relpAddress: `127.0.0.1:${relp}`,
    register,
    events: (): readonly Event[] => events,
    of: <T>(topic: (typeof FOLLOWED)[number]): T[] => [...(held.get(topic)?.values() ?? [])] as T[],
    held: <T>(topic: 'source-states' | 'coverage-states', key: string): T | undefined =>
      held.get(topic)?.get(key) as T | undefined,
    /** Moves the test clock; every service looks at it within 200 ms, and a moment later all are in the new time. */
    async advance(ms: number): Promise<void> {
      advanceClockFile(clockFile, ms)
      await pause(400)
    },
    /** Sends lines over TCP from a loopback address, by which the door knows the source. */
    async send(from: string, lines: readonly string[]): Promise<void> {
      const none = { caFile: null, certFile: null, keyFile: null, insecure: false }
      const target = { transport: 'tcp', host: '127.0.0.1', port: tcp, framing: 'octet-counting', ...none } as const
      const sender = await openSender(target, from)
      await sender.send(lines.map((line) => Buffer.from(line)))
      await sender.close()
    },
    indexed: (query: object) => search({ elasticsearch: stack.elasticsearch }, `logs-tocsin.event-${group}`, query),
    /** SIGKILL; a minute of the test clock later it starts again. */
    async killAndRestart(name: ServiceOfPath): Promise<void> {
      await running.get(name)?.kill()
      advanceClockFile(clockFile, 60_000)
      start(name)
    },
    /** What a command of the CLI prints, run here. */
    async run(commands: readonly Command[], name: string, ...args: string[]): Promise<string> {
      const command = commands.find((one) => one.name === name)
      assert.ok(command)
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const read = Promise.all([text(stdout), text(stderr)])
      const { signal } = new AbortController()
      const code = await command.run(args, { stdin: Readable.from([]), stdout, stderr, env, signal })
      stdout.end()
      stderr.end()
      const [said, complaint] = await read
      assert.equal(code, 0, complaint)
      return said
    },
    async until(what: string, holds: () => unknown, between: () => Promise<unknown> = async () => {}): Promise<void> {
      await until(what, async () => {
        const found = await holds()
        if (!found) await between()
        return Boolean(found)
      }).catch((error: Error) => {
        const heard = [...running].map(([name, { lines }]) => `${name}: ${lines.slice(-3).join('\n  ')}`)
        throw new Error(`${error.message}\n${heard.join('\n')}`)
      })
    },
    stop,
  }
}
