import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { HealthEvent, RawBlock, RegistrySource, SourceCount } from '@tocsin/events'
import { manualClock } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { Admission } from '../src/admission.ts'
import { firstBreak, HashChain } from '../src/chain.ts'
import { checkpointOf, isSignedBy } from '../src/checkpoint.ts'
import { Intake } from '../src/intake.ts'
import { newEvidence } from './evidence-under-test.ts'
import { constituent, source } from './registry-records.ts'

const MINUTE_MS = 60_000
const SENDER = { listener: 'udp:15514', transport: 'udp', address: '192.0.2.1', certificateSubject: null }
const STRANGER = { ...SENDER, address: '192.0.2.66' }

/** An intake whose publisher acknowledges only when the test says so. */
function setUp(options: { sources?: RegistrySource[]; maxUnacknowledgedBytes?: number } = {}) {
  const clock = manualClock(MINUTE_MS * 1_000)
  const waiting: { output: Output; acknowledge: () => void }[] = []
  const sent: Output[] = []
  let wishes = 0
  const admissionOf = (sources: RegistrySource[]) =>
    new Admission({ sources, constituents: [constituent()], systems: [] })
  const intake = new Intake({
    slot: 0,
    chain: new HashChain('ingest-1'),
    evidence: newEvidence('ingest-1'),
    admission: admissionOf(options.sources ?? [source()]),
    publisher: {
      send(output) {
        sent.push(output)
        return new Promise((resolve) => waiting.push({ output, acknowledge: resolve }))
      },
    },
    clock,
    maxUnacknowledgedBytes: options.maxUnacknowledgedBytes ?? 1_000_000,
    spool: null,
    wantFlush: () => {
      wishes += 1
    },
    onFailure: (error) => assert.fail(String(error)),
  })
  const blocks = () => sent.filter((output) => output.topic === 'raw-blocks').map((output) => output.value as RawBlock)
  return {
    intake,
    clock,
    admissionOf,
    blocks,
    wishes: () => wishes,
    health: () =>
      sent.filter((output) => output.topic === 'health-events').map((output) => output.value as HealthEvent),
    acknowledge: async (count = Number.POSITIVE_INFINITY) => {
      for (const { acknowledge } of waiting.splice(0, count)) acknowledge()
      await new Promise((resolve) => setImmediate(resolve))
    },
    counts: () => {
      const sums: Record<string, Pick<SourceCount, 'received' | 'accepted' | 'refused' | 'dropped'>> = {}
      for (const { value } of intake.drainCounts('p')) {
        const { sourceId, received, accepted, refused, dropped } = value as SourceCount
        sums[sourceId] = { received, accepted, refused, dropped }
      }
      return sums
    },
  }
}

const line = (text: string) => Buffer.from(text)

test('a block closes at 500 frames, before 64 KiB are passed, and at a flush; one wish for a flush per filling', () => {
  const { intake, blocks, wishes } = setUp()
  const session = intake.session(SENDER)
  for (let index = 0; index < 501; index++) intake.frame(session, line(`<13>${index}`), 0, 'datagram', 1_000)
  assert.deepEqual(
    blocks().map((block) => block.frames.length),
    [500],
  )
  for (let index = 0; index < 3; index++) intake.frame(session, Buffer.alloc(30_000, 'x'), 0, 'datagram', 1_000)
  assert.deepEqual(
    blocks().map((block) => block.frames.length),
    [500, 3],
  )
  intake.flush()
  assert.deepEqual(
    blocks().map((block) => block.frames.length),
    [500, 3, 1],
  )
  assert.ok(wishes() >= 1)
})

test('a block never spans two minutes, so that every hop counts the same minute', () => {
  const { intake, clock, blocks } = setUp()
  const session = intake.session(SENDER)
  clock.set(MINUTE_MS * 1_000 - 5)
  intake.frame(session, line('before'), 0, 'datagram', 1)
  clock.advance(5)
  intake.frame(session, line('after'), 0, 'datagram', 1)
  intake.flush()
  assert.deepEqual(
    blocks().map((block) => block.frames.map((frame) => frame.octets.toString())),
    [['before'], ['after']],
  )
})

test('blocks carry the octets untouched and form one hash chain; a changed octet is found', () => {
  const { intake, blocks } = setUp()
  const session = intake.session(SENDER)
  const octets = Buffer.from([0, 255, 10, 13, 128])
  for (let index = 0; index < 5; index++) {
    intake.frame(session, Buffer.concat([octets, Buffer.of(index)]), 0, 'datagram', 1)
    intake.flush()
  }
  assert.deepEqual(
    blocks().map((block) => block.chainSeq),
    [1, 2, 3, 4, 5],
  )
  assert.equal(firstBreak(blocks()), null)
  assert.equal(blocks()[0]?.frames[0]?.octets.equals(Buffer.concat([octets, Buffer.of(0)])), true)
  const frames = [{ ...(blocks()[2]?.frames[0] as RawBlock['frames'][0]), octets: line('forged') }]
  assert.equal(firstBreak(blocks().map((block, index) => (index === 2 ? { ...block, frames } : block))), 3)
  assert.equal(firstBreak(blocks().filter((_, index) => index !== 2)), 4)
})

test('a line counts as accepted when its block is acknowledged and not before', async () => {
  const { intake, acknowledge, counts } = setUp()
  const session = intake.session(SENDER)
  intake.frame(session, line('a'), 0, 'datagram', 1)
  intake.flush()
  assert.deepEqual(counts(), { 'source-a': { received: 1, accepted: 0, refused: 0, dropped: 0 } })
  await acknowledge()
  assert.deepEqual(counts(), { 'source-a': { received: 0, accepted: 1, refused: 0, dropped: 0 } })
})

test('received = accepted + refused + dropped, for known and unknown senders', async () => {
  const { intake, acknowledge, counts } = setUp({ maxUnacknowledgedBytes: 1_500 })
  const known = intake.session(SENDER)
  const stranger = intake.session(STRANGER)
  for (let index = 0; index < 100; index++) {
    intake.frame(known, line('0123456789'), 0, 'datagram', 1)
    intake.frame(stranger, line('secret'), 0, 'datagram', 1)
  }
  intake.flush()
  intake.kernelDropped('udp:15514', 7)
  await acknowledge()
  const sums = counts()
  assert.deepEqual(sums['source-a'], { received: 100, accepted: 11, refused: 0, dropped: 89 })
  assert.deepEqual(sums['unknown:udp:15514'], { received: 107, accepted: 0, refused: 100, dropped: 7 })
})

test('KZ-12b an unlisted sender is refused and alarmed once, and nothing of its lines is kept', () => {
  const { intake, blocks, health } = setUp()
  const stranger = intake.session(STRANGER)
  for (let index = 0; index < 50; index++) intake.frame(stranger, line('TOP SECRET'), 0, 'datagram', 1)
  intake.flush()
  assert.equal(blocks().length, 0)
  assert.deepEqual(
    health().map((event) => [event.code, event.values['address']]),
    [['unlisted_sender', '192.0.2.66']],
  )
  assert.doesNotMatch(JSON.stringify(health()), /TOP SECRET/)
})

test('VN-1.1 KZ-4.1 XC-7 an excluded body leaves a counter and a health event, no block', () => {
  const { intake, blocks, health, counts } = setUp({ sources: [source({ legalScope: ['state-secret'] })] })
  const session = intake.session(SENDER)
  intake.frame(session, line('TOP SECRET'), 0, 'datagram', 1)
  intake.flush()
  assert.equal(blocks().length, 0)
  assert.deepEqual(counts(), { 'source-a': { received: 1, accepted: 0, refused: 1, dropped: 0 } })
  assert.deepEqual(
    health().map((event) => [event.code, event.constituent]),
    [['sender_out_of_scope', 'body-a']],
  )
  assert.doesNotMatch(JSON.stringify(health()), /TOP SECRET/)
})

test('streams are asked to pause at the bound and resumed at half of it', async () => {
  const { intake, acknowledge } = setUp({ maxUnacknowledgedBytes: 4 * (400 + 128) })
  const session = intake.session({ ...SENDER, transport: 'tcp', listener: 'tcp:1' })
  for (let index = 0; index < 4; index++) {
    intake.frame(session, Buffer.alloc(400), 0, 'newline', 1)
    intake.flush()
  }
  assert.equal(intake.full, true)
  let resumed = 0
  intake.onceDrained(() => {
    resumed += 1
  })
  await acknowledge(1)
  assert.deepEqual([intake.full, resumed], [false, 0])
  await acknowledge(1)
  assert.equal(resumed, 1)
  await acknowledge()
  assert.equal(intake.unacknowledgedBytes, 0)
})

test('a registry change is felt by the next frame of a session that is open', () => {
  const { intake, admissionOf, blocks } = setUp({ sources: [] })
  const session = intake.session(SENDER)
  intake.frame(session, line('before'), 0, 'newline', 1)
  intake.admitBy(admissionOf([source()]))
  intake.frame(session, line('during'), 0, 'newline', 1)
  intake.admitBy(admissionOf([]))
  intake.frame(session, line('after'), 0, 'newline', 1)
  intake.flush()
  assert.deepEqual(
    blocks().flatMap((block) => block.frames.map((frame) => frame.octets.toString())),
    ['during'],
  )
})

test('a flood of strangers makes at most 1,000 alarms an hour', () => {
  const { intake, clock, health } = setUp()
  const knock = (from: number) => {
    for (let index = from; index < from + 3_000; index++) {
      const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
      intake.frame(intake.session({ ...SENDER, address }), line('x'), 0, 'datagram', 1)
    }
  }
  knock(0)
  knock(0)
  assert.equal(health().length, 1_000)
  clock.advance(60 * MINUTE_MS)
  knock(0)
  assert.equal(health().length, 2_000)
})

test('a checkpoint vouches only for blocks that are all in Kafka, and its signature covers every field', async () => {
  const { intake, acknowledge } = setUp()
  const session = intake.session(SENDER)
  for (let index = 0; index < 3; index++) {
    intake.frame(session, line(String(index)), 0, 'datagram', 1)
    intake.flush()
  }
  assert.equal(intake.acknowledgedHead().seq, 0)
  await acknowledge(2)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const checkpoint = checkpointOf(intake.acknowledgedHead(), privateKey, 5_000)
  assert.equal(checkpoint.size, 2)
  assert.equal(isSignedBy(checkpoint, publicKey), true)
  for (const forged of [{ size: 1 }, { origin: 'other' }, { at: 5_001 }, { rootHash: Buffer.alloc(32) }]) {
    assert.equal(isSignedBy({ ...checkpoint, ...forged }, publicKey), false)
  }
})

test('acknowledgements out of order move the head only over blocks without a hole', () => {
  const chain = new HashChain('ingest-1')
  const links = [1, 2, 3].map((value) => chain.append([{ octets: Buffer.of(value) }]))
  chain.acknowledge(links[1] as (typeof links)[0])
  chain.acknowledge(links[2] as (typeof links)[0])
  assert.equal(chain.acknowledgedHead().seq, 0)
  assert.equal(chain.settled, false)
  chain.acknowledge(links[0] as (typeof links)[0])
  assert.equal(chain.acknowledgedHead().seq, 3)
  assert.equal(chain.settled, true)
})
