// A receiver is away for a while: nothing is lost, everything is delivered when it is back, and once.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ticket } from '@tocsin/events'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { FROM, failedLogin, newAttacker, portScan, rootLogin } from './lines.ts'
import { mailsAbout } from './mails.ts'
import { search } from './search.ts'
import { send } from './sockets.ts'
import { until } from './wait.ts'
import { type Watch, watch } from './watch.ts'

const ELASTICSEARCH_AWAY_MS = 20_000
const topics = [
  'incidents',
  'notices',
  'deliveries',
  'tickets',
  'health-events',
  'enriched-events',
  'dead-letters',
] as const

let stack: FullStack
let seen: Watch<(typeof topics)[number]>

before(async () => {
  stack = await startFullStack()
  seen = await watch(stack, topics)
})
afterEach(async () => {
  await tell('/mail/take')
})
after(async () => {
  await seen?.close()
  await stack?.stop()
})

/** Tells the outside world of the stack how to behave (H-SINK). */
async function tell(control: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${stack.port('sinks-admin')}${control}`, { method: 'POST' })
  assert.equal(response.status, 200, await response.text())
}

const ticketsAbout = (attacker: string): Ticket[] => seen.of('tickets').filter(({ xml }) => xml.includes(attacker))

test('a Taiwanese attack while the FTPS server is down: the tickets wait, and lie on the server once each when it is back', async () => {
  const startedAt = stack.nowMs()
  await tell('/ftps/stop')
  const attackers = [newAttacker(), newAttacker()]
  try {
    for (const attacker of attackers)
      await send(stack, 'udp', FROM.twFirewall, portScan(stack.nowMs() - 5_000, attacker))
    for (const attacker of attackers) {
      const ticket = await until(`ticket about ${attacker} that was tried`, () =>
        ticketsAbout(attacker).find(({ attempts }) => attempts > 0),
      )
      assert.notEqual(ticket.state, 'uploaded')
    }
    await until('word to the operators that the server is away', () =>
      seen
        .of('health-events')
        .some(({ code, state, at }) => code === 'endpoint_away' && state === 'raised' && at >= startedAt),
    )
    for (const attacker of attackers) assert.deepEqual(filesAbout(attacker), [])
  } finally {
    await tell('/ftps/start')
  }
  // The next try may be minutes off by the clock of the stack; nobody waits for them.
  await stack.tocsin(['clock', 'advance', '5m'])
  for (const attacker of attackers) {
    const { ticketId, fileName, xml } = await until(
      `uploaded ticket about ${attacker}`,
      () => ticketsAbout(attacker).find(({ state }) => state === 'uploaded'),
      90_000,
    )
    assert.deepEqual(filesAbout(attacker), [fileName])
    assert.equal(readFileSync(join(incidentFolder(), fileName), 'utf8'), xml)
    assert.equal(new Set(ticketsAbout(attacker).map((ticket) => ticket.ticketId)).size, 1, ticketId)
  }
})

const incidentFolder = (): string => join(stack.sinksFolder, 'ftps/root/incident')

/** Files on the server that name an attacker. */
function filesAbout(attacker: string): string[] {
  return readdirSync(incidentFolder()).filter((name) =>
    readFileSync(join(incidentFolder(), name), 'utf8').includes(attacker),
  )
}

test('H-SINK while the mail server refuses for ten minutes the notices are retrying, not sent; then each arrives once', async () => {
  await tell('/mail/refuse')
  const attacker = newAttacker()
  await send(stack, 'udp', FROM.kzSsh, [rootLogin(stack.nowMs(), attacker)])
  const { caseId } = await until(`incident about ${attacker}`, () =>
    seen.of('incidents').find(({ participants }) => JSON.stringify(participants).includes(attacker)),
  )
  const roles = ['authorised-person', 'coordinator', 'nsc']
  const notices = await until('the notices of the case', () => {
    const found = seen.of('notices').filter((one) => one.caseId === caseId)
    return roles.every((role) => found.some(({ recipientRole }) => recipientRole === role)) && found
  })
  const attempts = (noticeId: string) => seen.of('deliveries').filter((one) => one.noticeId === noticeId)
  const tries = (noticeId: string) => attempts(noticeId).length
  for (const { noticeId } of notices) await until(`try of ${noticeId}`, () => tries(noticeId) > 0)
  for (const minutes of [5, 5]) {
    const before = new Map(notices.map(({ noticeId }) => [noticeId, tries(noticeId)]))
    await stack.tocsin(['clock', 'advance', `${minutes}m`])
    for (const { noticeId } of notices)
      await until(`further try of ${noticeId}`, () => tries(noticeId) > (before.get(noticeId) ?? 0))
  }
  for (const { noticeId } of notices) {
    assert.deepEqual([...new Set(attempts(noticeId).map(({ state }) => state))], ['retrying'])
    assert.deepEqual(await mailsAbout(stack, noticeId), [])
  }
  await tell('/mail/take')
  await stack.tocsin(['clock', 'advance', '5m'])
  for (const { noticeId } of notices) {
    await until(`delivery of ${noticeId}`, () => attempts(noticeId).some(({ state }) => state === 'delivered'))
    await until(`mail of ${noticeId}`, async () => (await mailsAbout(stack, noticeId)).length > 0)
  }
  await stack.tocsin(['clock', 'advance', '5m'])
  await send(stack, 'udp', FROM.kzSsh, [rootLogin(stack.nowMs(), newAttacker())])
  for (const { noticeId } of notices) assert.equal((await mailsAbout(stack, noticeId)).length, 1, noticeId)
})

test('Elasticsearch stands still for 20 s: all that came meanwhile is indexed afterwards, each record once', async () => {
  const users = Array.from({ length: 500 }, (_, n) => `away${process.pid}n${n}`)
  const letters = seen.of('dead-letters').length
  const pid = await stack.pidOf('elasticsearch')
  process.kill(pid, 'SIGSTOP')
  try {
    await send(
      stack,
      'tcp by lines',
      FROM.kzSsh,
      users.map((user) => failedLogin(stack.nowMs(), user)),
    )
    const wanted = new Set(users)
    await until('enriched events of all lines while the index stands still', () => {
      const found = seen.of('enriched-events').filter(({ user_name: user }) => wanted.has(user ?? ''))
      return found.length === users.length
    })
    // The length of the outage is the dose itself.
    await pause(ELASTICSEARCH_AWAY_MS)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const query = { prefix: { 'user.name': `away${process.pid}n` } }
  await until(
    'documents of all lines',
    async () => (await search(stack, 'logs-tocsin.event-*', query)).total >= users.length,
    90_000,
  )
  assert.equal((await search(stack, 'logs-tocsin.event-*', query)).total, users.length)
  assert.equal(seen.of('dead-letters').length, letters, 'no record was given up')
})
