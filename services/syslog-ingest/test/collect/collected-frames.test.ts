import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthEvent, RawBlock, RegistrySource } from '@tocsin/events'
import { manualClock } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import fc from 'fast-check'
import { Admission } from '../../src/admission.ts'
import { HashChain } from '../../src/chain.ts'
import { type CollectedFrame, unwrapCollected, wrapCollected } from '../../src/collected-frame.ts'
import { Intake } from '../../src/intake.ts'
import { newEvidence } from '../evidence-under-test.ts'
import { constituent, source } from '../registry-records.ts'
import { START } from './store-under-test.ts'

const CERTIFICATE = 'CN=collector.body-a.example'
const COLLECTOR = {
  listener: 'relp-tls:2514',
  transport: 'relp',
  address: '203.0.113.9',
  certificateSubject: CERTIFICATE,
}
const collectorSource = source({
  sourceId: 'collector-a',
  addresses: [],
  certificateSubjects: [CERTIFICATE],
  formatHint: 'tocsin-collect',
})

/** The centre's intake with a collector and devices behind it. */
function centre(sources: RegistrySource[] = [collectorSource]) {
  const clock = manualClock(START)
  const sent: Output[] = []
  const held: (() => void)[] = []
  const answered: number[] = []
  const intake = new Intake({
    slot: 0,
    chain: new HashChain('ingest-1'),
    evidence: newEvidence('ingest-1'),
    admission: new Admission({
      sources,
      constituents: [constituent(), constituent({ constituentId: 'body-b' })],
      systems: [],
    }),
    publisher: {
      send(output) {
        sent.push(output)
        return new Promise((resolve) => held.push(resolve))
      },
    },
    clock,
    maxUnacknowledgedBytes: 1_000_000,
    spool: null,
    wantFlush: () => {},
    onFailure: (error) => assert.fail(String(error)),
  })
  const session = (sender = COLLECTOR) =>
    intake.session(sender, { accepted: (receipts) => void answered.push(...receipts) })
  const blocks = () => {
    intake.flush()
    return sent.filter((output) => output.topic === 'raw-blocks').map((output) => output.value as RawBlock)
  }
  return {
    intake,
    clock,
    session,
    answered,
    blocks,
    health: () => sent.filter(({ topic }) => topic === 'health-events').map(({ value }) => value as HealthEvent),
    acknowledge: async () => {
      for (const resolve of held.splice(0)) resolve()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const frame = (seq: number, change: Partial<CollectedFrame> = {}): CollectedFrame => ({
  collectorId: 'inner-1-0a1b',
  seq,
  receivedAtMs: START - 1_000,
  input: 'udp',
  transport: 'udp',
  address: '192.0.2.1',
  framing: 'datagram',
  truncatedBytes: 0,
  possibleRepeat: false,
  octets: Buffer.from(`<13>line ${seq}`),
  ...change,
})
const wrapped = (seq: number, change: Partial<CollectedFrame> = {}) => wrapCollected(frame(seq, change), 'host-1')

test('whatever a line holds, the centre takes out what the collector put in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.boolean(), (octets, seq, possibleRepeat) => {
      const given = frame(seq, { octets: Buffer.from(octets), possibleRepeat })
      assert.deepEqual(unwrapCollected(wrapCollected(given, 'host-1')), given)
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (octets, at) => {
      const damaged = wrapped(7)
      Buffer.from(octets).copy(damaged, at)
      unwrapCollected(damaged)
    }),
    { numRuns: 300 },
  )
})

test('a line comes in as it was at the collector: octets, number, time, device', async () => {
  const { intake, session, blocks } = centre()
  intake.frame(session(), wrapped(1), 0, 'relp', 5_000, { receipt: 2 })
  const [block] = blocks()
  assert.equal(block?.sourceId, 'collector-a')
  assert.equal(block.peerAddress, '192.0.2.1')
  assert.equal(block.clientCertificate, CERTIFICATE)
  const [stored] = block.frames
  assert.equal(stored?.octets.toString(), '<13>line 1')
  assert.equal(stored.receivedAt, START - 1_000)
  assert.equal(stored.framing, 'datagram')
  assert.equal(stored.collectorId, 'collector-a/inner-1-0a1b')
  assert.equal(stored.collectorSeq, 1)
})

test('a line that comes twice is taken once, and answered only when Kafka has the first', async () => {
  const { intake, session, blocks, answered, acknowledge } = centre()
  intake.frame(session(), wrapped(1), 0, 'relp', null, { receipt: 2 })
  const again = session()
  intake.frame(again, wrapped(1), 0, 'relp', null, { receipt: 102 })
  intake.frame(again, wrapped(2), 0, 'relp', null, { receipt: 103 })
  assert.deepEqual(
    blocks().flatMap(({ frames }) => frames.map(({ collectorSeq }) => collectorSeq)),
    [1, 2],
  )
  assert.deepEqual(answered, [])
  await acknowledge()
  assert.deepEqual(
    answered.toSorted((a, b) => a - b),
    [2, 102, 103],
  )
})

test('a gap in the numbers is told, with how many are missing', () => {
  const { intake, session, health } = centre()
  const one = session()
  for (const seq of [5, 6, 10]) intake.frame(one, wrapped(seq), 0, 'relp', null)
  assert.deepEqual(
    health().map(({ code, values }) => [code, values['missing']]),
    [['collector_gap', '3']],
  )
})

test('a device behind the collector is its own registered source; one of another body never is', () => {
  const firewall = source({
    sourceId: 'firewall-a',
    addresses: ['10.0.0.1'],
    certificateSubjects: [CERTIFICATE],
  })
  const auth = source({
    sourceId: 'auth-a',
    addresses: [],
    certificateSubjects: [CERTIFICATE],
    listeners: ['collect:auth-log'],
  })
  const others = source({ sourceId: 'firewall-b', constituent: 'body-b', addresses: ['10.0.0.2'] })
  const { intake, session, blocks } = centre([collectorSource, firewall, auth, others])
  const one = session()
  intake.frame(one, wrapped(1, { address: '10.0.0.1' }), 0, 'relp', null)
  intake.frame(one, wrapped(2, { input: 'auth-log', transport: 'file', address: null }), 0, 'relp', null)
  intake.frame(one, wrapped(3, { address: '10.0.0.2' }), 0, 'relp', null)
  assert.deepEqual(
    blocks().map(({ sourceId, constituent: body }) => [sourceId, body]),
    [
      ['firewall-a', 'body-a'],
      ['auth-a', 'body-a'],
      ['collector-a', 'body-a'],
    ],
  )
})

test('the lines of one source reach Kafka in their order, from whatever device they are', () => {
  const { intake, session, blocks } = centre()
  const one = session()
  for (const seq of [1, 2, 3, 4, 5, 6]) {
    const address = seq % 3 === 0 ? '10.0.0.3' : '10.0.0.4'
    intake.frame(one, wrapped(seq, { address }), 0, 'relp', null)
  }
  assert.deepEqual(
    blocks().flatMap(({ frames }) => frames.map(({ collectorSeq }) => collectorSeq)),
    [1, 2, 3, 4, 5, 6],
  )
})

test('a device out of legal scope is refused and answered, so that the lines behind it are not held up', () => {
  const bank = source({
    sourceId: 'bank-a',
    addresses: ['10.0.0.7'],
    certificateSubjects: [CERTIFICATE],
    legalScope: ['state-secrets'],
  })
  const { intake, session, blocks, answered } = centre([collectorSource, bank])
  const one = session()
  assert.equal(intake.frame(one, wrapped(1, { address: '10.0.0.7' }), 0, 'relp', null, { receipt: 2 }), true)
  intake.frame(one, wrapped(2), 0, 'relp', null, { receipt: 3 })
  assert.deepEqual(answered, [2])
  assert.deepEqual(
    blocks().flatMap(({ frames }) => frames.map(({ collectorSeq }) => collectorSeq)),
    [2],
  )
})

test('only a source that is registered as a collector has its envelope opened', () => {
  const { intake, session, blocks } = centre([source({ addresses: ['203.0.113.9'] })])
  const octets = wrapped(999_999)
  intake.frame(session({ ...COLLECTOR, certificateSubject: null as never }), octets, 0, 'relp', null)
  const [stored] = blocks()[0]?.frames ?? []
  assert.equal(stored?.collectorSeq, null)
  assert.deepEqual(stored?.octets, octets)
})

test('a collector whose clock runs ahead does not pull ours', () => {
  const { intake, session, blocks } = centre()
  intake.frame(session(), wrapped(1, { receivedAtMs: START + 86_400_000 }), 0, 'relp', null)
  assert.equal(blocks()[0]?.frames[0]?.receivedAt, START)
})
