import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FeedRecord, Incident } from '@tocsin/events'
import { tlpOf } from '@tocsin/exchange'
import type { Output } from '@tocsin/stage'
import { TaskStores } from '@tocsin/stage'
import { loadContracts } from '../../../src/feeds/agency/contract.ts'
import { feedOutputs } from '../../../src/feeds/agency/feed.ts'
import type { Issued } from '../../../src/state.ts'
import { constituent, contracts, incident } from '../../fixtures.ts'

const bodies = new Map([
  ['tw-ey', constituent()],
  ['kz-1', constituent({ constituentId: 'kz-1', country: 'KZ' })],
])

function feed() {
  const issued = new TaskStores().store<Issued>('feeds')
  return (changes: Partial<Incident>) => feedOutputs(incident(changes), contracts(), bodies, issued, 'tw-centre')
}

const verbs = (outputs: readonly Output[]) =>
  outputs.map(({ topic, toTopic, value }) => `${toTopic ?? topic} ${(value as FeedRecord).verb}`)

test('a case goes to its own country and to no other, once, then as replacement when what is seen changes', () => {
  const give = feed()
  assert.deepEqual(verbs(give({})), ['feed-records issue', 'feed.tw-nccst issue'])
  assert.deepEqual(verbs(give({ revision: 2, assignee: 'officer', modifiedAt: 9 })), [])
  assert.deepEqual(verbs(give({ revision: 3, severity: 90 })), ['feed-records replace', 'feed.tw-nccst replace'])
  assert.deepEqual(verbs(give({ caseId: 'case-2', constituent: 'kz-1' })), ['feed-records issue', 'feed.kz-nsc issue'])
})

test('a case that was wrong, or may be seen no more, is revoked without its content, and once', () => {
  for (const change of [
    { status: 'false-positive' },
    { tlp: 'TLP:RED' },
    { restriction: 'private' },
    { exercise: true },
  ]) {
    const give = feed()
    give({})
    const outputs = give({ revision: 2, ...change })
    assert.deepEqual(verbs(outputs), ['feed-records revoke', 'feed.tw-nccst revoke'])
    const record = outputs[0]?.value as FeedRecord
    assert.deepEqual([record.description, record.sourceIps, record.titles], ['', [], {}])
    assert.deepEqual(give({ revision: 3, ...change }), [])
    assert.deepEqual(verbs(give({ revision: 4 })), ['feed-records issue', 'feed.tw-nccst issue'])
  }
})

test('nothing leaves by an unknown body, an unknown marking, a strong marking, a restriction or an exercise', () => {
  for (const change of [
    { constituent: 'nobody' },
    { tlp: 'purple' },
    { tlp: 'TLP:AMBER+STRICT' },
    { restriction: 'private' },
    { exercise: true },
  ]) {
    assert.deepEqual(feed()(change), [], JSON.stringify(change))
  }
})

test('no account, host, evidence line or note of ours is in what an agency gets', () => {
  const text = JSON.stringify(
    feed()({
      conclusion: 'canary-1',
      assignee: 'canary-2',
      primaryAnalysis: 'canary-3',
      rawRefs: [{ eventId: 'e', blockId: 'b', frameIndex: 0, original: 'canary-4' }],
    }),
  )
  assert.ok(!/canary|"root"/.test(text))
})

test('VN-8.1 a partner of a sharing group gets what somebody shared with it, under the marking of that decision, and nothing else', () => {
  const issued = new TaskStores().store<Issued>('feeds')
  const [partner] = loadContracts(
    '- {agency: partner, version: 1.0.0, countries: [TW], strongestTlp: amber, restrictions: [none], exercises: false, groups: [banks]}',
  )
  assert.ok(partner !== undefined)
  const give = (changes: Partial<Incident>) => feedOutputs(incident(changes), [partner], bodies, issued, 'tw-centre')
  const share = (group: string, tlp: string) => ({ at: 1, by: 'anna', group, tlp, verification: 'confirmed' })
  assert.deepEqual(give({ tlp: 'green' }), [])
  assert.deepEqual(give({ tlp: 'green', revision: 2, shares: [share('hospitals', 'AMBER')] }), [])
  const shared = give({ tlp: 'green', revision: 3, shares: [share('banks', 'AMBER')] })
  assert.deepEqual(verbs(shared), ['feed-records issue', 'feed.partner issue'])
  const record = shared[0]?.value as FeedRecord
  assert.deepEqual([record.tlp, (JSON.parse(record.sharedCase) as { tlp: string }).tlp], ['amber', 'AMBER'])
  // Taken back, and a marking that is too strong for it.
  assert.deepEqual(verbs(give({ tlp: 'green', revision: 4 })), ['feed-records revoke', 'feed.partner revoke'])
  assert.deepEqual(give({ tlp: 'green', revision: 5, shares: [share('banks', 'AMBER+STRICT')] }), [])
})

test('markings are read in their usual spellings', () => {
  assert.deepEqual(['TLP:AMBER', 'amber', 'TLP_AMBER_STRICT', 'TLP:WHITE', 'TLP:CLEAR', 'x'].map(tlpOf), [
    'amber',
    'amber',
    'amber+strict',
    'clear',
    'clear',
    'red',
  ])
})

test('a wrong contract is refused with its place', () => {
  assert.throws(() => loadContracts('- agency: a b\n  version: 1.0.0\n'), { code: 'bad_contracts' })
  assert.throws(() => loadContracts('[: {'), { code: 'bad_contracts' })
})
