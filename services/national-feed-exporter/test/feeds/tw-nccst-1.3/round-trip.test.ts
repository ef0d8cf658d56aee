import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Detection } from '@tocsin/events'
import fc from 'fast-check'
import { FIELDS } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import { CUT_MARK, cleanLine } from '../../../src/feeds/tw-nccst-1.3/text.ts'
import { readXml } from '../../../src/feeds/tw-nccst-1.3/validate.ts'
import { cut } from './cut-and-read.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('字', '😀', 'a', '&'), minLength: 250, maxLength: 300 }),
  fc.constantFrom(']]>', '<b>&lt;', '\uD800', 'a\u0000b', '\u202E', 'ữ ғ ү 聯'),
)

const changes: fc.Arbitrary<Partial<Detection>> = fc.record({
  titles: fc.record({ 'zh-Hant': text }),
  recommendations: fc.record({ 'zh-Hant': text }),
  triggeredRuleName: text,
  eventIds: fc.array(fc.stringMatching(/^[0-9a-f]{8,32}$/), { maxLength: 20 }),
  eventCount: fc.integer({ min: 0, max: 1_000_000 }),
  severity: fc.integer({ min: 0, max: 100 }),
})

/** Field of the file → text of the model. */
const TEXTS = {
  Subject: (one: Partial<Detection>) => one.titles?.['zh-Hant'] ?? '',
  Event_Message: (one: Partial<Detection>) => one.recommendations?.['zh-Hant'] ?? '',
  Triggered_Rule_Name: (one: Partial<Detection>) => one.triggeredRuleName ?? '',
} as const

test('XC-1 whatever a detection says, the Taiwan file gives back the 28 fields that the ledger holds, and what it cannot hold whole stands in the attachment', () => {
  fc.assert(
    fc.property(changes, (detection) => {
      const { ticket, attachment } = cut({ detection })
      const read = readXml(ticket.xml)
      assert.deepEqual(read, ticket.fields)
      assert.equal(Object.keys(read).length, FIELDS.length)
      const whole = (JSON.parse(attachment?.content ?? '{}') as { fields?: Record<string, string> }).fields ?? {}
      for (const [name, textOf] of Object.entries(TEXTS)) {
        const said = textOf(detection)
        const field = read[name as keyof typeof TEXTS]
        // Either the field holds the text as one clean line, or it is cut and the attachment holds all of it.
        if (whole[name] === undefined) {
          if (cleanLine(said) !== '') assert.equal(field, cleanLine(said), name)
        } else {
          assert.ok(field.endsWith(CUT_MARK), name)
          assert.equal(whole[name], said.toWellFormed(), name)
        }
      }
    }),
    { numRuns: Number(process.env['TOCSIN_EXCHANGE_RUNS'] ?? 100) },
  )
})
