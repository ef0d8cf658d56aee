import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCodec, schemaOf } from '@tocsin/avro'
import type { Event, RawBlock, RegistrySource } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import fc from 'fast-check'
import { normalizeBlocks } from '../src/normalize-blocks.ts'
import { parsers } from '../src/parsers/index.ts'

const RECEIVED = Date.UTC(2026, 10, 22, 9, 0, 0)

const source: RegistrySource = {
  sourceId: 'ssh-1',
  constituent: 'body-a',
  name: 'gateway',
  addresses: ['192.0.2.1'],
  certificateSubjects: [],
  listeners: [],
  circuit: 'inner',
  kind: 'system',
  sourceChannel: 'basic',
  timeZone: 'Asia/Almaty',
  charset: 'utf-8',
  formatHint: null,
  expectedIntervalSeconds: null,
  connections: [],
  contactIds: [],
  systemIds: [],
  maintainedBy: null,
  position: null,
  version: null,
  configHash: null,
  legalScope: [],
  deviceName: null,
  exercise: false,
  changedBy: 'test',
  changedAt: 0,
  reason: '',
  deleted: false,
}

function blockOf(...lines: (string | Buffer)[]): RawBlock {
  return {
    blockId: '019a0000-0000-7000-8000-000000000001',
    constituent: 'body-a',
    sourceId: 'ssh-1',
    receivedAt: RECEIVED,
    exercise: false,
    listener: 'udp:15514',
    transport: 'udp',
    peerAddress: '192.0.2.1',
    peerPort: 514,
    clientCertificate: null,
    ingestId: 'ingest-0',
    chainSeq: 1,
    previousHash: Buffer.alloc(32),
    blockHash: Buffer.alloc(32),
    frames: lines.map((line) => ({
      octets: Buffer.from(line),
      receivedAt: RECEIVED,
      truncatedBytes: 0,
      framing: 'datagram',
      collectorId: null,
      collectorSeq: null,
      possibleRepeat: false,
    })),
  }
}

const harness = () =>
  harnessOf(
    normalizeBlocks(() => parsers, new Map([['ssh-1', source]]), 0),
    RECEIVED,
  )
const FAILED = '<86>Nov 22 13:59:58 gw sshd[811]: Failed password for root from 203.0.113.9 port 51544 ssh2'

test('a line in the zone of its source becomes an event in UTC, with typed ECS fields', async () => {
  const stage = harness()
  await stage.give('raw-blocks', 'ssh-1', blockOf(FAILED))
  const [event] = stage.written('events') as [Event]
  // 13:59:58 in Almaty (UTC+5) is 08:59:58 UTC.
  assert.equal(event.occurredAt, Date.UTC(2026, 10, 22, 8, 59, 58))
  assert.equal(event.source_ip, '203.0.113.9')
  assert.equal(event.source_port, 51544)
  assert.equal(event.user_name, 'root')
  assert.equal(event.outcome, 'failure')
  assert.deepEqual([event.logProduct, event.logService], ['linux', 'sshd'])
  assert.equal(event.original, FAILED)
})

test('the id of an event is the same when its block is normalized again', async () => {
  const [first, second] = [harness(), harness()]
  await first.give('raw-blocks', 'ssh-1', blockOf(FAILED, 'a line nobody knows'))
  await second.give('raw-blocks', 'ssh-1', blockOf(FAILED, 'a line nobody knows'))
  const ids = (stage: typeof first) => stage.written('events').map((event) => event.eventId)
  assert.deepEqual(ids(first), ids(second))
  assert.equal(new Set(ids(first)).size, 2)
})

test('what the door says of a frame stands in its event: it may be a repeat, its end was cut', async () => {
  const stage = harness()
  const block = blockOf(FAILED, FAILED, FAILED)
  const [, second, third] = block.frames
  if (second !== undefined) second.possibleRepeat = true
  if (third !== undefined) third.truncatedBytes = 10
  await stage.give('raw-blocks', 'ssh-1', block)
  assert.deepEqual(
    stage.written('events').map(({ quality }) => quality),
    [[], ['possible_repeat'], ['frame_truncated']],
  )
})

test('a frame of which nothing can be kept is rejected alone; the sums agree: received = normalized + rejected', async () => {
  const stage = harness()
  const outcome = await stage.give('raw-blocks', 'ssh-1', blockOf(FAILED, '   ', 'odd line'))
  assert.equal(outcome.kind, 'emit')
  assert.ok(outcome.kind === 'emit' && outcome.rejected.length === 1 && outcome.rejected[0]?.code === 'empty_frame')
  const [count] = stage.written('source-counts')
  assert.deepEqual([count?.received, count?.normalized, count?.rejected], [3, 2, 1])
})

test('a line from the future keeps its own time beside the receive time', async () => {
  const stage = harness()
  await stage.give(
    'raw-blocks',
    'ssh-1',
    blockOf('<86>1 2026-11-22T12:00:00Z gw sshd 811 - - Failed password for root from 203.0.113.9 port 1 ssh2'),
  )
  const [event] = stage.written('events') as [Event]
  assert.equal(event.occurredAt, RECEIVED)
  assert.equal(event.originalTime, Date.UTC(2026, 10, 22, 12))
  assert.equal(event.skewMs, 3 * 3_600_000)
})

test('hostile lines give events that the codec takes', async () => {
  const stage = harness()
  const deep = `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])))
  const proto = '{"__proto__":{"x":1},"constructor":"c","source":{"port":99999999999},"status":"200"}'
  const garbage = Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7919) % 256))
  await stage.give('raw-blocks', 'ssh-1', blockOf(deep, many, proto, garbage, 'x'.repeat(60_000)))
  const codec = createCodec<Event>(schemaOf('event'), 1)
  const events = stage.written('events')
  assert.equal(events.length, 5)
  for (const event of events) assert.equal(codec.decode(codec.encode(event)).eventId, event.eventId)
})

function collected(collectorId: string, ...seqs: number[]): RawBlock {
  const block = blockOf(...seqs.map((seq) => `<13>Nov 22 13:59:58 gw app: number ${seq}`))
  return {
    ...block,
    frames: block.frames.map((frame, index) => ({ ...frame, collectorId, collectorSeq: seqs[index] as number })),
  }
}

test('what a collector sends again after a crash becomes no second event, and is counted as a repeat', async () => {
  const stage = harness()
  await stage.give('raw-blocks', 'ssh-1', collected('c/1', 1, 2, 3))
  stage.crash()
  await stage.give('raw-blocks', 'ssh-1', collected('c/1', 2, 3, 5))
  await stage.give('raw-blocks', 'ssh-1', collected('c/2', 1))
  await stage.give('raw-blocks', 'ssh-1', blockOf(FAILED))
  const ids = stage.written('events').map((event) => event.eventId)
  assert.equal(ids.length, 6)
  assert.equal(new Set(ids).size, 6)
  const counts = stage.written('source-counts')
  const sum = (field: 'received' | 'normalized' | 'dropped') => counts.reduce((all, count) => all + count[field], 0)
  assert.deepEqual([sum('received'), sum('normalized'), sum('dropped')], [8, 6, 2])
  assert.equal(
    counts.reduce((all, count) => all + (count.reasons['repeat'] ?? 0), 0),
    2,
  )
})

const DECLARED = '#Fields: date time s-ip cs-method cs-uri-stem c-ip cs(User-Agent) sc-status'
const VISITED = '2026-11-22 08:59:58 192.0.2.80 GET /a 203.0.113.9 Example+Agent/1.0 404'

test('a W3C log is read by the columns that its source declared, also in a later block and after a crash', async () => {
  const stage = harness()
  await stage.give('raw-blocks', 'ssh-1', blockOf(DECLARED, VISITED))
  stage.crash()
  await stage.give('raw-blocks', 'ssh-1', blockOf(VISITED))
  const events = stage.written('events')
  assert.equal(events.length, 3)
  for (const event of [events[1], events[2]]) {
    assert.equal(event?.source_ip, '203.0.113.9')
    assert.equal(event?.destination_ip, '192.0.2.80')
    assert.equal(event?.http_response_status_code, 404)
    assert.equal(event?.user_agent_original, 'Example Agent/1.0')
  }
})

test('a line of another number of columns than declared is not read under their names', async () => {
  const stage = harness()
  await stage.give('raw-blocks', 'ssh-1', blockOf('#Fields: x-a x-b cs-username', 'one two three four', FAILED))
  assert.equal(stage.written('events')[1]?.user_name, null)
  assert.equal(stage.written('events')[2]?.user_name, 'root')
})

test('log lines, status and alerts of a device are three kinds on the topic, a heartbeat is a status', async () => {
  const stage = harness()
  const alert = 'CEF:0|Acme|Probe|1|7|Port scan|8|src=203.0.113.9 dst=192.0.2.80 act=blocked'
  await stage.give(
    'raw-blocks',
    'ssh-1',
    blockOf(FAILED, '<46>Nov 22 13:59:58 probe-1 probed: heartbeat seq 17', alert),
  )
  assert.deepEqual(
    stage.written('events').map(({ kind }) => kind),
    ['event', 'state', 'alert'],
  )
})

test('whatever is changed in a line, it becomes an event with its octets or a dead letter with them', async () => {
  const samples = [
    FAILED,
    VISITED,
    DECLARED,
    '{"src_ip":"192.0.2.1","msg":"x"}',
    '<Event><a b="c"/></Event>',
    'a=1,b="2",c=3',
  ]
  const mutation = fc.tuple(fc.constantFrom(...samples), fc.nat(200), fc.uint8Array({ maxLength: 6 }), fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 20 }), async (changes) => {
      const frames = changes.map(([line, at, octets, cut]) => {
        const whole = Buffer.from(line)
        return Buffer.concat([whole.subarray(0, at), octets, cut ? Buffer.alloc(0) : whole.subarray(at)])
      })
      const stage = harness()
      const outcome = await stage.give('raw-blocks', 'ssh-1', blockOf(...frames))
      assert.ok(outcome.kind === 'emit')
      const kept = [
        ...stage.written('events').map(({ original }) => original),
        ...(outcome.rejected ?? []).map(({ original }) => original.toString('utf8')),
      ]
      assert.deepEqual(kept.sort(), frames.map((octets) => octets.toString('utf8')).sort())
    }),
    { numRuns: process.env['TOCSIN_TEST_DOSE'] === 'full' ? 20_000 : 300 },
  )
})
