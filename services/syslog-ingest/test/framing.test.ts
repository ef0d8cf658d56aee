import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Framer, MAX_COUNT } from '../src/framing.ts'

interface Frame {
  text: string
  truncatedBytes: number
  framing: string
}

function framesOf(chunks: readonly Buffer[], maxFrameBytes = 65_536): Frame[] {
  const frames: Frame[] = []
  const framer = new Framer((octets, truncatedBytes, framing) => {
    frames.push({ text: octets.toString('latin1'), truncatedBytes, framing })
  }, maxFrameBytes)
  for (const chunk of chunks) framer.push(chunk)
  framer.end()
  return frames
}

const whole = (text: string, maxFrameBytes?: number) => framesOf([Buffer.from(text, 'latin1')], maxFrameBytes)
const texts = (text: string) => whole(text).map((frame) => frame.text)

test('octet counting, newline and NUL framing are told apart per frame on one connection', () => {
  assert.deepEqual(whole('9 <13>hello<14>line\n<15>zero\x0012 <16>a\nb\nc d<17>last\n'), [
    { text: '<13>hello', truncatedBytes: 0, framing: 'octet-counting' },
    { text: '<14>line', truncatedBytes: 0, framing: 'newline' },
    { text: '<15>zero', truncatedBytes: 0, framing: 'nul' },
    { text: '<16>a\nb\nc d<', truncatedBytes: 0, framing: 'octet-counting' },
    { text: '17>last', truncatedBytes: 0, framing: 'newline' },
  ])
})

test('a line that begins with a number is a line, not a count', () => {
  for (const line of ['2 123456789010 eni-1 accept', '2026-11-22T00:00:00Z x', '10.0.0.1 - - [22/Nov]', '12ab', '7']) {
    assert.deepEqual(texts(`${line}\n<13>next\n`), [line, '<13>next'])
  }
})

test('after a counted frame a count needs no PRI behind it', () => {
  assert.deepEqual(texts('9 <13>hello3 abc4 defg'), ['<13>hello', 'abc', 'defg'])
})

test('a count that cannot be one is kept as text and costs no neighbour', () => {
  const hostile = [
    '4294967296 <13>x',
    '18446744073709551617 <13>x',
    '007 <13>x',
    '0 <13>x',
    `${MAX_COUNT + 1} <13>x`,
    '-5 <13>x',
    '1z <13>x',
  ]
  for (const line of hostile) assert.deepEqual(texts(`${line}\n9 <13>hello`), [line, '<13>hello'])
})

test('a frame over the bound is cut, says how much, and its rest is never the next message', () => {
  const long = `<13>${'x'.repeat(1_048_576 - 4)}`
  for (const stream of [`${long}\n<14>good\n`, `${long.length} ${long}<14>good\n`, `${long}\0<14>good\n`]) {
    const [first, second, ...more] = whole(stream)
    assert.equal(first?.text.length, 65_536)
    assert.equal(first?.truncatedBytes, 1_048_576 - 65_536)
    assert.deepEqual([second?.text, second?.truncatedBytes, more.length], ['<14>good', 0, 0])
  }
})

test('a connection that breaks inside a counted frame gives what came, and says what is missing', () => {
  assert.deepEqual(whole('20 <13>hello'), [{ text: '<13>hello', truncatedBytes: 11, framing: 'octet-counting' }])
  assert.deepEqual(texts('<13>no newline at the end'), ['<13>no newline at the end'])
  assert.deepEqual(texts('12'), ['12'])
})

test('empty lines between frames are padding; a carriage return inside a frame is kept', () => {
  assert.deepEqual(texts('\n\n\r\n\0<13>a\r\n9 <13>hello\n9 <13>world\n'), ['<13>a\r', '<13>hello', '<13>world'])
})

const frame = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => `${Buffer.byteLength(text)} ${text}`),
  fc.string({ maxLength: 40 }).map((text) => `<13>${text}\n`),
  fc.string({ maxLength: 120 }).map((text) => `${Buffer.byteLength(`<13>${text}`)} <13>${text}`),
  fc.constantFrom('4294967296 <1>x', '99999 <1>', '\0', '\r\n', '0005 <13>hello'),
)
const stream = fc.oneof(
  fc.array(frame, { maxLength: 20 }).map((frames) => Buffer.from(frames.join(''))),
  fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
)

function cut(octets: Buffer, at: readonly number[]): Buffer[] {
  const points = [...new Set([0, ...at.map((point) => point % (octets.length + 1)), octets.length])].sort(
    (a, b) => a - b,
  )
  return points.slice(1).map((point, index) => octets.subarray(points[index], point))
}

test('any chunking of any octets gives the same frames', () => {
  fc.assert(
    fc.property(
      stream,
      fc.array(fc.nat(400), { maxLength: 30 }),
      fc.constantFrom(16, 64, 65_536),
      (octets, at, max) => {
        const expected = framesOf([octets], max)
        assert.deepEqual(framesOf(cut(octets, at), max), expected)
        assert.deepEqual(framesOf(octets.length === 0 ? [] : cut(octets, [...octets.keys()]), max), expected)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('garbage never throws, never gives more octets than came, and never a frame over the bound', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), (octets) => {
      const frames = framesOf([Buffer.from(octets)], 64)
      const given = frames.reduce((sum, { text }) => sum + text.length, 0)
      assert.ok(given <= octets.length)
      assert.ok(frames.every(({ text }) => text.length > 0 && text.length <= 64))
    }),
    { numRuns: 2_000 },
  )
})

test('what was counted comes back octet for octet, whatever octets it holds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 20 }),
      (bodies) => {
        const messages = bodies.map((body) => Buffer.concat([Buffer.from('<13>'), body]))
        const octets = Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message]))
        assert.deepEqual(
          framesOf([octets]).map(({ text }) => text),
          messages.map((message) => message.toString('latin1')),
        )
      },
    ),
  )
})

test('an endless frame keeps no more memory than the bound', () => {
  const framer = new Framer(() => assert.fail('no frame has ended'))
  const chunk = Buffer.alloc(65_536, 'x')
  const before = process.memoryUsage().arrayBuffers
  for (let index = 0; index < 2_000; index++) framer.push(chunk)
  assert.ok(process.memoryUsage().arrayBuffers - before < 4 * 1_048_576)
  assert.equal(framer.unfinished, true)
})
