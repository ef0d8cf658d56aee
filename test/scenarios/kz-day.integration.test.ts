// A day of a Kazakh inspection (requirements: KZ day), on real processes and a real mail server, the test clock moved. Two state
// bodies with collectors in both circuits, a National Bank object that is none of ours, three events and two incidents; the
// mail server hangs, incident-manager and notifier are killed at T0+29 min; one body answers in 47 hours, the other never.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Incident, Notice } from '@tocsin/events'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { bsdTime, newAttacker, rootLogin } from './lines.ts'
import { type Mail, mailsAbout } from './mails.ts'
import { send } from './sockets.ts'
import { until } from './wait.ts'
import { type Watch, watch } from './watch.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Incidents at once: the whole dose with TOCSIN_TEST_DOSE=full. */
const STORM = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 1_000 : 30
const RUN = `${process.pid}`
const NET = 10 + (process.pid % 200)
const [BODY_A, BODY_B, BANK] = [`kz-day-a-${RUN}`, `kz-day-b-${RUN}`, `kz-day-bank-${RUN}`]
/** Where each collector sends from. */
const AT = {
  aInner: `127.60.${NET}.1`,
  aOuter: `127.60.${NET}.2`,
  bInner: `127.60.${NET}.3`,
  bOuter: `127.60.${NET}.4`,
  bank: `127.60.${NET}.5`,
} as const

const folder = mkdtempSync(join(tmpdir(), 'kz-day-'))
const topics = ['incidents', 'notices', 'deliveries', 'clock-events', 'source-counts', 'raw-blocks'] as const
let stack: FullStack
let seen: Watch<(typeof topics)[number]>
const cases = new Map<string, Incident>()

before(async () => {
  stack = await startFullStack()
  seen = await watch(stack, topics)
})
after(async () => {
  await tell('/mail/take')
  await seen?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true })
})

function registry(): string {
  const body = (id: string, more = ''): string =>
    `  - { id: ${id}, name: Body ${id}, country: KZ, pack: kz-order-199, roles: [state-body], group: kz_day, timeZone: Asia/Almaty, languages: [kk, ru]${more} }`
  const source = (id: string, owner: string, address: string, circuit: string): string =>
    `  - { id: ${id}-${RUN}, constituent: ${owner}, name: Collector ${id}, addresses: [${address}], circuit: ${circuit}, kind: system, timeZone: Asia/Almaty, maintainedBy: STS, deviceName: ${id} }`
  const contact = (owner: string, role: string): string =>
    `  - { id: ${owner}-${role}, constituent: ${owner}, role: ${role}, name: ${role}, email: ${role}@${owner}.example, language: ru, channels: [mail] }`
  return [
    'constituents:',
    body(BODY_A),
    body(BODY_B),
    body(BANK, ', legalScope: [national-bank], integratedWithEgov: false'),
    'sources:',
    // The first of the sources: whoever knows the last one knows this one too.
    source('bank', BANK, AT.bank, 'outer'),
    source('a-inner', BODY_A, AT.aInner, 'inner'),
    source('a-outer', BODY_A, AT.aOuter, 'outer'),
    source('b-inner', BODY_B, AT.bInner, 'inner'),
    source('b-outer', BODY_B, AT.bOuter, 'outer'),
    'contacts:',
    contact(BODY_A, 'authorised-person'),
    contact(BODY_B, 'authorised-person'),
    contact(BODY_B, 'coordinator'),
    '',
  ].join('\n')
}

/** A root shell by somebody who is no administrator: one line that is an event, not an incident. */
const rootShell = (atMs: number, host: string): string =>
  `<86>${bsdTime(atMs, 5)} ${host} sudo:  marat : TTY=pts/1 ; PWD=/home/marat ; USER=root ; COMMAND=/bin/bash`

async function tell(control: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${stack.port('sinks-admin')}${control}`, { method: 'POST' })
  assert.equal(response.status, 200, await response.text())
}

async function tocsin(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.tocsin(words)
  assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** The door learns of a new source a moment after the import; until then it refuses it, as it must. */
async function knownAtTheDoor(sourceId: string, from: string): Promise<void> {
  await until(`line of ${sourceId} that was accepted`, async () => {
    await send(stack, 'udp', from, [`<78>${bsdTime(stack.nowMs(), 5)} host CRON[1]: (root) CMD (true)`])
    return seen.of('raw-blocks').some((block) => block.sourceId === sourceId)
  })
}

/** Moves the clock of the stack to an instant. */
async function moveTo(atMs: number): Promise<void> {
  const leftMs = atMs - stack.nowMs()
  assert.ok(leftMs > 0, `the clock is ${-leftMs} ms past the instant that it was to reach`)
  await tocsin('clock', 'advance', `${Math.floor(leftMs / 1_000)}s`)
}

const ours = (): Incident[] => {
  for (const record of seen.of('incidents')) {
    const known = cases.get(record.caseId)
    if ([BODY_A, BODY_B].includes(record.constituent) && (known === undefined || known.revision < record.revision))
      cases.set(record.caseId, record)
  }
  return [...cases.values()]
}
const ofBody = (body: string, kind: string): Incident[] =>
  ours().filter((record) => record.constituent === body && record.kind === kind)
const clockOf = (record: Incident, id: string): Incident['clocks'][number] | undefined =>
  cases.get(record.caseId)?.clocks.find(({ clockId }) => clockId === `${id}/${record.kind}`)
const noticesOf = (record: Incident, role: string, purpose?: string): Notice[] =>
  seen
    .of('notices')
    .filter((one) => one.caseId === record.caseId && one.recipientRole === role)
    .filter((one) => purpose === undefined || one.purpose === purpose)

/** Waits until a clock of each of our cases is met; gives the longest time from T0 to the proof, ms. */
async function metAfter(id: string): Promise<number> {
  const met = await until(`${id} met in all five cases`, () => {
    const clocks = ours().map((record) => ({ record, clock: clockOf(record, id) }))
    return clocks.length === 5 && clocks.every(({ clock }) => clock?.state === 'met') && clocks
  })
  return Math.max(...met.map(({ record, clock }) => (clock?.metAt ?? Number.POSITIVE_INFINITY) - record.detectedAt))
}

describe('KZ day', () => {
  test('three events and two incidents of two bodies are told of while the mail server hangs; the National Bank stays out', async () => {
    const file = join(folder, 'registry.yaml')
    writeFileSync(file, registry())
    await tocsin('registry', 'import', file, '--reason', 'KZ day')
    for (const [id, from] of [
      ['a-inner', AT.aInner],
      ['a-outer', AT.aOuter],
      ['b-inner', AT.bInner],
      ['b-outer', AT.bOuter],
    ] as const)
      await knownAtTheDoor(`${id}-${RUN}`, from)
    await tell('/mail/vanish')
    const lines: [string, string][] = [
      [AT.bank, rootLogin(stack.nowMs(), newAttacker())],
      [AT.aInner, rootShell(stack.nowMs(), 'a-inner')],
      [AT.aOuter, rootShell(stack.nowMs(), 'a-outer')],
      [AT.bInner, rootShell(stack.nowMs(), 'b-inner')],
      [AT.aOuter, rootLogin(stack.nowMs(), newAttacker())],
      [AT.bOuter, rootLogin(stack.nowMs(), newAttacker())],
    ]
    for (const [from, line] of lines) await send(stack, 'tcp by octet counts', from, [line])
    await until('three events and two incidents', () => ours().length >= 5)
    const kinds = [BODY_A, BODY_B].map((body) => [ofBody(body, 'event').length, ofBody(body, 'incident').length])
    assert.deepEqual(kinds, [
      [2, 1],
      [1, 1],
    ])
    for (const record of ours())
      await until(`notice of ${record.number}`, () => noticesOf(record, 'authorised-person')[0])
    const refused = await until('the count of what the bank sent', () =>
      seen.of('source-counts').find(({ sourceId, refused: count }) => sourceId === `bank-${RUN}` && count > 0),
    )
    assert.equal(refused.accepted, 0)
    assert.ok(!seen.of('raw-blocks').some(({ constituent }) => constituent === BANK), 'nothing of it is stored')
  })

  test('incident-manager and notifier are killed at T0+29 min, and every body has its mail by T0+30; the NSC within three hours', async () => {
    const firstT0 = Math.min(...ours().map(({ detectedAt }) => detectedAt))
    await moveTo(firstT0 + 29 * MINUTE_MS)
    const pids = await Promise.all(['incident-manager', 'notifier'].map((name) => stack.pidOf(name)))
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await tell('/mail/take')
    assert.ok((await metAfter('C1')) <= 30 * MINUTE_MS)
    assert.ok((await metAfter('C2')) <= 3 * HOUR_MS)
    const again = await Promise.all(['incident-manager', 'notifier'].map((name) => stack.pidOf(name)))
    assert.ok(again.every((pid) => !pids.includes(pid)))
    for (const record of ours()) {
      for (const role of ['authorised-person', 'nsc']) {
        const [notice, ...more] = noticesOf(record, role, 'notify')
        assert.ok(notice, `${record.number} ${role}`)
        assert.deepEqual(more, [])
        assert.equal((await mailsAbout(stack, notice.noticeId)).length, 1, 'one mail, and no second one')
      }
    }
  })

  test('the body that answers in 47 hours has kept its time; the other is reminded twice', async () => {
    const receivedAt = Math.min(...ours().map((record) => clockOf(record, 'C3')?.startAt ?? Number.NaN))
    await moveTo(receivedAt + 24 * HOUR_MS + 5 * MINUTE_MS)
    for (const record of [...ofBody(BODY_B, 'event'), ...ofBody(BODY_B, 'incident')])
      await until(
        `first reminder of ${record.number}`,
        () => noticesOf(record, 'authorised-person', 'remind').length >= 1,
      )
    await moveTo(receivedAt + 47 * HOUR_MS)
    const asBody = ['--role', 'authorised-person', '--actor', 'aigerim']
    for (const { caseId } of ofBody(BODY_A, 'event'))
      await tocsin(
        'incident',
        'answer',
        caseId,
        '--set',
        'kind=event-analysis',
        '--set',
        'text=A new administrator.',
        ...asBody,
      )
    for (const { caseId } of ofBody(BODY_A, 'incident')) {
      await tocsin('incident', 'answer', caseId, '--set', 'kind=measures', '--set', 'text=Key revoked.', ...asBody)
      for (const closure of ['causes-eliminated', 'consequences-eliminated'])
        await tocsin('incident', closure, caseId, '--set', 'evidence=protocol 14', ...asBody)
    }
    for (const record of [...ofBody(BODY_A, 'event'), ...ofBody(BODY_A, 'incident')]) {
      const clock = await until(`C3 of ${record.number} met`, () => {
        ours()
        const found = clockOf(record, 'C3')
        return found?.state === 'met' && found
      })
      assert.ok((clock.metAt ?? 0) <= clock.startAt + 48 * HOUR_MS)
      assert.ok(cases.get(record.caseId)?.responses.some(({ by }) => by === 'aigerim'))
    }
    for (const record of [...ofBody(BODY_B, 'event'), ...ofBody(BODY_B, 'incident')])
      await until(
        `second reminder of ${record.number}`,
        () => noticesOf(record, 'authorised-person', 'remind').length >= 2,
      )
  })

  test('at 48 hours the incident that nobody eliminated is told to the authorized body and the NSC, the other one is not', async () => {
    const [silent] = ofBody(BODY_B, 'incident')
    const [answered] = ofBody(BODY_A, 'incident')
    assert.ok(silent !== undefined && answered !== undefined)
    const identifiedAt = silent.promotedAt ?? Number.NaN
    for (const role of ['authorized-body', 'nsc']) assert.deepEqual(noticesOf(silent, role, 'escalate'), [])
    await moveTo(identifiedAt + 48 * HOUR_MS + 30_000)
    for (const [role, address] of [
      ['authorized-body', 'duty@authority.example'],
      ['nsc', 'duty@nsc.example'],
    ] as const) {
      const notice: Notice = await until(`escalation to ${role}`, () => noticesOf(silent, role, 'escalate')[0])
      const delivery = await until(`its delivery`, () =>
        seen.of('deliveries').find((one) => one.noticeId === notice.noticeId && one.state === 'delivered'),
      )
      assert.ok(delivery.at <= identifiedAt + 48 * HOUR_MS + 5 * MINUTE_MS)
      const mail: Mail = await until('its mail', async () => (await mailsAbout(stack, notice.noticeId))[0])
      assert.deepEqual(mail.to, [address])
    }
    await moveTo((clockOf(silent, 'C3')?.dueAt ?? Number.NaN) + 30_000)
    await until('the answer of the other body overdue', () => {
      ours()
      return clockOf(silent, 'C3')?.state === 'breached'
    })
    for (const role of ['authorized-body', 'nsc']) assert.deepEqual(noticesOf(answered, role, 'escalate'), [])
    assert.equal(clockOf(answered, 'C4')?.state, 'met')
  })

  test(`KZ-10.3g ${STORM} incidents within a minute: every body has its notice in time`, async () => {
    const startedAt = performance.now()
    const attackers = new Set<string>()
    while (attackers.size < STORM) attackers.add(newAttacker())
    const lines = [...attackers].map((attacker) => rootLogin(stack.nowMs(), attacker))
    const before = new Set(cases.keys())
    await send(stack, 'tcp by octet counts', AT.aInner, lines)
    const stormy = await until(
      `${STORM} incidents of which the body was told`,
      () => {
        const fresh = ours().filter(({ caseId }) => !before.has(caseId))
        return fresh.filter((record) => clockOf(record, 'C1')?.metAt).length >= STORM && fresh
      },
      240_000,
    )
    assert.ok(performance.now() - startedAt < 240_000)
    assert.equal(stormy.length, STORM, 'one incident for each attacker')
    for (const record of stormy) {
      const clock = clockOf(record, 'C1')
      assert.equal(clock?.state, 'met')
      assert.ok((clock.metAt ?? 0) - record.detectedAt <= 30 * MINUTE_MS)
    }
  })

  test('every clock of the day follows from what is on the topics, recomputed', async () => {
    const { stdout } = await stack.tocsin(['clocks', 'verify', '--json'])
    const { faults } = JSON.parse(stdout) as { faults: { caseId: string; text: string }[] }
    assert.deepEqual(
      faults.filter(({ caseId }) => cases.has(caseId)),
      [],
    )
  })
})
