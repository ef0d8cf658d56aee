import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Account, type AccountAction, act, readAccount, TEST_ITEMS } from '../../src/account/account.ts'
import { alarmsOf } from '../../src/account/account-alarms.ts'
import { account } from './example-account.ts'

const DAY_MS = 86_400_000
const T0 = Date.parse('2026-11-22T00:00:00+08:00')

const all = (start: Account, ...actions: readonly AccountAction[]): Account =>
  actions.reduce((at, action) => act(at, action, T0), start)
const passes: AccountAction[] = TEST_ITEMS.map((item) => ({ kind: 'test', by: 'A', item, passed: true, remark: '' }))
const production: AccountAction = { kind: 'become', by: 'A', to: 'production', reason: 'test passed' }
const refused = { code: 'account_refused' }

test('an account reaches production only after a named confirmation and a test passed in every item (TW-2.1b, TW-2.3f)', () => {
  assert.throws(() => all(account(), production), refused)
  assert.throws(() => all(account(), { kind: 'confirm', by: ' ' }), refused)
  assert.throws(() => all(account(), { kind: 'confirm', by: 'A' }, production), refused)
  const almost = passes.slice(1)
  assert.throws(
    () => all(account(), { kind: 'confirm', by: 'A' }, ...almost, { kind: 'outcome', by: 'A', passed: true }),
    /1-0/,
  )
  const failed: AccountAction = { kind: 'test', by: 'A', item: '2-3', passed: false, remark: 'XSD' }
  assert.throws(() => all(account(), ...passes, failed, { kind: 'outcome', by: 'A', passed: true }), /2-3/)
  const done = all(
    account(),
    { kind: 'confirm', by: 'A' },
    ...passes,
    { kind: 'outcome', by: 'A', passed: true },
    production,
  )
  assert.equal(done.state, 'production')
  assert.deepEqual(done.history, [{ at: T0, by: 'A', from: 'test', to: 'production', reason: 'test passed' }])
})

test('the five states: suspended goes back to what it was, terminated to nothing (TW-A4.2)', () => {
  const become = (to: 'suspended' | 'resumed' | 'terminated' | 'test'): AccountAction => ({
    kind: 'become',
    by: 'A',
    to,
    reason: 'r',
  })
  const live = account({ state: 'production' })
  assert.equal(all(live, become('suspended'), become('resumed')).state, 'production')
  assert.equal(all(account(), become('suspended'), become('resumed')).state, 'test')
  assert.throws(() => all(account(), become('resumed')), refused)
  assert.throws(() => all(live, become('test')), refused)
  assert.throws(() => all(live, become('terminated'), become('resumed')), refused)
})

test('an issue has two rounds, cannot be closed while the last one is not passed, and warns at 50, 80 and 100 % (TW-3.4, TW-A7)', () => {
  const issue = {
    issueId: '7',
    name: 'n',
    severity: '高',
    form: 'f',
    occurredOn: '2026-11-22',
    tester: 'T',
    description: 'd',
    suggestion: '',
    reference: '',
    dueAt: T0 + 10 * DAY_MS,
  } as const
  const open = all(account(), { kind: 'open-issue', by: 'A', issue })
  const subjects = (days: number) =>
    alarmsOf(open, T0 + days * DAY_MS).map(({ subject, level }) => `${subject} ${level}`)
  assert.deepEqual([4.9, 5, 7.9, 8, 9.9, 10].map(subjects).flat(), [
    '7 50 warning',
    '7 50 warning',
    '7 80 warning',
    '7 80 warning',
    '7 100 critical',
  ])
  // A period that no percentage divides: an instant is a whole number of milliseconds.
  const odd = all(account(), { kind: 'open-issue', by: 'A', issue: { ...issue, dueAt: T0 + 10 * DAY_MS + 1 } })
  assert.deepEqual(
    [5.1, 8.1].flatMap((days) => alarmsOf(odd, T0 + days * DAY_MS)).map(({ at }) => at - T0),
    [5 * DAY_MS + 1, 8 * DAY_MS + 1],
  )
  const close: AccountAction = { kind: 'close-issue', by: 'A', issueId: '7' }
  const round = (passed: boolean): AccountAction => ({
    kind: 'recheck',
    by: 'T',
    issueId: '7',
    day: '2026-11-25',
    passed,
  })
  assert.throws(() => all(open, close), refused)
  assert.throws(() => all(open, round(false), close), refused)
  assert.throws(() => all(open, round(false), round(false), round(true)), refused)
  const closed = all(open, round(false), round(true), close)
  assert.deepEqual(alarmsOf(closed, T0 + 20 * DAY_MS), [])
})

test('the end of the account warns 30 and 7 days before, contact data a month before the plan ends until they are deleted (TW-A4.1, TW-A4.3)', () => {
  const consent = {
    by: 'A',
    signedOn: '2026-11-22',
    purpose: 'p',
    territory: 't',
    users: 'u',
    planEnds: '2027-03-31',
    deletedOn: null,
    deletionProof: null,
  }
  const held = account({ validTo: '2026-12-31', consent })
  const codes = (day: string) =>
    alarmsOf(held, Date.parse(`${day}T12:00:00+08:00`)).map(({ code, subject }) => `${code} ${subject}`)
  assert.deepEqual(codes('2026-12-01'), [])
  assert.deepEqual(codes('2026-12-02'), ['account_ends EXAMPLE-SOC 30'])
  assert.deepEqual(codes('2026-12-25'), ['account_ends EXAMPLE-SOC 7'])
  assert.deepEqual(codes('2027-03-02'), ['account_ends EXAMPLE-SOC 0', 'consent_ends EXAMPLE-SOC 2027-03-31'])
  const gone = all(held, { kind: 'delete-contacts', by: 'A', day: '2027-03-01', proof: 'minute 12' })
  assert.doesNotMatch(JSON.stringify(gone), /範例人員|soc@example/)
  assert.equal(gone.consent?.deletionProof, 'minute 12')
  assert.ok(alarmsOf(gone, Date.parse('2027-03-02')).every(({ code }) => code !== 'consent_ends'))
})

test('a wrong account file is refused with the place', () => {
  assert.deepEqual(readAccount(JSON.stringify(account()), 'f'), account())
  assert.throws(() => readAccount('{', 'f'), { code: 'bad_account_record' })
  assert.throws(() => readAccount(JSON.stringify({ ...account(), password: 'x' }), 'f'), { code: 'bad_account_record' })
  assert.throws(() => readAccount(JSON.stringify({ ...account(), validTo: 'soon' }), 'f'), /validTo/)
})
