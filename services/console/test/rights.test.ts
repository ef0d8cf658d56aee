// Who may do what, as docs/operations/rights.md says it: made from the code by asking it, row by row.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Account } from '../src/accounts.ts'
import { authorize, mayCommand, mayCreate, type Target } from '../src/authorize.ts'
import { COMMANDS, RIGHTS, ROLES, type Role } from '../src/roles.ts'
import { type ApiRoute, ROUTES, type RouteId } from '../src/routes.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/operations/rights.md'), 'utf8')

const accountOf = (role: Role): Account => ({
  name: 'someone',
  role,
  constituents: RIGHTS[role].scope === 'all' ? null : ['own'],
  password: { algorithm: 'scrypt', cost: 2 ** 15, blockSize: 8, salt: '', hash: '' },
  mustChangePassword: false,
  version: 1,
  changedAt: 0,
})

/** `all`: of every body; `own`: of the bodies of the account; `–`: not at all. */
function reachOf(role: Role, allowed: (target: Target) => boolean): string {
  if (allowed({ kind: 'constituent', id: 'another' })) return 'all'
  if (allowed({ kind: 'constituent', id: 'own' })) return RIGHTS[role].scope === 'all' ? 'all' : 'own'
  return '–'
}

function routeCell(id: RouteId, role: Role): string {
  const { need }: ApiRoute = ROUTES[id]
  if (need.object === 'none') return authorize(need, accountOf(role), { kind: 'none' }).kind === 'allowed' ? 'yes' : '–'
  const account = accountOf(role)
  return reachOf(role, (target) => {
    const isAllowed = authorize(need, account, target).kind === 'allowed'
    return isAllowed && (id !== 'case-create' || mayCreate(account))
  })
}

const commandCell = (command: (typeof COMMANDS)[number], role: Role): string => {
  const account = accountOf(role)
  return reachOf(role, (target) => {
    const { need } = ROUTES['case-command']
    return authorize(need, account, target).kind === 'allowed' && mayCommand(account, command)
  })
}

const row = (name: string, cells: readonly string[]): string => `| ${name} | ${cells.join(' | ')} |`
const table = (title: string, rows: readonly string[]): string =>
  [
    row(
      title,
      ROLES.map((role) => `\`${role}\``),
    ),
    row(
      '---',
      ROLES.map(() => '---'),
    ),
    ...rows,
  ].join('\n')

test('SEC-S16 the matrix of routes and roles is the documented one', () => {
  const ids = Object.keys(ROUTES) as RouteId[]
  const rows = ids.map((id) =>
    row(
      `\`${ROUTES[id].method} ${ROUTES[id].url}\``,
      ROLES.map((role) => routeCell(id, role)),
    ),
  )
  assert.ok(page.includes(table('route', rows)), `docs/operations/rights.md should have:\n${table('route', rows)}`)
})

test('SEC-S16 the matrix of commands and roles is the documented one', () => {
  const rows = COMMANDS.map((command) =>
    row(
      `\`${command}\``,
      ROLES.map((role) => commandCell(command, role)),
    ),
  )
  assert.ok(page.includes(table('command', rows)), `docs/operations/rights.md should have:\n${table('command', rows)}`)
})

test('SEC-S16 whatever has no line in the table is denied: no role, an unknown permission, an unknown object', () => {
  for (const role of ROLES) {
    const need = { permission: 'read-everything', object: 'none' } as unknown as ApiRoute['need']
    assert.equal(authorize(need, accountOf(role), { kind: 'none' }).kind, 'denied', role)
  }
})
