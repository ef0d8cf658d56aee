import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Incident } from '@tocsin/events'
import fc from 'fast-check'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { CASE_COLUMNS, FORMATS, type StixObject, sharedCaseOf, versionKeyOf, writeWithLosses } from '../src/index.ts'
import { incident, incidents } from './arbitrary-case.ts'

const WRITING = { deployment: 'vn-mic', at: Date.UTC(2026, 10, 22) }
const RUNS = { numRuns: Number(process.env['TOCSIN_EXCHANGE_RUNS'] ?? 100) }

/** What each format is allowed to lose: anything else must come back equal. */
const MAY_LOSE: Readonly<Record<keyof typeof FORMATS, readonly string[]>> = {
  stix: [],
  iodef: [],
  csv: [],
  misp: ['participants'],
}

for (const format of Object.values(FORMATS)) {
  test(`XC-1 any case comes back from ${format.name} equal in every field that it can hold, and the rest is in the loss report`, () => {
    fc.assert(
      fc.property(incidents, (some) => {
        const cases = some.map((one) => sharedCaseOf(one, WRITING.deployment))
        const { text, losses } = writeWithLosses(format, cases, WRITING)
        const back = format.read(text)
        assert.equal(back.length, cases.length)
        for (const [index, shared] of cases.entries()) {
          const lost = losses.filter(({ caseId }) => caseId === shared.caseId).map(({ field }) => field)
          for (const field of lost) assert.ok(MAY_LOSE[format.name].includes(field), `${format.name} lost ${field}`)
          for (const column of CASE_COLUMNS)
            if (!lost.includes(column)) assert.deepEqual(back[index]?.[column], shared[column], column)
        }
        // What leaves is text that every reader of UTF-8 takes as it is.
        assert.ok(text.isWellFormed())
        assert.equal(Buffer.from(text).toString(), text)
      }),
      RUNS,
    )
  })
}

test('what a format loses is named with the reason', () => {
  const [one] = fc.sample(incidents, { numRuns: 1, seed: 7 })[0] ?? []
  assert.ok(one !== undefined)
  const participants = [
    { ...blankParticipant, role: 'source', ip: '203.0.113.9', port: 51_544, country: 'VN', count: 3 },
  ]
  const { losses } = writeWithLosses(FORMATS.misp, [sharedCaseOf({ ...one, participants }, 'vn-mic')], WRITING)
  assert.deepEqual(
    losses.map(({ field }) => field),
    ['participants'],
  )
  assert.match(losses[0]?.reason ?? '', /country/)
})

const blankParticipant = {
  role: 'source',
  ip: null,
  port: null,
  protocol: null,
  host: null,
  domain: null,
  account: null,
  country: null,
  asn: null,
  lon: null,
  lat: null,
  count: 1,
}

test('XC-1 every IODEF document is valid by the schema of what is written of RFC 7970', () => {
  const xsd = readFileSync(new URL('../src/iodef/iodef-v2-profile.xsd', import.meta.url), 'utf8')
  const schema = XmlDocument.fromString(xsd)
  const validator = XsdValidator.fromDoc(schema)
  try {
    fc.assert(
      fc.property(incidents, (some) => {
        const text = FORMATS.iodef.write(
          some.map((one) => sharedCaseOf(one, 'vn-mic')),
          WRITING,
        )
        const document = XmlDocument.fromString(text)
        try {
          validator.validate(document)
        } finally {
          document.dispose()
        }
      }),
      RUNS,
    )
    const text = FORMATS.iodef.write([sharedCaseOf(fc.sample(incident, 1)[0] as Incident, 'vn-mic')], WRITING)
    const wrong = XmlDocument.fromString(text.replace(/<GenerationTime>.*?<\/GenerationTime>/, ''))
    assert.throws(() => validator.validate(wrong))
    wrong.dispose()
  } finally {
    validator.dispose()
    schema.dispose()
  }
})

test('STIX: every reference leads to an object of the same bundle that stands before it, and no value is null or empty', () => {
  fc.assert(
    fc.property(incidents, (some) => {
      const text = FORMATS.stix.write(
        some.map((one) => sharedCaseOf(one, 'vn-mic')),
        WRITING,
      )
      const { objects } = JSON.parse(text) as { objects: StixObject[] }
      const known = new Set<string>()
      for (const object of objects) {
        for (const [name, value] of Object.entries(object)) {
          assert.notEqual(value, null, name)
          if (Array.isArray(value)) assert.ok(value.length > 0, name)
          const ids = /_refs?$/.test(name) ? [value].flat() : []
          for (const id of ids) assert.ok(known.has(id as string), `${object.id} ${name} ${String(id)}`)
        }
        known.add(object.id)
      }
      assert.equal(new Set(objects.map(versionKeyOf)).size, objects.length)
    }),
    RUNS,
  )
})

test('what is no document of a format is refused, not half read', () => {
  for (const format of Object.values(FORMATS))
    for (const text of ['', '{}', '[]', 'x', '<a/>', '{"type":"bundle"}', '{"response":[{}]}', '"unclosed'])
      assert.throws(() => format.read(text), `${format.name} took ${text}`)
  assert.throws(
    () => FORMATS.iodef.read('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    /document type/,
  )
})
