import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detailOf, summaryOf } from '../src/case-view.ts'
import { Cases } from '../src/cases.ts'
import { incident } from './incidents.ts'

test('the list holds the newest revision of each case of the bodies that may be seen', () => {
  const cases = new Cases(10)
  cases.apply('1', incident({ caseId: '1', modifiedAt: 1 }))
  cases.apply('2', incident({ caseId: '2', constituent: 'body-b', modifiedAt: 2 }))
  cases.apply('1', incident({ caseId: '1', revision: 2, modifiedAt: 3 }))
  assert.deepEqual(
    cases.list((body) => body === 'body-a').map(({ caseId, revision }) => [caseId, revision]),
    [['1', 2]],
  )
  assert.deepEqual(
    cases.list(() => true).map(({ caseId }) => caseId),
    ['1', '2'],
  )
})

test('a deleted case is gone, and one that moved to another body is no longer in its first', () => {
  const cases = new Cases(10)
  cases.apply('1', incident({ caseId: '1' }))
  cases.apply('1', incident({ caseId: '1', constituent: 'body-b' }))
  assert.deepEqual(
    cases.list((body) => body === 'body-a'),
    [],
  )
  cases.apply('1', null)
  assert.equal(cases.get('1'), undefined)
  assert.deepEqual(
    cases.list(() => true),
    [],
  )
})

test('a body with too many cases loses its oldest ended ones first and takes no room from others', () => {
  const cases = new Cases(3)
  cases.apply('b', incident({ caseId: 'b', constituent: 'body-b', modifiedAt: 0 }))
  cases.apply('open', incident({ caseId: 'open', modifiedAt: 1 }))
  cases.apply('closed', incident({ caseId: 'closed', status: 'closed', modifiedAt: 2 }))
  cases.apply('new', incident({ caseId: 'new', modifiedAt: 3 }))
  const gone = cases.apply('newer', incident({ caseId: 'newer', modifiedAt: 4 }))
  assert.deepEqual(gone, [{ caseId: 'closed', constituent: 'body-a' }])
  assert.deepEqual(cases.apply('newest', incident({ caseId: 'newest', modifiedAt: 5 }))[0]?.caseId, 'open')
  assert.ok(cases.get('b'))
  assert.deepEqual(cases.counts, { kept: 4, left: 2 })
})

test('neither a line of the list nor the detail holds the text of the evidence', () => {
  const one = incident({ rawRefs: [{ eventId: 'e', blockId: 'b', frameIndex: 0, original: 'SECRET LINE' }] })
  assert.ok(!JSON.stringify([summaryOf(one), detailOf(one)]).includes('SECRET LINE'))
  assert.equal(detailOf(one).evidenceCount, 1)
})
