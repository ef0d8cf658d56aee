import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { type LumberjackFrame, LumberjackFramer } from '../src/lumberjack-framing.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }
const BEATS = { SYSLOG_INGEST_BEATS_PORT: '0' }
const MAX = 1_000

const number = (value: number): Buffer => {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}
const windowOf = (size: number): Buffer => Buffer.concat([Buffer.from('2W'), number(size)])
const event = (seq: number, text: string | Uint8Array): Buffer => {
  const octets = Buffer.from(text as string)
  return Buffer.concat([Buffer.from('2J'), number(seq), number(octets.length), octets])
}
const compressed = (...frames: Buffer[]): Buffer => {
  const octets = deflateSync(Buffer.concat(frames))
  return Buffer.concat([Buffer.from('2C'), number(octets.length), octets])
}

function read(octets: Buffer, size = octets.length) {
  const frames: LumberjackFrame[] = []
  const framer = new LumberjackFramer((frame) => frames.push(frame), MAX)
  let good = true
  for (let at = 0; at < octets.length && good; at += size) good = framer.push(octets.subarray(at, at + size))
  return { frames, good, unfinished: framer.unfinished }
}

test('windows and events come out as they went in, compressed or not, however the octets are cut', () => {
  const events = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(events, fc.boolean(), fc.integer({ min: 1, max: 90 }), (payloads, compress, size) => {
      const parts = payloads.map((payload, index) => event(index + 1, payload))
      const octets = Buffer.concat([windowOf(parts.length), ...(compress ? [compressed(...parts)] : parts)])
      const { frames, good, unfinished } = read(octets, size)
      assert.deepEqual([good, unfinished], [true, false])
      assert.deepEqual(frames, [
        { kind: 'window', size: parts.length },
        ...payloads.map((payload, index) => ({
          kind: 'event',
          seq: index + 1,
          octets: Buffer.from(payload),
          truncatedBytes: 0,
        })),
      ])
    }),
  )
})

test('an event longer than the bound is cut and the next one is whole', () => {
  const { frames } = read(Buffer.concat([windowOf(2), event(1, 'x'.repeat(1_500)), event(2, 'next')]), 100)
  assert.deepEqual(
    frames.slice(1).map((frame) => frame.kind === 'event' && [frame.octets.length, frame.truncatedBytes]),
    [
      [MAX, 500],
      [4, 0],
    ],
  )
})

test('what is no lumberjack is refused: text, version 1, too large numbers, bombs, compressed in compressed', () => {
  const bomb = deflateSync(Buffer.alloc(70 * 1024 * 1024))
  for (const octets of [
    Buffer.from('<13>text'),
    Buffer.from('1W\0\0\0\x01', 'latin1'),
    Buffer.from('2X\0\0\0\x01', 'latin1'),
    Buffer.concat([Buffer.from('2W'), number(0)]),
    Buffer.concat([Buffer.from('2W'), number(2 ** 31)]),
    Buffer.concat([Buffer.from('2J'), number(1), number(2 ** 32 - 1)]),
    Buffer.concat([Buffer.from('2C'), number(2 ** 32 - 1)]),
    Buffer.concat([Buffer.from('2C'), number(5), Buffer.from('hello')]),
    Buffer.concat([Buffer.from('2C'), number(bomb.length), bomb]),
    compressed(compressed(event(1, '{}'))),
    compressed(event(1, '{}').subarray(0, 8)),
  ])
    assert.equal(read(octets).good, false, octets.subarray(0, 12).toString('latin1'))
})

test('arbitrary octets behind a good beginning never throw', () => {
  fc.assert(
    fc.property(fc.constantFrom('', '2', '2W', '2J', '2C'), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      read(Buffer.concat([Buffer.from(start), rest]), 7)
    }),
  )
})

async function dial(t: TestContext, port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  let heard: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk])
  })
  await once(socket, 'connect')
  return { socket, answers: () => heard.toString('hex').match(/.{12}/g) ?? [] }
}

test(
  'a window is answered once, when Kafka has all of it; a repeat after a broken session is marked',
  LIMITS,
  async (t) => {
    const { port, lines, frames, state, release, blocks } = await startIngest(t, BEATS)
    state.acknowledging = false
    const first = await dial(t, port('beats:'))
    first.socket.write(windowOf(3))
    first.socket.write(compressed(event(1, '{"n":1}'), event(2, '{"n":2}'), event(3, '{"n":3}')))
    await eventually(() => lines().length === 3)
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(first.answers(), [])
    release()
    await eventually(() => first.answers().length === 1)
    assert.deepEqual(first.answers(), ['324100000003'])
    first.socket.write(Buffer.concat([windowOf(1), event(1, '{"n":4}')]))
    await eventually(() => first.answers().length === 2)
    first.socket.destroy()
    const second = await dial(t, port('beats:'))
    second.socket.write(Buffer.concat([windowOf(2), event(1, '{"n":4}'), event(2, '{"n":5}')]))
    await eventually(() => second.answers().length === 1)
    assert.deepEqual(
      frames().map((frame) => [frame.octets.toString(), frame.possibleRepeat]),
      [1, 2, 3, 4, 4, 5].map((n, index) => [`{"n":${n}}`, index === 4]),
    )
    assert.deepEqual([blocks()[0]?.transport, frames()[0]?.framing], ['beats', 'beats'])
  },
)

test('a window whose first block Kafka has and whose last it has not is not answered', LIMITS, async (t) => {
  const { port, lines, state, release } = await startIngest(t, BEATS)
  const sender = await dial(t, port('beats:'))
  sender.socket.write(
    Buffer.concat([windowOf(501), ...Array.from({ length: 500 }, (_, n) => event(n + 1, `{"n":${n}}`))]),
  )
  await eventually(() => lines().length === 500)
  state.acknowledging = false
  sender.socket.write(event(501, '{"n":500}'))
  await eventually(() => lines().length === 501)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(sender.answers(), [])
  release()
  await eventually(() => sender.answers().length === 1)
  assert.deepEqual(sender.answers(), ['3241000001f5'])
})

test(
  'a window that came whole is not answered while Kafka lacks one of its blocks, whichever was acknowledged',
  LIMITS,
  async (t) => {
    const { port, lines, blocks, state, release, releaseBlock } = await startIngest(t, BEATS)
    state.acknowledging = false
    const sender = await dial(t, port('beats:'))
    const events = Array.from({ length: 1_001 }, (_, n) => event(n + 1, `{"n":${n}}`))
    sender.socket.write(Buffer.concat([windowOf(1_001), ...events]))
    await eventually(() => lines().length === 1_001)
    assert.ok(blocks().length >= 3)
    for (let left = blocks().length - 1; left > 0; left--) {
      releaseBlock()
      // An early answer would be on the wire before the answer to this: the sockets of one process keep their order.
      await roundTrip(t, port('tcp:'))
      assert.deepEqual(sender.answers(), [], `${left} blocks are not in Kafka`)
    }
    release()
    await eventually(() => sender.answers().length === 1)
    assert.deepEqual(sender.answers(), ['3241000003e9'])
  },
)

/** A connection to and fro: what was written to another one before has arrived. */
async function roundTrip(t: TestContext, port: number): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    const { socket } = await dial(t, port)
    socket.end()
    if (!socket.closed) await once(socket, 'close')
  }
}

test('more events than announced, or a sender that is not registered, lose the connection', LIMITS, async (t) => {
  const { port, metrics, lines } = await startIngest(t, BEATS)
  const liar = await dial(t, port('beats:'))
  liar.socket.write(Buffer.concat([windowOf(1), event(1, '{"n":1}'), event(2, '{"n":2}')]))
  if (!liar.socket.closed) await once(liar.socket, 'close')
  assert.match(await metrics.registry.metrics(), /reason="protocol_error"[^}]*\} 1/)
  assert.deepEqual(lines(), ['{"n":1}'])
  const other = await startIngest(t, BEATS, [source({ addresses: ['192.0.2.9'] })])
  const stranger = await dial(t, other.port('beats:'))
  stranger.socket.write(Buffer.concat([windowOf(1), event(1, '{"secret":1}')]))
  if (!stranger.socket.closed) await once(stranger.socket, 'close')
  assert.deepEqual(
    other.sent.map(({ topic }) => topic),
    ['health-events'],
  )
  assert.doesNotMatch(JSON.stringify(other.sent), /secret/)
})
