import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { createAppender, createCodec, schemaOf } from '../src/index.ts'

const base = schemaOf('event')
const full = schemaOf('enriched-event')

test('an enriched event is the octets of the event followed by what enrichment adds', () => {
  const append = createAppender<Record<string, unknown>>(base, full, 9)
  const fullCodec = createCodec<Record<string, unknown>>(full, 9)
  const fullType = avsc.Type.forSchema(full as unknown as avsc.Schema)
  for (let round = 0; round < 20; round++) {
    const whole = fullType.random() as unknown as Record<string, unknown>
    const framedBase = createCodec<Record<string, unknown>>(base, 4).encode(whole)
    const appended = append(framedBase, whole)
    assert.deepEqual(appended, fullCodec.encode(whole))
  }
})

test('a schema that does not begin with the base is refused', () => {
  const swapped = { ...full, fields: [...full.fields].reverse() }
  assert.throws(() => createAppender(base, swapped, 9), { code: 'incompatible_schema' })
})
