import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RECORD_NAMES } from '@tocsin/events'
import avsc from 'avsc'
import fc from 'fast-check'
import { boundedMap, createCodec, createDecoder, MAX_RECORD_BYTES, schemaOf } from '../src/index.ts'

const isAvroError = (error: unknown) => (error as Error).name === 'AvroError'

describe('every record of ours', () => {
  for (const record of RECORD_NAMES) {
    test(`${record}: what is encoded decodes to the same`, () => {
      const schema = schemaOf(record)
      const type = avsc.Type.forSchema(schema as unknown as avsc.Schema)
      const codec = createCodec(schema, 7)
      for (let round = 0; round < 5; round++) {
        const value = type.random()
        assert.ok(codec.encode(codec.decode(codec.encode(value))).equals(codec.encode(value)))
      }
    })

    test(`${record}: hostile octets are refused with an AvroError, quickly, or decode`, () => {
      const codec = createCodec(schemaOf(record), 7)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
          const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), octets])
          const startedMs = performance.now()
          try {
            codec.decode(framed)
          } catch (error) {
            assert.ok(isAvroError(error), String(error))
          }
          assert.ok(performance.now() - startedMs < 5_000)
        }),
        { numRuns: 200 },
      )
    })
  }
})

test('a list that claims 2^40 items is refused instead of filling the memory', () => {
  const schema = { ...schemaOf('match'), fields: [{ name: 'list', type: { type: 'array', items: 'string' }, doc: '' }] }
  const claim = avsc.Type.forSchema('long').toBuffer(2 ** 40)
  assert.throws(
    () => createCodec(schema, 1).decode(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), claim, Buffer.alloc(20, 2)])),
    isAvroError,
  )
})

test('a map key __proto__ changes no prototype and is kept under another name', () => {
  const schema = { ...schemaOf('match'), fields: [{ name: 'map', type: { type: 'map', values: 'bytes' }, doc: '' }] }
  const codec = createCodec<{ map: Record<string, Buffer> }>(schema, 1)
  const hostile = {
    map: Object.defineProperty({}, '__proto__', { value: Buffer.from('x'), enumerable: true }) as Record<
      string,
      Buffer
    >,
  }
  const { map } = codec.decode(codec.encode(hostile))
  assert.equal(Object.getPrototypeOf(map), Object.prototype)
  assert.deepEqual(map['_proto_'], Buffer.from('x'))
})

test('bounded maps keep 1,000 keys, count the rest and rename hostile names', () => {
  const entries = Array.from({ length: 100_000 }, (_, index) => [`key${index}`, 'v'] as const)
  const { map, leftOut } = boundedMap([['__proto__', 'p'], ['constructor', 'c'], ...entries])
  assert.equal(Object.keys(map).length, 1_000)
  assert.equal(leftOut, 99_002)
  assert.equal(map['___proto__'], 'p')
  assert.equal(map['_constructor'], 'c')
})

test('a value without the wire format, cut short, too long or of a wrong field is refused', () => {
  const codec = createCodec<Record<string, unknown>>(schemaOf('command-result'), 3)
  const whole = codec.encode({
    commandId: 'a',
    constituent: 'b',
    caseId: 'c',
    accepted: true,
    code: 'accepted',
    reason: '',
    revision: 1,
    at: 2,
  })
  assert.throws(() => codec.decode(whole.subarray(0, whole.length - 1)), { code: 'undecodable_record' })
  assert.throws(() => codec.decode(Buffer.concat([whole, Buffer.from([0])])), { code: 'undecodable_record' })
  assert.throws(() => codec.decode(Buffer.alloc(MAX_RECORD_BYTES + 1)), { code: 'oversize_record' })
  assert.throws(() => codec.encode({ commandId: 5 }), { code: 'unencodable_record' })
})

test('a record over the bound is refused when it is encoded', () => {
  const codec = createCodec<Record<string, unknown>>(schemaOf('command-result'), 3)
  const reason = 'x'.repeat(MAX_RECORD_BYTES)
  assert.throws(
    () =>
      codec.encode({
        commandId: 'a',
        constituent: 'b',
        caseId: 'c',
        accepted: true,
        code: 'accepted',
        reason,
        revision: 1,
        at: 2,
      }),
    { code: 'oversize_record' },
  )
})

test('an older record is read with a newer schema: the new field gets its default', () => {
  const older = schemaOf('command-result')
  const newer = {
    ...older,
    fields: [...older.fields, { name: 'hint', type: ['null', 'string'], doc: 'new', default: null }],
  }
  const framed = createCodec(older, 3).encode({
    commandId: 'a',
    constituent: 'b',
    caseId: 'c',
    accepted: true,
    code: 'accepted',
    reason: '',
    revision: 1,
    at: 2,
  })
  const read = createDecoder<{ hint: string | null; commandId: string }>(older, newer)(framed)
  assert.equal(read.hint, null)
  assert.equal(read.commandId, 'a')
})
