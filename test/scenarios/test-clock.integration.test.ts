// Legal time without waiting (H-CLOCK): real processes and a real mail server, the test clock moved.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Incident, Notice } from '@tocsin/events'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { FROM, newAttacker, rootLogin } from './lines.ts'
import { mailsAbout } from './mails.ts'
import { send } from './sockets.ts'
import { until } from './wait.ts'
import { type Watch, watch } from './watch.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let stack: FullStack
let seen: Watch<'incidents' | 'notices' | 'deliveries' | 'clock-events'>

before(async () => {
  stack = await startFullStack()
  seen = await watch(stack, ['incidents', 'notices', 'deliveries', 'clock-events'])
})
after(async () => {
  await seen?.close()
  await stack?.stop()
})

/** A new Kazakh incident out of one line. */
async function newIncident(): Promise<Incident> {
  const attacker = newAttacker()
  await send(stack, 'udp', FROM.kzSsh, [rootLogin(stack.nowMs(), attacker)])
  return until(`incident about ${attacker}`, () =>
    seen
      .of('incidents')
      .find(({ kind, participants }) => kind === 'incident' && JSON.stringify(participants).includes(attacker)),
  )
}

const noticesTo = (caseId: string, role: string, purpose?: string): Notice[] =>
  seen
    .of('notices')
    .filter(
      (one) =>
        one.caseId === caseId && one.recipientRole === role && (purpose === undefined || one.purpose === purpose),
    )

const noticeTo = (caseId: string, role: string, purpose?: string): Promise<Notice> =>
  until(`notice to ${role} on ${caseId}`, () => noticesTo(caseId, role, purpose)[0])

/** The one mail of a notice, and the instant of the stack's clock at which its delivery was proved. */
async function delivered(notice: Notice) {
  const delivery = await until(`delivery of the notice to ${notice.recipientRole}`, () =>
    seen.of('deliveries').find((one) => one.noticeId === notice.noticeId && one.state === 'delivered'),
  )
  const mail = await until(`mail to ${notice.recipientRole}`, async () => (await mailsAbout(stack, notice.noticeId))[0])
  return { at: delivery.at, mail }
}

const clockMet = (caseId: string, clockId: string): Promise<unknown> =>
  until(`${clockId} met`, () =>
    seen
      .of('incidents')
      .some((one) => one.caseId === caseId && one.clocks.some((own) => own.clockId === clockId && own.state === 'met')),
  )

/** Moves the clock; gives the real time of that, ms. */
async function advance(duration: string): Promise<number> {
  const { code, stderr } = await stack.tocsin(['clock', 'advance', duration])
  assert.equal(code, 0, stderr)
  return statSync(stack.env['TOCSIN_CLOCK_FILE'] ?? '').mtimeMs
}

async function command(caseId: string, action: string): Promise<void> {
  const { code, stdout, stderr } = await stack.tocsin(['incident', action, caseId, '--reason', 'told by the SB'])
  assert.equal(code, 0, stdout + stderr)
}

test('KZ-10.3g KZ-10.3h the person of the state body has the mail within 30 minutes of the detection, the NSC within 3 hours', async () => {
  const { caseId, detectedAt } = await newIncident()
  const body = await delivered(await noticeTo(caseId, 'authorised-person'))
  assert.deepEqual(body.mail.to, ['duty@ministry.example'])
  assert.ok(body.at - detectedAt <= 30 * MINUTE_MS)
  const nsc = await delivered(await noticeTo(caseId, 'nsc'))
  assert.deepEqual(nsc.mail.to, ['duty@nsc.example'])
  assert.ok(nsc.at - detectedAt <= 3 * HOUR_MS)
  for (const clock of ['C1/incident', 'C2/incident']) await clockMet(caseId, clock)
})

test('KZ-N the mail that the state body receives names each of the notice fields', async () => {
  const { caseId, number, detectedAt } = await newIncident()
  const notice = await noticeTo(caseId, 'authorised-person')
  const { mail } = await delivered(notice)
  const names =
    'noticeNumber constituent object detectedAt detectedAtUtc kind nationalClass severity source description addresses primaryAnalysis recommendation measuresTaken coordinator contact'
  const text = mail.text.replace(/\s+/g, ' ')
  for (const name of names.split(' ')) {
    const value = notice.fields[name] ?? ''
    assert.ok(value.trim() !== '', `${name} has a value`)
    assert.ok(text.includes(value.replace(/\s+/g, ' ').trim()), `${name} is in the mail: ${value}`)
  }
  const utc = new Date(detectedAt).toISOString()
  assert.ok(text.includes(utc), 'T0 in UTC')
  const almaty = new Date(detectedAt + 5 * HOUR_MS).toISOString().slice(0, 19).replace('T', ' ')
  assert.ok(text.includes(`${almaty} +05:00`), 'T0 in Asia/Almaty')
  assert.match(text, /48/, 'the time in which the body must answer')
  assert.ok(mail.subject.includes(notice.fields['noticeNumber'] ?? number))
})

test('KZ-10.3l not eliminated at T0+48:00:00 is told to the authorized body and the NSC; consequences alone do not stop it, both before it do', async () => {
  const [nothing, consequences, both] = [await newIncident(), await newIncident(), await newIncident()]
  const cases = [nothing, consequences, both]
  for (const { caseId } of cases) await delivered(await noticeTo(caseId, 'authorised-person'))
  const dueAt = cases.map(({ detectedAt }) => detectedAt + 48 * HOUR_MS)
  // The clock goes on while the commands are on their way: ten minutes are room for a slow machine.
  await advance(`${Math.floor((Math.min(...dueAt) - stack.nowMs()) / 1_000) - 600}s`)
  await command(consequences.caseId, 'consequences-eliminated')
  await command(both.caseId, 'consequences-eliminated')
  await command(both.caseId, 'causes-eliminated')
  for (const { caseId } of cases)
    assert.deepEqual(noticesTo(caseId, 'authorized-body', 'escalate'), [], 'nothing before the time')
  await advance(`${Math.ceil((Math.max(...dueAt) - stack.nowMs()) / 1_000) + 1}s`)
  for (const { caseId, detectedAt } of [nothing, consequences]) {
    for (const [role, address] of [
      ['authorized-body', 'duty@authority.example'],
      ['nsc', 'duty@nsc.example'],
    ] as const) {
      const notice = await noticeTo(caseId, role, 'escalate')
      const { at, mail } = await delivered(notice)
      assert.deepEqual(mail.to, [address])
      assert.ok(notice.createdAt >= detectedAt + 48 * HOUR_MS)
      assert.ok(at <= detectedAt + 48 * HOUR_MS + 5 * MINUTE_MS)
      const own = [notice.fields['answerDueAt'] ?? '', notice.fields['answerState'] ?? '']
      for (const value of own) assert.ok(value !== '' && mail.text.includes(value), "the state of the body's own clock")
    }
  }
  await clockMet(both.caseId, 'C4/incident')
  assert.deepEqual(noticesTo(both.caseId, 'authorized-body'), [])
  assert.deepEqual(noticesTo(both.caseId, 'nsc', 'escalate'), [])
})

test('H-CLOCK 48 hours pass in one command, and both escalations are on the mail server', async () => {
  const { caseId } = await newIncident()
  await delivered(await noticeTo(caseId, 'authorised-person'))
  const movedAtMs = await advance('48h')
  for (const role of ['authorized-body', 'nsc']) {
    const { mail } = await delivered(await noticeTo(caseId, role, 'escalate'))
    // Aimed at five seconds; what is asserted is that nothing hangs.
    assert.ok(mail.keptAtMs - movedAtMs <= 60_000, `the mail to ${role} after ${mail.keptAtMs - movedAtMs} ms`)
  }
})
