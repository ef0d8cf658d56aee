// What happens when the audit trail cannot be written (AU-5): nothing is done.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createLog, manualClock, TocsinError } from '@tocsin/runtime'
import type { Account } from '../src/accounts.ts'
import type { ConsoleParts } from '../src/adapters/console-parts.ts'
import { consoleServer } from '../src/adapters/http.ts'
import { Cases } from '../src/cases.ts'
import { LoginThrottle } from '../src/login-throttle.ts'
import { incident } from './incidents.ts'

const account: Account = {
  name: 'duty',
  role: 'national',
  constituents: null,
  password: { algorithm: 'scrypt', cost: 2 ** 15, blockSize: 8, salt: '', hash: '' },
  mustChangePassword: false,
  version: 1,
  changedAt: 0,
}

/** The real server, guard and handlers; behind them an audit trail that is away, and a list of what was done all the same. */
async function serverWithoutAudit() {
  const done: string[] = []
  const cases = new Cases(10)
  cases.apply('case-1', incident({ caseId: 'case-1', constituent: 'body-a' }))
  const parts = {
    settings: {
      isSecure: true,
      origin: null,
      trustedProxies: false,
      tls: null,
      distFolder: tmpdir(),
      receiptSecret: null,
    },
    clock: manualClock(0),
    log: createLog('test', 0, 'silent'),
    accounts: { get: () => account, change: async () => done.push('password') },
    passwords: { fits: async () => true, hash: async () => account.password },
    throttle: new LoginThrottle(),
    sessions: {
      use: () => ({ id: 's', account: 'duty', accountVersion: 1 }),
      end: () => {},
      start: () => done.push('session'),
    },
    cases,
    constituents: new Map([['body-a', { constituentId: 'body-a', group: 'a' }]]),
    commander: { give: async () => done.push('command') },
    search: { event: async () => done.push('search') },
    audit: {
      write: async () => {
        throw new TocsinError('audit_unavailable', 'The audit trail cannot be written now, so nothing was done.')
      },
    },
  }
  return { app: await consoleServer(parts as unknown as ConsoleParts), done }
}

for (const [method, url, payload] of [
  ['POST', '/api/session', { name: 'duty', password: 'x' }],
  ['POST', '/api/session/password', { password: 'x', newPassword: 'a long enough pass phrase' }],
  ['POST', '/api/cases/case-1/commands', { action: 'acknowledge' }],
  ['POST', '/api/cases/case-1/commands', { action: 'approve-response', fields: { response: 'a' } }],
  ['POST', '/api/constituents/body-a/cases', { fields: { title: 'x' } }],
  ['GET', '/api/cases/case-1/evidence', undefined],
  ['GET', '/api/constituents/body-a/events/0190a0b0c0d00123456789abcdef0123', undefined],
] as const)
  test(`SEC-S17 without an audit trail ${method} ${url} is refused and nothing is done`, async () => {
    const { app, done } = await serverWithoutAudit()
    const headers = { origin: 'https://console.example', host: 'console.example', 'x-tocsin-console': '1' }
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    assert.equal((answer.json() as { code: string }).code, 'audit_unavailable')
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(done, [])
  })
