import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from '@tocsin/events'
import { filesOfPackage } from '../../src/package/build.ts'
import type { Decisions, PackageRequest } from '../../src/package/request.ts'
import { detection, incident, NOW } from '../fixtures.ts'

const request: PackageRequest = {
  requestId: '12/CV',
  authority: 'Ministry',
  ground: 'Art. 8(2)',
  constituent: 'tw-ey',
  from: NOW - 86_400_000,
  to: NOW,
  inputs: ['cases', 'detections'],
  channel: 'mail',
}
const confirmed = (changes: Partial<Incident> = {}) => incident({ verification: 'confirmed', ...changes })

function pack(cases: readonly Incident[], decisions: Partial<Decisions> = {}, detections = [detection()]) {
  const files = filesOfPackage(
    request,
    { cases, detections, events: [], registry: null },
    { unverified: false, secrecy: null, ...decisions },
    { deployment: 'vn-mic', at: NOW },
  )
  return new Map(files.map(({ name, content }) => [name, content.toString()]))
}

const json = (files: ReadonlyMap<string, string>, name: string): Record<string, unknown> =>
  JSON.parse(files.get(name) ?? '') as Record<string, unknown>

test('VN-8.2 what is shared carries the four blocks, in JSON, STIX and CSV, and a block without anything is stated as empty', () => {
  const full = pack([
    confirmed({ effects: ['data-leak'], recommendations: { en: 'Block the source' }, conclusion: 'blocked' }),
  ])
  const blocks = json(full, 'blocks.json') as Record<string, { empty: boolean; items: unknown[] }>
  assert.deepEqual(Object.keys(blocks), ['information', 'methodsAndOrigins', 'effects', 'handling'])
  for (const [name, { empty, items }] of Object.entries(blocks))
    assert.deepEqual([empty, items.length], [false, 1], name)
  assert.match(JSON.stringify(blocks['methodsAndOrigins']), /T1110.*203\.0\.113\.9/)
  for (const name of ['cases.stix.json', 'cases.csv', 'cases.json'])
    for (const words of [/Password guessing/, /T1110/, /203\.0\.113\.9/, /data-leak/, /Block the source/])
      assert.match(full.get(name) ?? '', words, name)
  const poor = json(pack([confirmed({ techniques: [], participants: [] })]), 'blocks.json') as typeof blocks
  assert.deepEqual(
    Object.values(poor).map(({ empty, items }) => [empty, items.length]),
    [
      [false, 1],
      [true, 0],
      [true, 0],
      [true, 0],
    ],
  )
})

test('VN-8.3b a case that nobody verified asks for a yes, and its state is printed', () => {
  assert.throws(() => pack([confirmed(), incident({ caseId: 'c2' })]), { code: 'package_refused', message: /1 of 2/ })
  const files = pack([confirmed(), incident({ caseId: 'c2' })], { unverified: true })
  assert.deepEqual(json(files, 'about.json')['verification'], { confirmed: 1, unverified: 1 })
  assert.match(files.get('blocks.json') ?? '', /"verification": "unverified"/)
})

test('SEC-S19 a mark of secrecy stops the package until a named person decided, and the decision stands in it', () => {
  const marked = confirmed({ conclusion: 'Theo tài liệu TUYỆT MẬT' })
  assert.throws(() => pack([marked]), { code: 'package_refused', message: /TW-2026-000001 conclusion/ })
  const about = json(pack([marked], { secrecy: 'Lin Mei: a quotation of a public law' }), 'about.json')
  assert.deepEqual(about['decided'], {
    unverified: false,
    secrecy: 'Lin Mei: a quotation of a public law',
    fieldsWithMarks: ['TW-2026-000001 conclusion'],
  })
})

test('SEC-S19 what is marked for fewer, exercises, threats, accounts, hosts and group keys do not leave', () => {
  const files = pack(
    [
      confirmed(),
      confirmed({ caseId: 'c2', tlp: 'TLP:RED', description: 'canary' }),
      confirmed({ caseId: 'c3', restriction: 'private', description: 'canary' }),
      confirmed({ caseId: 'c4', exercise: true, description: 'canary' }),
      confirmed({ caseId: 'c5', kind: 'threat', description: 'canary' }),
    ],
    {},
    [
      detection({ groupKey: 'canary', groupBy: { 'user.name': 'canary' }, anchorEventId: 'canary' }),
      detection({ exercise: true, description: 'canary' }),
    ],
  )
  for (const [name, text] of files) assert.doesNotMatch(text, /canary|"root"|root@/, name)
  assert.deepEqual((json(files, 'about.json')['holds'] as { cases: number }).cases, 1)
  assert.match(files.get('about.json') ?? '', /"markedForFewer[^"]*": 2/)
})
