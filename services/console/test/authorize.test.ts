import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Account, scopeOf } from '../src/accounts.ts'
import { authorize, mayCommand, maySee, type Need, type Target } from '../src/authorize.ts'
import { COMMANDS, PERMISSIONS, RIGHTS, ROLES, type Role } from '../src/roles.ts'
import { ROUTES, type RouteId } from '../src/routes.ts'

const account = (role: Role, constituents: string[] | null, mustChangePassword = false): Account => ({
  name: 'someone',
  role,
  constituents,
  password: { algorithm: 'scrypt', cost: 2 ** 15, blockSize: 8, salt: '', hash: '' },
  mustChangePassword,
  version: 1,
  changedAt: 0,
})
const a: Target = { kind: 'constituent', id: 'body-a' }
const b: Target = { kind: 'constituent', id: 'body-b' }

test('a bound account is allowed its own body and denied any other, in every role', () => {
  for (const role of ROLES.filter((one) => RIGHTS[one].scope !== 'all')) {
    const need: Need = { permission: 'read-cases', object: 'case' }
    assert.equal(authorize(need, account(role, ['body-a']), a).kind, 'allowed', role)
    assert.equal(authorize(need, account(role, ['body-a']), b).kind, 'denied', role)
  }
})

test('what does not exist is answered to a bound account as what it may not see, and to the centre as absent', () => {
  const need: Need = { permission: 'read-cases', object: 'case' }
  const other = authorize(need, account('manager', ['body-a']), b)
  assert.deepEqual(authorize(need, account('manager', ['body-a']), { kind: 'unknown' }), other)
  assert.equal(authorize(need, account('national', null), { kind: 'unknown' }).kind, 'absent')
})

test('nobody gets past a route that asks for a session, and an inspector and an enterprise give no command', () => {
  for (const id of Object.keys(ROUTES) as RouteId[]) {
    const need: Need = ROUTES[id].need
    const verdict = authorize(need, null, { kind: 'none' })
    assert.equal(verdict.kind, need.permission === 'anyone' ? 'allowed' : 'not-signed-in', id)
  }
  for (const role of ['inspector', 'enterprise'] as const) {
    const bound = account(role, ['body-a'])
    assert.equal(authorize(ROUTES['case-command'].need, bound, a).kind, 'denied', role)
    assert.ok(COMMANDS.every((command) => !mayCommand(bound, command)))
  }
  assert.ok(!mayCommand(account('manager', ['body-a']), 'mark-false-positive'))
  assert.ok(mayCommand(account('national', null), 'mark-false-positive'))
})

test('before the first password is changed only the session itself can be used', () => {
  const fresh = account('national', null, true)
  for (const id of Object.keys(ROUTES) as RouteId[]) {
    const need: Need = ROUTES[id].need
    const wanted = ['session-read', 'sign-in', 'sign-out', 'password-change'].includes(id)
    assert.equal(authorize(need, fresh, { kind: 'none' }).kind === 'password-change-needed', !wanted, id)
  }
})

test('a route about a case or a body is never allowed without one', () => {
  for (const object of ['case', 'constituent'] as const)
    assert.equal(
      authorize({ permission: 'read-cases', object }, account('national', null), { kind: 'none' }).kind,
      'denied',
    )
})

test('whatever is asked, allowed means that the account sees the body', () => {
  const bodies = fc.constantFrom('body-a', 'body-b', 'body-c')
  const needs = fc.record({
    permission: fc.constantFrom(...PERMISSIONS),
    object: fc.constantFrom('case' as const, 'constituent' as const, 'listed' as const),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...ROLES),
      fc.uniqueArray(bodies, { minLength: 1 }),
      bodies,
      needs,
      (role, own, id, need) => {
        const who = account(role, RIGHTS[role].scope === 'all' ? null : own)
        if (authorize(need, who, { kind: 'constituent', id }).kind === 'allowed') assert.ok(maySee(who, id))
      },
    ),
  )
})

test('a bound role cannot be made without a body, nor the centre with one', () => {
  assert.throws(() => scopeOf('manager', []), { code: 'bad_account' })
  assert.throws(() => scopeOf('national', ['body-a']), { code: 'bad_account' })
  assert.throws(() => scopeOf('manager', ['Body A']), { code: 'bad_account' })
  assert.equal(scopeOf('inspector', []), null)
  assert.deepEqual(scopeOf('inspector', ['b', 'a', 'b']), ['a', 'b'])
})
