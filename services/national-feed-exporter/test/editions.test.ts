import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { harnessOf } from '@tocsin/stage/testing'
import { editionBook, REGULATIONS_DIR, readEditions } from '../src/adapters/pack-folder.ts'
import { createExporter } from '../src/exporter.ts'
import { editionAt, loadEditions } from '../src/feeds/tw-nccst-1.3/editions.ts'
import { buildLists } from '../src/feeds/tw-nccst-1.3/lists.ts'
import { NO_ENDPOINT } from '../src/transport.ts'
import {
  change,
  constituent,
  contracts,
  defaultRuleSet,
  detection,
  incident,
  profile,
  source,
  validator,
  xsd,
} from './fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-editions-'))
const schema = validator()
after(() => {
  schema.dispose()
  rmSync(base, { recursive: true })
})

const NEXT = `
- {profile: tw-nccst-1.3, version: 1.3.0, effectiveFrom: 2017-07-25, effectiveTo: 2026-11-30, schema: incident.xsd, readings: {}}
- {profile: tw-nccst-1.4, version: 1.4.0, effectiveFrom: 2026-12-01, effectiveTo: null, schema: event.xsd, readings: {rootElement: Event, endTime: issued}}
`

test('TW-1.1 the profile tw-nccst-1.3 is there, with its version and the day from which it holds', () => {
  const editions = readEditions(REGULATIONS_DIR)
  const now = editionAt(editions, Date.parse('2026-11-22T00:00:00+08:00'))
  assert.deepEqual(
    [now.profile, now.version, now.effectiveFrom, now.effectiveTo],
    ['tw-nccst-1.3', '1.3.0', '2017-07-25', null],
  )
  assert.equal(editionAt(editions, Date.parse('2017-07-25T00:00:00+08:00')).profile, 'tw-nccst-1.3')
  assert.throws(() => editionAt(editions, Date.parse('2017-07-24T23:59:59+08:00')), { code: 'bad_pack' })
})

test('XC-2 from the day of a new edition on tickets follow it, and a ticket of before keeps its own, also when it is cut again', async () => {
  cpSync(join(REGULATIONS_DIR, 'tw-soc-1.3'), join(base, 'tw-soc-1.3'), { recursive: true })
  writeFileSync(join(base, 'tw-soc-1.3/export-profiles.yaml'), NEXT)
  writeFileSync(join(base, 'tw-soc-1.3/event.xsd'), xsd().replace('element name="Incident"', 'element name="Event"'))
  const before = Date.parse('2026-11-30T23:59:50+08:00')
  let bodies = [constituent()]
  const lists = () => buildLists(profile.organization, bodies, [defaultRuleSet()])
  const definition = createExporter({
    profile,
    profileState: () => 'production',
    validator: schema,
    editionAt: editionBook(base, profile),
    constituents: new Map([
      ['tw-ey', constituent()],
      ['tw-new', constituent({ constituentId: 'tw-new', name: '新機關', oid: '2.16.886.101.5' })],
    ]),
    sources: new Map([['C017', source()]]),
    lists,
    contracts: contracts(),
    deployment: 'tw-centre',
    transport: NO_ENDPOINT,
  })
  const exporter = harnessOf(definition, before)
  const cut = async (id: string, body = 'tw-ey') => {
    await exporter.give(
      'incident-changes',
      body,
      change(incident({ caseId: `case-${id}`, constituent: body, detectionIds: [id] })),
    )
    await exporter.give('detections', body, detection({ detectionId: id, constituent: body }))
  }
  await cut('d-1')
  // Its body is not in the list yet, so it waits over the day of the change.
  await cut('d-2', 'tw-new')
  const after = before + 60_000
  exporter.now(after)
  await cut('d-3')
  bodies = [constituent(), constituent({ constituentId: 'tw-new', name: '新機關', oid: '2.16.886.101.5' })]
  await exporter.tick(after)
  await exporter.tick(after + 250)
  const tickets = new Map(exporter.written('tickets').map((ticket) => [ticket.detectionId, ticket]))
  assert.deepEqual(
    ['d-1', 'd-2', 'd-3'].map((id) => {
      const { profile: name, xml = '', state = '' } = tickets.get(id) ?? {}
      return [name, /<(Incident|Event)>/.exec(xml)?.[1], /<End_Time>(.{16})/.exec(xml)?.[1], state]
    }),
    [
      ['tw-nccst-1.3', 'Incident', '2026-11-22 09:20', 'withheld'],
      ['tw-nccst-1.3', 'Incident', '2026-11-22 09:20', 'withheld'],
      ['tw-nccst-1.4', 'Event', '2026-12-01 00:00', 'withheld'],
    ],
  )
})

test('editions that overlap, know no such schema or say what no edition can are refused with the place', () => {
  const overlapping = NEXT.replace('2026-11-30', '2026-12-01')
  assert.throws(() => loadEditions(overlapping, 'f'), { code: 'bad_pack', message: /1\.3\.0 is still in force/ })
  assert.throws(() => loadEditions(NEXT.replace('event.xsd', '../event.xsd'), 'f'), { message: /1\.schema/ })
  assert.throws(() => loadEditions(NEXT.replace('endTime: issued', 'endTime: never'), 'f'), {
    message: /1\.readings\.endTime/,
  })
  assert.throws(() => loadEditions('[]', 'f'), { code: 'bad_pack' })
  assert.deepEqual(loadEditions(NEXT, 'f')[0]?.readings, {})
})
