import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkFields } from '../../../src/feeds/tw-nccst-1.3/check.ts'
import { FIELDS } from '../../../src/feeds/tw-nccst-1.3/fields.ts'
import { buildLists, readServiceList } from '../../../src/feeds/tw-nccst-1.3/lists.ts'
import { DEFAULT_READINGS, type Readings } from '../../../src/feeds/tw-nccst-1.3/readings.ts'
import { cutTicket } from '../../../src/feeds/tw-nccst-1.3/ticket.ts'
import { readXml } from '../../../src/feeds/tw-nccst-1.3/validate.ts'
import { constituent, defaultLists, defaultRuleSet, detection, NOW, profile, source } from '../../fixtures.ts'
import { readWithPython, validateWithXmllint } from '../../independent-parser.ts'
import { cjk, folder, schema } from './cut-and-read.ts'

function cutWith(readings: Partial<Readings>, changes: Parameters<typeof detection>[0] = {}) {
  return cutTicket(
    {
      eventId: 'EXSOC-20261122-000042',
      number: 42,
      baseEventId: null,
      caseId: 'c',
      detection: detection(changes),
      constituent: constituent(),
      source: source(),
    },
    NOW,
    {
      profile: { ...profile, readings: { ...DEFAULT_READINGS, ...readings } },
      validator: schema,
      lists: defaultLists().index,
    },
  ).ticket
}

let files = 0
function written(xml: string): { path: string; elements: [string, string][]; root: string } {
  const path = join(folder, `reading-${files++}.xml`)
  writeFileSync(path, xml)
  const { elements, root } = readWithPython(path).get(path) ?? { elements: [], root: '' }
  return { path, elements, root }
}

test('TW-S1 own fields come after field 28 under a prefix of their own, off by default, and the 28 still validate', () => {
  assert.equal(written(cutWith({}).xml).elements.length, 28)
  const ticket = cutWith({ extraFields: true })
  assert.equal(ticket.state, 'queued', ticket.reason ?? '')
  const { path, elements } = written(ticket.xml)
  assert.deepEqual(
    elements.slice(0, 28).map(([name]) => name),
    FIELDS.map(({ name }) => name),
  )
  const extras = elements.slice(28)
  assert.deepEqual(
    extras.map(([name]) => name),
    ['Tocsin_Detection_ID', 'Tocsin_RSIT_Class', 'Tocsin_All_Sources', 'Tocsin_All_Targets'],
  )
  assert.equal(new Map(extras).get('Tocsin_All_Sources'), '203.0.113.9')
  assert.notEqual(validateWithXmllint(path), false)
  assert.deepEqual(readXml(ticket.xml), ticket.fields)
})

test('each ambiguity of the SOP has its setting, and a ticket under any reading passes its own check and comes back (AMB-TW1 to AMB-TW10)', () => {
  const noPorts = { participants: [], tags: [] }
  const of = (readings: Partial<Readings>, changes: Parameters<typeof detection>[0] = {}) => {
    const ticket = cutWith(readings, changes)
    const all = { ...DEFAULT_READINGS, ...readings }
    assert.deepEqual(
      checkFields(readXml(ticket.xml, all.rootElement), all).filter(({ problem }) => problem !== null),
      [],
      JSON.stringify(readings),
    )
    return { ticket, elements: new Map(written(ticket.xml).elements) }
  }
  assert.equal(of({}).elements.get('End_Time'), '2026-11-22 09:20:41.0')
  assert.equal(of({ endTime: 'issued' }).elements.get('End_Time'), '2026-11-22 09:20:45.5')
  assert.equal(of({ geoForm: 'lat,lon' }).elements.get('Source_Geo_Descriptor'), '25.0478,121.5319')
  assert.equal(of({ geoForm: '(lon,lat)' }).elements.get('Source_Geo_Descriptor'), '(121.5319,25.0478)')
  assert.equal(of({ optionalEmpty: 'null' }, noPorts).elements.get('Source_Port'), 'NULL')
  const omitted = of({ optionalEmpty: 'omit' }, noPorts)
  assert.ok(!omitted.elements.has('Source_Port') && omitted.elements.has('Attachment'))
  assert.equal(omitted.ticket.state, 'queued', 'the schema lets optional elements be left out')
  const bytes = of({ lengthUnit: 'bytes' }, { titles: { 'zh-Hant': cjk(200) } }).elements.get('Subject') ?? ''
  assert.ok(Buffer.byteLength(bytes) <= 255 && bytes.endsWith('…') && bytes.length === 85)
  // Another root needs another schema: ours refuses it, so such a ticket waits.
  const renamed = of({ rootElement: 'Event' })
  assert.equal(written(renamed.ticket.xml).root, 'Event')
  assert.match(renamed.ticket.reason ?? '', /^XSD/)
  const bom = buildLists('X', [constituent()], [defaultRuleSet()], true).services.content
  assert.ok(bom.startsWith('\uFEFF序號') && readServiceList(bom).length === 1)
})

test('a text that looks like markup or an entity comes back as it was', () => {
  const text = '&e; &lt; &#0; &#x1F; &amp;amp; ]]> <b> "'
  const { elements } = written(cutWith({}, { triggeredRuleName: text }).xml)
  assert.equal(new Map(elements).get('Triggered_Rule_Name'), text)
})
