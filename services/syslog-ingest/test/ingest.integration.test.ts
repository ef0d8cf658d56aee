import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { EvidenceCheckpoint, HealthEvent, RawBlock, SourceCount } from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { type Following, openKafkaForCommand, type Publisher } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { openSender } from '../src/adapters/syslog-sender.ts'
import { firstBreak } from '../src/chain.ts'
import { leafOf } from '../src/evidence/leaf.ts'
import { rootOf } from '../src/evidence/merkle.ts'
import type { Target } from '../src/generator/plan.ts'
import { constituent, source } from './registry-records.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const WRITTEN = ['raw-blocks', 'source-counts', 'health-events', 'evidence-checkpoints'] as const
const REGISTRY = ['registry-sources', 'registry-constituents', 'registry-systems']
const WAIT_MS = 90_000

async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS
  while (!(await check())) {
    assert.ok(performance.now() < giveUpMs, `not within ${WAIT_MS} ms: ${what}`)
    await pause(20)
  }
}

describe('syslog-ingest on a real broker', { timeout: 180_000 }, () => {
  const prefix = `ingest-${process.pid}.`
  const folder = mkdtempSync(join(tmpdir(), 'ingest-'))
  const blocks: RawBlock[] = []
  const counts: SourceCount[] = []
  const health: HealthEvent[] = []
  const checkpoints: EvidenceCheckpoint[] = []
  let stack: Stack
  let env: Record<string, string>
  let kafka: Awaited<ReturnType<typeof openKafkaForCommand>>
  let registry: Publisher
  let following: Following
  let running: Victim
  let adminPort = 0
  const ports = new Map<string, number>()

  before(async () => {
    stack = await startStack({ kafka: true, registry: true })
    env = {
      ...stack.env,
      TOCSIN_TOPIC_PREFIX: prefix,
      TOCSIN_DATA: folder,
      TOCSIN_ADMIN_PORT: '0',
      SYSLOG_INGEST_UDP_PORT: '0',
      SYSLOG_INGEST_TCP_PORT: '0',
      SYSLOG_INGEST_TLS_PORT: '0',
    }
    await withAdmin(stack.kafka, (admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [...WRITTEN, ...REGISTRY].map((topic) => ({
          topic: prefix + topic,
          numPartitions: 2,
          replicationFactor: 1,
        })),
      }),
    )
    kafka = await openKafkaForCommand(env)
    registry = await kafka.publisher()
    await register('body-a', 'source-a', '127.1.0.1')
    await register('body-b', 'source-b', '127.1.0.2')
    await register('defence', 'source-defence', '127.1.0.3', ['mnd'])
    following = await kafka.follow(WRITTEN, { from: 'beginning' }, (record) => {
      if (record.value === null) return
      switch (record.topic) {
        case 'raw-blocks':
          assert.equal(record.key, record.value.sourceId)
          blocks.push(record.value)
          break
        case 'source-counts':
          counts.push(record.value)
          break
        case 'health-events':
          health.push(record.value)
          break
        case 'evidence-checkpoints':
          checkpoints.push(record.value)
          break
      }
    })
    await start()
  })

  after(async () => {
    running?.child.kill('SIGKILL')
    await following?.close()
    await kafka?.close()
    await withAdmin(stack.kafka, (admin) =>
      admin.deleteTopics({ topics: [...WRITTEN, ...REGISTRY].map((topic) => prefix + topic) }),
    )
    rmSync(folder, { recursive: true })
    await stack.stop()
  })

  async function register(constituentId: string, sourceId: string, address: string, legalScope: string[] = []) {
    const value = constituent({ constituentId, legalScope })
    await registry.send({ topic: 'registry-constituents', key: constituentId, value })
    const sender = source({ sourceId, constituent: constituentId, addresses: [address] })
    await registry.send({ topic: 'registry-sources', key: sourceId, value: sender })
  }

  async function start(): Promise<void> {
    running = startVictim(MAIN, { env })
    for (const transport of ['udp', 'tcp', 'tls']) {
      const line = await running.lineLike(new RegExp(`listening on ${transport}:`), WAIT_MS)
      ports.set(transport, (JSON.parse(line) as { port: number }).port)
    }
    adminPort = (JSON.parse(await running.lineLike(/"adminPort":/)) as { adminPort: number }).adminPort
  }

  const admin = async (path: string) => fetch(`http://127.0.0.1:${adminPort}${path}`)

  async function acceptedByMetrics(): Promise<number> {
    const text = await (await admin('/metrics')).text()
    const values = [...text.matchAll(/^tocsin_ingest_frames_accepted_total\{[^}]*\} (\d+)$/gm)]
    return values.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  const target = (transport: Target['transport'], framing: Target['framing'] = 'octet-counting'): Target => ({
    transport,
    host: '127.0.0.1',
    port: ports.get(transport) ?? 0,
    framing,
    caFile: null,
    certFile: null,
    keyFile: null,
    insecure: true,
  })

  async function send(to: Target, from: string, lines: readonly (string | Buffer)[]): Promise<void> {
    const sender = await openSender(to, from)
    await sender.send(lines.map((line) => Buffer.from(line as string)))
    await sender.close()
  }

  const linesOf = (sourceId: string) =>
    blocks
      .filter((block) => block.sourceId === sourceId)
      .sort((a, b) => a.chainSeq - b.chainSeq)
      .flatMap((block) => block.frames.map((frame) => frame.octets.toString('latin1')))

  test('lines of every transport and framing come out of the topic, octets untouched, under their source', async () => {
    assert.equal((await admin('/ready')).status, 200)
    await send(target('udp'), '127.1.0.1', ['<13>udp'])
    await send(target('tcp', 'octet-counting'), '127.1.0.1', ['<13>counted', '<13>two\nlines'])
    await send(target('tcp', 'newline'), '127.1.0.2', ['<13>newline'])
    await send(target('tls', 'nul'), '127.1.0.2', ['<13>tls'])
    await eventually(() => linesOf('source-a').length === 3 && linesOf('source-b').length === 2, 'five lines')
    assert.deepEqual(new Set(linesOf('source-a')), new Set(['<13>udp', '<13>counted', '<13>two\nlines']))
    assert.deepEqual(new Set(linesOf('source-b')), new Set(['<13>newline', '<13>tls']))
    assert.deepEqual(new Set(blocks.map((block) => block.constituent)), new Set(['body-a', 'body-b']))
  })

  test('garbage and a 1 MB line cost no good line beside them', async () => {
    const garbage = randomBytes(20_000)
    const before = linesOf('source-b').length
    await send(target('tcp', 'newline'), '127.1.0.2', [garbage, `<13>${'y'.repeat(1_048_576)}`, '<13>good'])
    await eventually(() => linesOf('source-b').includes('<13>good'), 'the good line')
    assert.ok(linesOf('source-b').length > before + 2)
    const long = blocks.flatMap((block) => block.frames).find((frame) => frame.truncatedBytes > 0)
    assert.deepEqual([long?.octets.length, long?.truncatedBytes], [65_536, 1_048_580 - 65_536])
  })

  test('VN-1.1 KZ-12b an excluded body and an unlisted sender leave counters and health events, never content', async () => {
    await send(target('tcp'), '127.1.0.3', ['<13>TOP SECRET of the ministry'])
    await send(target('udp'), '127.1.0.99', ['<13>TOP SECRET of a stranger'])
    const codes = () => new Set(health.map((event) => event.code))
    await eventually(() => codes().has('sender_out_of_scope') && codes().has('unlisted_sender'), 'two health events')
    const text = await (await admin('/metrics')).text()
    assert.doesNotMatch(text, /TOP SECRET/)
    assert.equal(
      blocks.some((block) => block.sourceId === 'source-defence'),
      false,
    )
    assert.doesNotMatch(JSON.stringify([health, running.lines]), /TOP SECRET/)
  })

  test('XC-7 the scope guard stands before storage: each flag of both laws keeps its body out, an integrated bank comes in', async () => {
    const flags =
      'mnd mps state-secret state-secret-system special-purpose governmental-communication classified-communication encrypted-communication coded-communication national-bank'.split(
        ' ',
      )
    const addressOf = (number: number) => `127.1.1.${number + 1}`
    for (const [number, flag] of flags.entries())
      await register(`body-${flag}`, `source-${flag}`, addressOf(number), [flag])
    const bank = constituent({ constituentId: 'bank', legalScope: ['national-bank'], integratedWithEgov: true })
    await registry.send({ topic: 'registry-constituents', key: 'bank', value: bank })
    const integrated = source({ sourceId: 'source-bank', constituent: 'bank', addresses: ['127.1.1.99'] })
    await registry.send({ topic: 'registry-sources', key: 'source-bank', value: integrated })
    await eventually(async () => {
      await send(target('tcp'), '127.1.1.99', ['<13>of the integrated bank'])
      return linesOf('source-bank').length > 0
    }, 'a line of the integrated bank')
    const groundOf = (flag: string) =>
      health.find(({ code, sourceId }) => code === 'sender_out_of_scope' && sourceId === `source-${flag}`)?.values[
        'ground'
      ]
    for (const [number, flag] of flags.entries()) {
      await eventually(async () => {
        await send(target('tcp'), addressOf(number), [`<13>TOP SECRET ${flag}`])
        await send(target('udp'), addressOf(number), [`<13>TOP SECRET ${flag}`])
        await pause(100)
        return groundOf(flag) !== undefined
      }, `the refusal of ${flag}`)
      assert.match(groundOf(flag) ?? '', new RegExp(flag))
    }
    assert.deepEqual(
      blocks.filter(({ sourceId }) => flags.some((flag) => sourceId === `source-${flag}`)),
      [],
    )
    const kept = blocks.flatMap(({ frames }) => frames.map(({ octets }) => octets.toString('latin1')))
    assert.ok(kept.every((line) => !line.includes('TOP SECRET')))
    assert.doesNotMatch(JSON.stringify([health, running.lines]), /TOP SECRET/)
  })

  test('a source that is registered while the service runs is admitted without a restart', async () => {
    await register('body-a', 'source-new', '127.1.0.4')
    await eventually(async () => {
      await send(target('udp'), '127.1.0.4', ['<13>new'])
      await pause(200)
      return linesOf('source-new').length > 0
    }, 'a line of the new source')
  })

  test('a stop publishes counts that agree, and the next start goes on with the chain', async () => {
    assert.equal(await running.stop(), 0)
    await eventually(() => checkpoints.length > 0 && counts.length > 0, 'counts and a checkpoint')
    const total = (field: 'received' | 'accepted' | 'refused' | 'dropped') =>
      counts.reduce((sum, count) => sum + count[field], 0)
    const stored = () => blocks.reduce((sum, block) => sum + block.frames.length, 0)
    await eventually(() => total('accepted') === stored(), 'accepted = stored')
    assert.equal(total('received'), total('accepted') + total('refused') + total('dropped'))
    assert.equal(counts.find((count) => count.sourceId === 'source-defence')?.reasons['out-of-scope'], 1)
    await start()
    await send(target('udp'), '127.1.0.1', ['<13>after the restart'])
    await eventually(() => linesOf('source-a').includes('<13>after the restart'), 'a line after the restart')
    const chain = blocks.toSorted((a, b) => a.chainSeq - b.chainSeq)
    assert.equal(new Set(chain.map((block) => block.ingestId)).size, 1)
    assert.equal(firstBreak(chain), null)
    const heads = checkpoints.filter(({ kind }) => kind === 'chain-head')
    assert.ok(heads.length > 0 && heads.every(({ size, rootHash }) => chain[size - 1]?.blockHash.equals(rootHash)))
    const tree = checkpoints.find(({ kind }) => kind === 'tree')
    assert.deepEqual(
      tree?.rootHash,
      rootOf(chain.slice(0, tree?.size).map(leafOf)),
      'SEC-S3: the root over what Kafka has',
    )
  })

  test('after kill -9 nothing that was accepted is missing, nothing is doubled, and a new chain begins', async () => {
    // Counts reach /metrics once a second: the line of the test before must be in them, or it is taken for one of these.
    await eventually(async () => (await acceptedByMetrics()) > 0, 'the line after the restart in /metrics')
    const before = await acceptedByMetrics()
    const oldChain = blocks.at(-1)?.ingestId
    const sender = await openSender(target('tcp'), '127.1.0.2')
    let next = 0
    let stopSending = false
    const sending = (async () => {
      while (!stopSending) {
        const lines = Array.from({ length: 100 }, () => Buffer.from(`<13>number ${next++}`))
        await sender.send(lines).catch(() => {
          stopSending = true
        })
        await pause(2)
      }
    })()
    await eventually(async () => (await acceptedByMetrics()) - before > 20_000, '20,000 accepted lines')
    const accepted = (await acceptedByMetrics()) - before
    await running.kill()
    stopSending = true
    await sending
    const numbers = () => linesOf('source-b').filter((line) => line.startsWith('<13>number'))
    await eventually(() => numbers().length >= accepted, 'all accepted lines')
    await pause(500)
    const expected = numbers().map((_, index) => `<13>number ${index}`)
    assert.deepEqual(numbers(), expected, 'consecutive, each once')
    await start()
    await send(target('udp'), '127.1.0.1', ['<13>after the crash'])
    await eventually(() => linesOf('source-a').includes('<13>after the crash'), 'a line after the crash')
    const last = blocks.find((block) => block.frames.some((frame) => frame.octets.toString() === '<13>after the crash'))
    assert.notEqual(last?.ingestId, oldChain)
    assert.equal(last?.chainSeq, 1)
    const left = () =>
      checkpoints.find(
        ({ kind, origin }) => kind === 'tree' && origin.startsWith(`${oldChain}/`) && origin !== `${oldChain}/blocks/1`,
      )
    await eventually(() => left() !== undefined, 'the tree of the killed process, signed by the next one')
    const first = Number(left()?.origin.split('/').at(-1))
    const old = blocks.filter(({ ingestId }) => ingestId === oldChain).toSorted((a, b) => a.chainSeq - b.chainSeq)
    assert.deepEqual(left()?.rootHash, rootOf(old.slice(first - 1, first - 1 + (left()?.size ?? 0)).map(leafOf)))
    assert.equal(await running.stop(), 0)
  })
})
