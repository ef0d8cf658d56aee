import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Framer } from '../src/framing.ts'
import { formats, templateFormat } from '../src/generator/formats.ts'
import { addressAfter, dueRecords, framed, planOf, recordAt } from '../src/generator/plan.ts'

const RECORD = { seq: 17, sourceId: 'gen-1', atMs: Date.UTC(2026, 10, 2, 4, 5, 6) }

test('every format is one line that holds source and number', () => {
  for (const [name, format] of Object.entries(formats)) {
    const line = format(RECORD)
    assert.match(line, /^<\d+>/, name)
    assert.doesNotMatch(line, /\n/, name)
    assert.match(line, /gen-1/, name)
    assert.match(line, /17/, name)
  }
  assert.match(formats['rfc3164']?.(RECORD) ?? '', /^<13>Nov {2}2 04:05:06 gen-1 /)
  assert.equal(
    templateFormat('{bsd}|{iso}|{seq}|{source}|{ms}|{other}')(RECORD),
    'Nov  2 04:05:06|2026-11-02T04:05:06.000Z|17|gen-1|1793592306000|{other}',
  )
})

test('sources take turns and each has consecutive numbers and the chosen times', () => {
  const plan = planOf(['--sources', '3', '--first-seq', '10', '--start-time', '2026-01-01T00:00:00Z', '--step-ms', '5'])
  const records = [0, 1, 2, 3].map((index) => recordAt(plan, index, 0).record)
  assert.deepEqual(
    records.map(({ sourceId, seq }) => [sourceId, seq]),
    [
      ['gen-1', 10],
      ['gen-2', 10],
      ['gen-3', 10],
      ['gen-1', 11],
    ],
  )
  assert.equal((records[3]?.atMs ?? 0) - (records[0]?.atMs ?? 0), 15)
})

test('the rate decides what is due', () => {
  assert.equal(dueRecords({ rate: 0, count: 5 }, 0), 5)
  assert.equal(dueRecords({ rate: 1_000, count: 50 }, 10), 11)
  assert.equal(dueRecords({ rate: 1_000, count: 5 }, 10), 5)
})

test('addresses follow one another over the octets', () => {
  assert.equal(addressAfter('127.1.0.1', 1), '127.1.0.2')
  assert.equal(addressAfter('127.1.0.255', 1), '127.1.1.0')
})

test('what is framed is read back by the framer', () => {
  const lines: string[] = []
  const framer = new Framer((octets) => lines.push(octets.toString()))
  for (const framing of ['octet-counting', 'newline', 'nul'] as const)
    framer.push(framed(Buffer.from(`<13>${framing}`), framing))
  assert.deepEqual(lines, ['<13>octet-counting', '<13>newline', '<13>nul'])
})

test('wrong words are refused with one sentence', () => {
  const wrong = [
    ['--to', 'http://x:1'],
    ['--count', '-1'],
    ['--format', 'xml'],
    ['--framing', 'x'],
    ['--nonsense'],
    ['--start-time', 'soon'],
    ['--to', 'tls://192.0.2.1:6514', '--insecure'],
  ]
  for (const args of wrong) assert.throws(() => planOf(args), { code: 'bad_arguments' }, args.join(' '))
  assert.equal(planOf(['--to', 'tcp://[::1]:514']).target.host, '::1')
})
