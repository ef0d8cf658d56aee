import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetter, Event, RawBlock } from '@tocsin/events'
import { eventIdOf, readFrame } from '../src/frame-event.ts'
import { checkParser } from '../src/operator-parsers/check.ts'
import { parsers } from '../src/parsers/index.ts'
import { ReRead } from '../src/re-read.ts'
import { ReadingTally } from '../src/reading-tally.ts'

const AT = Date.UTC(2026, 10, 22, 9)
const acme = checkParser(
  'acme.yaml',
  `name: acme
log: {product: acme}
recognises: {contains: [odd verdict]}
messages: [{pattern: 'by rule (\\S+)$', fields: [rule.name]}]
cases: [{line: 'odd verdict by rule x', expect: {rule.name: x}}]
`,
  parsers,
)

function blockOf(...lines: string[]): RawBlock {
  const none = { truncatedBytes: 0, framing: 'datagram', collectorId: null, collectorSeq: null, possibleRepeat: false }
  return {
    blockId: '019a0000-0000-7000-8000-000000000001',
    constituent: 'body-a',
    sourceId: 'gate',
    receivedAt: AT,
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
    frames: lines.map((line) => ({ octets: Buffer.from(line), receivedAt: AT, ...none })),
  }
}

const block = blockOf(
  'odd verdict by rule strict',
  'nobody knows this',
  '<86>Nov 22 08:59:58 gw sshd[8]: Failed password for root from 203.0.113.9 port 1 ssh2',
  'odd verdict of 203.0.113.9 by rule lax',
)
/** The block's events as the normalizer had them before the parser came. */
const before = block.frames.map((_, index) => {
  const reading = readFrame(block, index, undefined, {}, parsers)
  return reading.kind === 'event' ? reading.value : assert.fail()
})

function runOf(change: Partial<ConstructorParameters<typeof ReRead>[0]> = {}): ReRead {
  return new ReRead({
    parsers: [acme, ...parsers],
    source: () => undefined,
    from: AT - 1,
    until: AT + 1,
    parser: null,
    ...change,
  })
}

function reread(events: readonly Event[], run = runOf()): Event[] {
  for (const event of events) run.noteEvent(event)
  return run.take(block, 0, 7).map(({ value }) => value as Event)
}

test('an event that was not read is read again under its id, and says so; what was read stays', () => {
  const [first, ...others] = reread(before)
  assert.deepEqual(others, [])
  assert.equal(first?.eventId, eventIdOf(block, block.frames[0] as RawBlock['frames'][0], 0))
  assert.equal(first?.rule_name, 'strict')
  assert.deepEqual(first?.quality, ['reread'])
})

test('of a named parser also what the generic layers had read in part is read again', () => {
  const run = runOf({ parser: 'acme' })
  assert.deepEqual(
    reread(before, run).map(({ rule_name }) => rule_name),
    ['strict', 'lax'],
  )
  assert.deepEqual(run.report, { unread: 3, read: { acme: 2 } })
  assert.deepEqual(reread(before, runOf({ parser: 'other' })), [])
})

test('what one run has read the next leaves alone, in whatever order partitions give both', () => {
  const written = reread(before)
  assert.deepEqual(reread([...before, ...written]), [])
  assert.deepEqual(reread([...written, ...before]), [])
})

test('lines of another time are left alone', () => {
  assert.deepEqual(reread(before, runOf({ from: AT + 1, until: AT + 2 })), [])
  assert.deepEqual(reread(before, runOf({ from: 0, until: AT })), [])
})

test('a dead letter of a single frame that can be read now becomes its event', () => {
  const run = runOf()
  const letter = {
    service: 'normalizer',
    topic: 'p.raw-blocks',
    partition: 0,
    offset: 7,
    original: block.frames[0]?.octets,
  }
  run.noteLetter(letter as DeadLetter)
  run.noteLetter({ ...letter, service: 'indexer', original: block.frames[2]?.octets } as DeadLetter)
  assert.deepEqual(
    run.take(block, 0, 7).map(({ value }) => (value as Event).rule_name),
    ['strict'],
  )
  const elsewhere = runOf()
  elsewhere.noteLetter(letter as DeadLetter)
  assert.deepEqual(elsewhere.take(block, 0, 8), [])
})

test('the share of unread lines follows the last ten thousand or so', () => {
  const tally = new ReadingTally()
  assert.equal(tally.unparsedShare, 0)
  for (let line = 0; line < 4_000; line++) tally.add(line % 4 === 0 ? 'unparsed' : 'parsed')
  assert.equal(tally.unparsedShare, 0.25)
  for (let line = 0; line < 200_000; line++) tally.add('parsed')
  assert.ok(tally.unparsedShare < 0.001)
  for (let line = 0; line < 200_000; line++) tally.add(line % 2 === 0 ? 'rejected' : 'parsed')
  assert.ok(Math.abs(tally.unparsedShare - 0.5) < 0.01)
})
