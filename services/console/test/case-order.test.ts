import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detailOf, summaryOf } from '../src/case-view.ts'
import { COMMANDS } from '../src/roles.ts'
import { buttonsOf, SHOWN } from '../web/case-actions.ts'
import { byNextDue, fits, NO_FILTERS, nextClock } from '../web/case-order.ts'
import { spanText, zonedText } from '../web/time-text.ts'
import { incident } from './incidents.ts'

const clock = (dueAt: number, state = 'running', metAt: number | null = null) => ({
  clockId: `C${dueAt}`,
  requirementIds: [],
  title: 'clock',
  startMoment: 'detectedAt',
  startAt: 0,
  dueAt,
  state,
  metAt,
  proof: null,
  recipients: [],
})

test('the next clock is the earliest duty not yet done, overdue ones included', () => {
  const one = incident({
    clocks: [clock(50), clock(10, 'breached'), clock(5, 'met', 4), clock(7, 'breached', 9), clock(1, 'cancelled')],
  })
  assert.equal(nextClock(one)?.clockId, 'C10')
  assert.equal(nextClock(incident({ clocks: [clock(5, 'met', 4)] })), null)
})

test('the list is in the order in which things fall due; ended cases come last', () => {
  const list = [
    incident({ caseId: 'ended', status: 'closed', clocks: [clock(1)] }),
    incident({ caseId: 'none-low', severity: 10 }),
    incident({ caseId: 'later', clocks: [clock(90)] }),
    incident({ caseId: 'none-high', severity: 90 }),
    incident({ caseId: 'overdue', clocks: [clock(5, 'breached')] }),
  ].map(summaryOf)
  assert.deepEqual(
    list.sort(byNextDue).map(({ caseId }) => caseId),
    ['overdue', 'later', 'none-high', 'none-low', 'ended'],
  )
})

test('filters narrow by body, kind, state and every word of the text', () => {
  const one = summaryOf(incident({ kind: 'incident' }))
  assert.ok(fits(one, NO_FILTERS, ''))
  assert.ok(fits(one, { ...NO_FILTERS, text: ' ssh  203.0 ' }, 'SSH guessing 203.0.113.9'))
  assert.ok(!fits(one, { ...NO_FILTERS, text: 'ssh web' }, 'SSH guessing'))
  assert.ok(!fits(one, { ...NO_FILTERS, body: 'body-b' }, ''))
  assert.ok(!fits(one, { ...NO_FILTERS, kind: 'event' }, ''))
  assert.ok(!fits(one, { ...NO_FILTERS, state: 'ended' }, ''))
  assert.ok(fits(summaryOf(incident({ status: 'closed' })), { ...NO_FILTERS, state: 'ended' }, ''))
})

test('a case offers the commands that make sense for it, and none that the account may not give', () => {
  const open = detailOf(incident({ kind: 'event' }))
  assert.deepEqual(buttonsOf(open, COMMANDS).slice(0, SHOWN), [
    'acknowledge',
    'verify',
    'promote',
    'answer',
    'classify',
  ])
  const asked = detailOf(incident({ kind: 'incident', status: 'confirmed', verification: 'supplementary-asked' }))
  const offered = buttonsOf(asked, COMMANDS)
  assert.ok(offered.includes('supplementary-collected') && !offered.includes('ask-supplementary'))
  assert.ok(offered.includes('causes-eliminated') && !offered.includes('promote'))
  assert.deepEqual(buttonsOf(detailOf(incident({ status: 'closed' })), COMMANDS), ['reopen'])
  assert.deepEqual(buttonsOf(open, ['acknowledge']), ['acknowledge'])
  assert.deepEqual(buttonsOf(open, []), [])
})

test('spans and instants are written the same way in every language', () => {
  const units = { d: 'd', h: 'h', m: 'm', s: 's' }
  assert.equal(spanText(59_999, units), '0m 59s')
  assert.equal(spanText(3_600_000 + 5_000, units), '1h 00m 05s')
  assert.equal(spanText(2 * 86_400_000 + 4 * 3_600_000, units), '2d 04h 00m')
  assert.equal(zonedText(Date.UTC(2026, 10, 22, 20, 30, 5), 'Asia/Almaty'), '2026-11-23 01:30:05')
  assert.equal(zonedText(Date.UTC(2026, 10, 22, 20, 30, 5), 'Asia/Taipei', false), '2026-11-23 04:30')
})
