import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { HealthEvent, RawBlock, RegistrySource, SourceCount } from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { startStack } from '@tocsin/test/support/stack'
import { constituent, source } from './registry-records.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const WRITTEN = ['raw-blocks', 'source-counts', 'health-events', 'evidence-checkpoints'] as const
const REGISTRY = ['registry-sources', 'registry-constituents', 'registry-systems']
const WAIT_MS = 60_000

/** Looks again until `check` holds; fails by `what` after a minute. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS
  while (!(await check())) {
    assert.ok(performance.now() < giveUpMs, `not within ${WAIT_MS} ms: ${what}`)
    await pause(20)
  }
}

/** A TCP port that is free now. */

/** The service as a process on a real broker, with topics and a folder of its own, and what it has written. */
export async function ingestOnKafka(name: string, sources: readonly Partial<RegistrySource>[]) {
  const stack = await startStack({ kafka: true, registry: true })
  const prefix = `${name}-${process.pid}.`
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    TOCSIN_DATA: folder,
    TOCSIN_ADMIN_PORT: '0',
    SYSLOG_INGEST_UDP_PORT: 'off',
    SYSLOG_INGEST_TCP_PORT: 'off',
    SYSLOG_INGEST_TLS_PORT: 'off',
  }
  const topics = [...WRITTEN, ...REGISTRY, 'audit-entries'].map((topic) => prefix + topic)
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
    }),
  )
  const kafka = await openKafkaForCommand(env)
  const registry = await kafka.publisher()
  await registry.send({ topic: 'registry-constituents', key: 'body-a', value: constituent() })
  for (const change of sources) {
    const value = source(change)
    await registry.send({ topic: 'registry-sources', key: value.sourceId, value })
  }
  const blocks: RawBlock[] = []
  const counts: SourceCount[] = []
  const health: HealthEvent[] = []
  const following = await kafka.follow(WRITTEN, { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'raw-blocks') blocks.push(record.value)
    else if (record.topic === 'source-counts') counts.push(record.value)
    else if (record.topic === 'health-events') health.push(record.value)
  })
  let running: Victim | null = null
  let adminPort = 0
  return {
    env,
    folder,
    blocks,
    counts,
    health,
    frames: () => blocks.flatMap((block) => block.frames),
    lines: () => blocks.flatMap((block) => block.frames.map((frame) => frame.octets.toString('latin1'))),
    process: () => running as Victim,
    /** Starts it; gives the ports of its listeners by name. */
    async start(settings: Record<string, string>): Promise<Map<string, number>> {
      running = startVictim(MAIN, { env: { ...env, ...settings } })
      adminPort = (JSON.parse(await running.lineLike(/"adminPort":/)) as { adminPort: number }).adminPort
      await eventually(async () => (await fetch(`http://127.0.0.1:${adminPort}/ready`)).ok, 'ready')
      const ports = new Map<string, number>()
      for (const line of running.lines) {
        if (!line.includes('listening on ')) continue
        const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
        if (listener !== undefined && port !== undefined) ports.set(listener.split(':')[0] as string, port)
      }
      return ports
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(),
    async close() {
      running?.child.kill('SIGKILL')
      await following.close()
      await kafka.close()
      await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics }))
      rmSync(folder, { recursive: true, force: true })
      await stack.stop()
    },
  }
}
