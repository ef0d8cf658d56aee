import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type RelpFrame, RelpFramer, relpResponse } from '../src/relp-framing.ts'

const MAX = 1_000

/** Pushes the octets in pieces of the given sizes; gives the frames and whether the connection may go on. */
function read(octets: Buffer, sizes: readonly number[] = [octets.length], maxDataBytes = MAX) {
  const frames: RelpFrame[] = []
  const framer = new RelpFramer((frame) => frames.push({ ...frame, data: Buffer.from(frame.data) }), maxDataBytes)
  let good = true
  let at = 0
  for (let turn = 0; at < octets.length && good; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    good = framer.push(octets.subarray(at, at + size))
    at += size
  }
  return { frames, good, unfinished: framer.unfinished }
}

const wire = (txnr: number, command: string, data: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`${txnr} ${command} ${data.length}${data.length === 0 ? '' : ' '}`),
    data,
    Buffer.from('\n'),
  ])

const frame = fc.record({
  txnr: fc.integer({ min: 0, max: 999_999_999 }),
  command: fc.constantFrom('open', 'syslog', 'close', 'rsp'),
  data: fc.uint8Array({ maxLength: 200 }),
})

test('frames come out as they went in, however the octets are cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 60 })), (frames, sizes) => {
      const octets = Buffer.concat(frames.map(({ txnr, command, data }) => wire(txnr, command, data)))
      const result = read(octets, sizes.length === 0 ? [7] : sizes)
      assert.deepEqual(
        result.frames,
        frames.map(({ txnr, command, data }) => ({ txnr, command, data: Buffer.from(data), truncatedBytes: 0 })),
      )
      assert.deepEqual([result.good, result.unfinished], [true, false])
    }),
  )
})

test('an announced length that is not what comes ends the connection, and the frame is not taken', () => {
  for (const text of ['1 syslog 3 abcd\n2 syslog 1 x\n', '1 syslog 5 abc\n2 syslog 1 x\n']) {
    const { frames, good } = read(Buffer.from(text))
    assert.deepEqual([frames.length, good], [0, false])
  }
})

test('a frame longer than the bound is cut, the cut is told, and the next frame is whole', () => {
  const octets = Buffer.concat([wire(1, 'syslog', Buffer.alloc(2_500, 'a')), wire(2, 'syslog', Buffer.from('next'))])
  const { frames } = read(octets, [300])
  assert.deepEqual(
    frames.map(({ data, truncatedBytes }) => [data.length, truncatedBytes]),
    [
      [MAX, 1_500],
      [4, 0],
    ],
  )
})

test('what is no RELP is refused at once: too long a header, text, numbers beyond the specification', () => {
  for (const text of [
    '<13>Nov 22 02:30:11 host plain syslog\n',
    `${'1'.repeat(80)} syslog 1 x\n`,
    '1 syslog 4294967296 x',
    '1 syslog 999999999 x',
    '01 syslog 1 x\n',
    '1 sys-log 1 x\n',
    `1 ${'a'.repeat(33)} 1 x\n`,
    '1 syslog -1 x\n',
    '1 syslog 5\nabcde\n',
  ])
    assert.equal(read(Buffer.from(text), [9]).good, false, text)
})

test('arbitrary octets never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 40 }), (octets, size) => {
      read(Buffer.from(octets), [size])
    }),
  )
})

test('the length of an answer counts octets', () => {
  assert.equal(relpResponse(7, '200 OK'), '7 rsp 6 200 OK\n')
  assert.equal(relpResponse(7, '500 é'), '7 rsp 6 500 é\n')
})
