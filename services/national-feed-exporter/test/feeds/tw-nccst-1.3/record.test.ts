import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkFields } from '../../../src/feeds/tw-nccst-1.3/check.ts'
import { FIELDS } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import { codePointsOf } from '../../../src/feeds/tw-nccst-1.3/text.ts'
import { toXml } from '../../../src/feeds/tw-nccst-1.3/xml.ts'
import { readWithPython, validateWithXmllint } from '../../independent-parser.ts'
import { cut, folder, readBack, schema } from './cut-and-read.ts'
import { ROWS } from './rows.ts'

for (const { no, name, maxCodePoints, mandatory } of FIELDS) {
  const id = `TW-R${String(no).padStart(2, '0')}`
  test(`${id} field ${no} ${name} stands in its place with its value, length and rule for no value`, () => {
    const row = ROWS[name]
    const plain = cut()
    assert.equal(plain.ticket.state, 'queued', plain.ticket.reason ?? '')
    const fields = readBack(plain.ticket)
    // (a) a valid value passes, (d) what is read back is what the ticket says.
    assert.equal(fields[name], row.expected)
    assert.equal(fields[name], plain.ticket.fields[name])
    assert.equal(checkFields(fields)[no - 1]?.problem, null)
    // (b) one character too many never leaves over-long.
    if (maxCodePoints !== null) {
      const over = { ...fields, [name]: '字'.repeat(maxCodePoints + 1) }
      assert.match(checkFields(over)[no - 1]?.problem ?? '', /at most|characters/)
      if (name !== 'Customer_ID') assert.equal(schema.validate(toXml(over)).ok, false)
    }
    if (row.tooLong !== undefined) {
      const long = cut(row.tooLong.changes)
      const { [name]: text } = readBack(long.ticket)
      assert.ok(codePointsOf(text) <= (maxCodePoints ?? 0))
      assert.ok(text.includes('…'))
      const { fields: whole } = JSON.parse(long.attachment?.content ?? '{}') as { fields: Record<string, string> }
      assert.equal(whole[name], row.tooLong.whole)
    }
    if (row.stopped !== undefined) assert.equal(cut(row.stopped).ticket.state, 'quarantined')
    // (c) nothing to say: NULL where something is owed, empty elsewhere.
    if (row.absent !== undefined) {
      assert.equal(readBack(cut(row.absent).ticket)[name], mandatory ? 'NULL' : '')
    }
    row.extra(fields, plain)
  })
}

test('XC-6 a text of 256 characters beyond the basic plane is cut to 255 without splitting one, and the whole is attached', () => {
  const emoji = '\u{1F6A8}'.repeat(256)
  const { ticket, attachment } = cut({ detection: { titles: { 'zh-Hant': emoji } } })
  const { Subject } = readBack(ticket)
  assert.equal(codePointsOf(Subject), 255)
  assert.equal(Subject, `${'\u{1F6A8}'.repeat(254)}…`)
  assert.ok(Subject.isWellFormed())
  const whole = JSON.parse(attachment?.content ?? '{}') as { fields: { Subject: string } }
  assert.equal(whole.fields.Subject, emoji)
})

test('TW-S3 element names are those of the SOP, byte for byte', () => {
  const names = FIELDS.map(({ name }) => name).join(' ')
  assert.equal(
    names,
    'Organization Event_ID Customer_Name Customer_ID Subject Base_Event_ID Event_Name Start_Time End_Time Connector_Translated_Zone_Reference_ID Source_Address Target_Address Source_Port Target_Port Source_Geo_Descriptor Target_Geo_Descriptor Event_Attacking_Technical Events_Description Event_Message Event_Vulnerability Event_Severity Device_Translated_Zone_Reference_ID Triggered_Rule_Name Correlated_Rule_Name Correlated_Rule_ID Correlated_Raw_Event_ID Aggregated_Count Attachment',
  )
  const elements = [...cut().ticket.xml.matchAll(/<([A-Za-z_]+)[ />]/g)].map(([, name]) => name)
  assert.deepEqual(elements, ['Incident', ...names.split(' ')])
})

test('TW-S5 a ticket without a target address says NULL, four letters in capitals', () => {
  const { ticket } = cut({ detection: { participants: [] } })
  assert.ok(ticket.xml.includes('<Target_Address>NULL</Target_Address>'))
  assert.equal(readBack(ticket).Target_Address, 'NULL')
})

test('TW-S2 the file is UTF-8 without a byte order mark, and 10,000 random texts give no file that a parser refuses', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const text = () => String.fromCharCode(...Array.from({ length: 1 + random(40) }, () => random(65_536)))
  const paths: string[] = []
  const expected = new Map<string, [string, string][]>()
  for (let index = 0; index < 500; index++) {
    const texts = Array.from({ length: 20 }, text)
    const { ticket } = cut({
      detection: {
        titles: { 'zh-Hant': texts.slice(0, 5).join('') },
        recommendations: { 'zh-Hant': texts.slice(5, 10).join('') },
        description: texts.slice(10, 15).join(''),
        triggeredRuleName: texts.slice(15).join(''),
      },
    })
    assert.equal(ticket.state, 'queued', ticket.reason ?? '')
    const path = join(folder, `fuzz-${index}.xml`)
    writeFileSync(path, ticket.xml)
    paths.push(path)
    expected.set(
      path,
      FIELDS.map(({ name }) => [name, ticket.fields[name] ?? '']),
    )
  }
  for (const [path, read] of readWithPython(...paths)) {
    assert.equal(read.bom, false)
    assert.deepEqual(read.elements, expected.get(path))
    assert.match(read.declaration, /encoding="UTF-8"/)
    assert.equal(Buffer.from(readFileSync(path, 'utf8')).equals(readFileSync(path)), true)
  }
  assert.notEqual(validateWithXmllint(...paths), false)
})
