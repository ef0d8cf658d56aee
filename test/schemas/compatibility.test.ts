// The first lock on the schemas; the registry is the second. Every schema is compatible with every version of its record
// that a release carried, both ways: any writer and any reader may be the older one (FULL_TRANSITIVE).
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AvroSchema } from '@tocsin/avro'
import { schemaOf } from '@tocsin/avro'
import type { RecordName } from '@tocsin/events'
import { clashes, isSame, type Released, releases } from './releases.ts'
import { schemaFiles } from './topic-table.ts'

const all = releases()
const present = schemaOf('command-result')
const asReleased = (schema: AvroSchema): Released[] => [{ record: 'command-result', version: 1, schema }]
const changed = (change: (fields: Record<string, unknown>[]) => Record<string, unknown>[]): AvroSchema => ({
  ...present,
  fields: change(
    structuredClone(present.fields) as unknown as Record<string, unknown>[],
  ) as unknown as AvroSchema['fields'],
})

describe('released versions', () => {
  test('are there for every record, numbered from 1 without a gap', () => {
    assert.deepEqual([...new Set(all.map(({ record }) => record))], schemaFiles())
    for (const record of schemaFiles()) {
      const versions = all.filter((release) => release.record === record).map(({ version }) => version)
      assert.deepEqual(
        versions,
        versions.map((_, index) => index + 1),
        record,
      )
    }
  })

  for (const record of schemaFiles()) {
    test(`OPS-R13 ${record} is compatible with each of its released versions, both ways`, () => {
      const own = all.filter((release) => release.record === record)
      assert.ok(own.length > 0)
      assert.deepEqual(clashes(schemaOf(record as RecordName), own), [])
    })
  }
})

describe('the check itself', () => {
  test('lets a field with a default be added and taken away', () => {
    const added = changed((fields) => [
      ...fields,
      { name: 'later', type: ['null', 'string'], default: null, doc: 'New.' },
    ])
    assert.deepEqual(clashes(added, asReleased(present)), [])
    assert.deepEqual(clashes(present, asReleased(added)), [])
    assert.equal(isSame(present, added), false)
    assert.equal(isSame(present, { ...present, doc: 'Other words.' }), true)
  })

  const wrong: Record<string, AvroSchema> = {
    'a field without a default is added': changed((fields) => [
      ...fields,
      { name: 'later', type: 'string', doc: 'New.' },
    ]),
    'a field without a default is removed': changed((fields) => fields.slice(1)),
    'a field is renamed': changed(([first, ...rest]) => [{ ...first, name: 'other' }, ...rest]),
    'a type is changed': changed(([first, ...rest]) => [{ ...first, type: 'long' }, ...rest]),
    'a field is made nullable later': changed(([first, ...rest]) => [
      { ...first, type: ['null', 'string'], default: null },
      ...rest,
    ]),
    'the record is renamed': { ...present, name: 'Another' },
  }
  for (const [change, schema] of Object.entries(wrong)) {
    test(`refuses: ${change}`, () => assert.equal(clashes(schema, asReleased(present)).length, 1))
  }
})
