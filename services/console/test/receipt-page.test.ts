// The page behind the link of a notice, asked as a browser asks, with the notifier's answers given by hand.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { CommandResult, IncidentCommand } from '@tocsin/events'
import { receiptToken } from '@tocsin/obligations'
import { createLog, manualClock } from '@tocsin/runtime'
import type { ConsoleParts } from '../src/adapters/console-parts.ts'
import { consoleServer } from '../src/adapters/http.ts'
import type { AuditFact } from '../src/audit-chain.ts'
import { Cases } from '../src/cases.ts'

const SECRET = 'a secret of the tests'
const T0 = Date.UTC(2026, 2, 1)

async function page() {
  const commands: IncidentCommand[] = []
  const audited: AuditFact[] = []
  const clock = manualClock(T0)
  let isAudited = true
  const settings = { isSecure: true, origin: null, trustedProxies: false, tls: null, distFolder: tmpdir() } as const
  const parts = {
    settings: { ...settings, receiptSecret: SECRET },
    clock,
    log: createLog('test', 0, 'silent'),
    sessions: { use: () => null },
    cases: new Cases(10),
    constituents: new Map(),
    audit: {
      write: async (fact: AuditFact) => {
        if (!isAudited) throw new Error('away')
        audited.push(fact)
      },
    },
    commander: {
      give: async (command: IncidentCommand): Promise<CommandResult> => {
        commands.push(command)
        const accepted = commands.length === 1
        const code = accepted ? 'accepted' : 'illegal-transition'
        const { commandId, constituent, caseId } = command
        return { commandId, constituent, caseId, accepted, code, reason: 'said', revision: 0, at: T0 }
      },
    },
  }
  const app = await consoleServer(parts as unknown as ConsoleParts)
  const press = (token: string) =>
    app.inject({
      method: 'POST',
      url: '/received',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ t: token }).toString(),
    })
  return { app, press, commands, audited, clock, auditAway: () => (isAudited = false) }
}

const tokenFor = (language = 'vi') =>
  receiptToken({ noticeId: 'n1', constituent: 'vn-body', caseId: 'case-1', language, createdAt: T0 }, 'officer', SECRET)

test('VN-11.4dd looking at the link records nothing; its button records who read what, once, in the audit trail', async () => {
  const { app, press, commands, audited } = await page()
  const seen = await app.inject({ method: 'GET', url: `/received?t=${tokenFor()}` })
  assert.equal(seen.statusCode, 200)
  assert.match(seen.body, /lang="vi"[\s\S]*Tôi đã đọc/)
  assert.deepEqual([commands.length, audited.length], [0, 0])

  const first = await press(tokenFor())
  assert.deepEqual([first.statusCode, /Thời điểm xác nhận đã được ghi lại/.test(first.body)], [200, true])
  const [command] = commands
  assert.deepEqual(
    [command?.action, command?.constituent, command?.actor, command?.fields],
    [
      'notice-outcome',
      'vn-body',
      'contact:officer',
      { noticeId: 'n1', contactId: 'officer', outcome: 'read', channel: 'form' },
    ],
  )
  const second = await press(tokenFor())
  assert.equal(second.statusCode, 409)
  assert.deepEqual(
    audited.map(({ actor, action, object, outcome }) => [actor, action, object, outcome]),
    [
      ['contact:officer', 'notice-read', 'notice:n1', 'allowed'],
      ['contact:officer', 'notice-read', 'notice:n1', 'allowed'],
      ['contact:officer', 'notice-read', 'notice:n1', 'denied'],
    ],
  )
})

test('a forged link, an old one and none do nothing and say so', async () => {
  const { app, press, commands, audited, clock } = await page()
  assert.equal((await press(`${tokenFor().slice(0, -2)}AA`)).statusCode, 404)
  assert.equal((await press('')).statusCode, 404)
  assert.equal((await app.inject({ method: 'GET', url: '/received' })).statusCode, 404)
  assert.equal((await app.inject({ method: 'GET', url: '/received?t=a&t=b' })).statusCode, 404)
  clock.advance(36 * 86_400_000)
  const old = await press(tokenFor('kk'))
  assert.deepEqual([old.statusCode, /мерзімі өтті/.test(old.body)], [410, true])
  assert.deepEqual([commands.length, audited.length], [0, 0])
})

test('where the audit trail cannot be written the reading is not recorded either', async () => {
  const { press, commands, auditAway } = await page()
  auditAway()
  assert.equal((await press(tokenFor())).statusCode, 503)
  assert.equal(commands.length, 0)
})

test('the page loads nothing, is framed nowhere and allows its own style only, in five languages', async () => {
  const { app } = await page()
  for (const language of ['vi', 'kk', 'ru', 'zh-Hant', 'en']) {
    const { headers, body } = await app.inject({ method: 'GET', url: `/received?t=${tokenFor(language)}` })
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    )
    assert.ok(body.includes(`lang="${language}"`))
  }
})
