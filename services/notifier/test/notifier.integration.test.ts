// The whole service against a real broker, registry, mail server and webhook; killed in the middle.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CommandResult, Delivery } from '@tocsin/events'
import { readReceipt } from '@tocsin/obligations'
import type { Command } from '@tocsin/runtime'
import { withAdmin } from '@tocsin/stage/admin'
import { type Following, type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import {
  type ReceivedMail,
  type ReceivedPost,
  type Sink,
  startMailSink,
  startWebhookSink,
} from '@tocsin/test/support/sinks'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { noticesCard, noticesCards, noticesOutcome } from '../src/adapters/notices-commands.ts'
import { contactOf, noticeOf } from './world.ts'

const PREFIX = `notifier-${process.pid}.`
const TOPICS = [
  'notices',
  'incident-commands',
  'command-results',
  'deliveries',
  'health-events',
  'dead-letters',
  'registry-contacts',
  'registry-constituents',
  'notifier.notices.changelog',
]
const SECRET = 'a secret of the tests'
const MAIN = join(import.meta.dirname, '../src/main.ts')

let stack: Stack
let mail: Sink<ReceivedMail>
let hook: Sink<ReceivedPost>
let kafka: Kafka & { close(): Promise<void> }
let following: Following
let service: Victim
const deliveries: Delivery[] = []
const results: CommandResult[] = []

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: TOPICS.map((topic) => ({ topic: PREFIX + topic, numPartitions: 2, replicationFactor: 1 })),
    }),
  )
  mail = await startMailSink()
  hook = await startWebhookSink()
  kafka = await openKafkaForCommand(env, 'notifier-test')
  following = await kafka.follow(['deliveries', 'command-results'], { from: 'beginning' }, ({ topic, value }) => {
    if (value === null) return
    if (topic === 'deliveries') deliveries.push(value)
    else results.push(value)
  })
  const publisher = await kafka.publisher()
  const webhook = `http://127.0.0.1:${hook.port}/in`
  const contact = contactOf({ webhook })
  await publisher.send({ topic: 'registry-contacts', key: contact.contactId, value: contact })
  service = start(env)
})

after(async () => {
  await service.stop()
  await following.close()
  await kafka.close()
  await Promise.all([mail.close(), hook.close()])
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: TOPICS.map((topic) => PREFIX + topic) }))
  await stack.stop()
})

function start(env: Record<string, string>): Victim {
  return startVictim(MAIN, {
    env: {
      ...env,
      TOCSIN_ADMIN_PORT: '0',
      NOTIFIER_SMTP_HOST: '127.0.0.1',
      NOTIFIER_SMTP_PORT: String(mail.port),
      NOTIFIER_SMTP_TLS: 'none',
      NOTIFIER_RECEIPT_URL: 'https://console.example',
      NOTIFIER_RECEIPT_SECRET: SECRET,
      NOTIFIER_WEBHOOK_SECRET: 'a secret of the tests',
    },
  })
}

async function owe(ids: readonly string[]): Promise<void> {
  const publisher = await kafka.publisher()
  const now = Date.now()
  await Promise.all(
    ids.map((noticeId) => {
      const value = noticeOf({ noticeId, createdAt: now, dueAt: now + 1_800_000 })
      return publisher.send({ topic: 'notices', key: value.constituent, value })
    }),
  )
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); await pause(50))
    assert.ok(performance.now() - start < 60_000, `${what}\n${service.lines.join('\n')}`)
}

const delivered = (id: string) => deliveries.filter(({ noticeId, state }) => noticeId === id && state === 'delivered')

test('KZ-10.3g a notice on the topic becomes a mail on a mail server and a delivery record with its proof', async () => {
  await owe(['first'])
  await until('the delivery of the first notice', () => delivered('first').length === 1)
  assert.match(delivered('first')[0]?.proof ?? '', /^SMTP 250/)
  assert.equal(mail.received.at(-1)?.mail.headers.find(({ key }) => key === 'x-tocsin-notice-id')?.value, 'first')
})

test('VN-11.4dd, VN-7.2 the link in the mail, once pressed, makes the notice acknowledged; pressed again it is refused', async () => {
  const [, token = ''] =
    /https:\/\/console\.example\/received\?t=(\S+)/.exec(mail.received.at(-1)?.mail.text ?? '') ?? []
  const read = readReceipt(token, SECRET, Date.now())
  assert.ok(read.ok)
  const { noticeId, contactId, constituent } = read.receipt
  const publisher = await kafka.publisher()
  for (const commandId of ['press-1', 'press-2']) {
    const fields = { noticeId, contactId, outcome: 'read' }
    const by = { actor: `contact:${contactId}`, actorRoles: [], channel: 'form', issuedAt: Date.now(), reason: null }
    const about = { commandId, constituent, caseId: '', action: 'notice-outcome', expectedRevision: null }
    await publisher.send({ topic: 'incident-commands', key: constituent, value: { ...about, ...by, fields } })
  }
  await until('the answers', () => results.length === 2)
  assert.deepEqual(
    results.map(({ accepted, code }) => [accepted, code]),
    [
      [true, 'accepted'],
      [false, 'illegal-transition'],
    ],
  )
  await until('the reading', () => deliveries.some(({ state }) => state === 'acknowledged'))
  const readings = deliveries.filter(({ state }) => state === 'acknowledged')
  assert.deepEqual(
    readings.map(({ noticeId: of, channel, proof }) => [of, channel, proof]),
    [['first', 'form', 'read, said by contact:officer']],
  )
})

test('H-SINK while the mail server refuses the notice is retrying and the webhook gets it', async () => {
  mail.refuse(true)
  await owe(['second'])
  await until('the delivery of the second notice', () => delivered('second').length === 1)
  mail.refuse(false)
  const of = deliveries.filter(({ noticeId }) => noticeId === 'second')
  assert.deepEqual(
    of.map(({ channel, state }) => [channel, state]),
    [
      ['mail', 'retrying'],
      ['webhook', 'delivered'],
    ],
  )
  assert.equal(hook.received.at(-1)?.headers['idempotency-key'], 'second')
})

test('VN-8.3c a telephone card is listed, printed and answered from the shell, and its outcome is a proven delivery', async () => {
  const publisher = await kafka.publisher()
  const contact = contactOf({ contactId: 'by-telephone', constituent: 'vn-body', phone: '+84 24 0000 0100' })
  await publisher.send({
    topic: 'registry-contacts',
    key: 'by-telephone',
    value: { ...contact, channels: ['telephone'] },
  })
  const now = Date.now()
  const wanted = { contactId: 'by-telephone', constituent: 'vn-body', language: 'vi', subject: 'Cảnh báo' }
  const notice = noticeOf({ noticeId: 'call-this-number', ...wanted, createdAt: now, dueAt: now + 1_800_000 })
  await publisher.send({ topic: 'notices', key: 'vn-body', value: notice })
  await until('the task card', () => deliveries.some(({ state }) => state === 'assigned'))
  const listed = await run(noticesCards, [])
  assert.match(listed, /^call-this-nu +telephone +by-telephone .* Cảnh báo\n$/)
  assert.match(await run(noticesCard, ['call-this']), /<h1>Gọi điện thoại<\/h1>[\s\S]*\+84 24 0000 0100/)
  assert.match(await run(noticesOutcome, ['call-this', 'reached', '--note', 'told the desk']), /^accepted:/)
  await until('the delivery by telephone', () => delivered('call-this-number').length === 1)
  assert.equal(delivered('call-this-number')[0]?.channel, 'telephone')
  assert.equal(await run(noticesCards, []), '')
})

async function run(command: Command, args: readonly string[]): Promise<string> {
  const parts: string[] = []
  const sink = () =>
    new Writable({
      write(part: Buffer, _encoding, done) {
        parts.push(String(part))
        done()
      },
    })
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX }
  const io = { stdin: Readable.from([]), stdout: sink(), stderr: sink(), env, signal: new AbortController().signal }
  await command.run(args, io)
  return parts.join('')
}

const mailsOf = (id: string) => mail.received.filter((entry) => entry.mail.messageId === `<notice.${id}@localhost>`)
const isMarked = ({ mail: { headers } }: ReceivedMail) => headers.some(({ key }) => key === 'x-tocsin-resend')

test('XC-5 killed while the mail server or the webhook has it and has not said so: the second one says that it is sent again', async () => {
  const held = mail.holdAt('taken')
  await owe(['held-mail'])
  await held
  await service.kill()
  service = start({ ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX })
  await until('the mail sent again', () => delivered('held-mail').length === 1)
  assert.deepEqual(mailsOf('held-mail').map(isMarked), [false, true])

  const heldPost = hook.holdAt('taken')
  mail.refuse('permanent')
  await owe(['held-post'])
  await heldPost
  await service.kill()
  mail.refuse(false)
  service = start({ ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX })
  await until('the post sent again', () => delivered('held-post').length === 1)
  const posts = hook.received.filter(({ headers }) => headers['idempotency-key'] === 'held-post')
  assert.deepEqual(
    posts.map(({ body }) => (JSON.parse(body) as { resend: boolean }).resend),
    [false, true],
  )
})

test('XC-5 after a kill in the middle of many every notice has one delivery and one mail, or a second mail that says so', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `kill-${n}`)
  mail.delay(20)
  await owe(ids)
  await mail.atLeast(mail.received.length + 30)
  await service.kill()
  mail.delay(0)
  service = start({ ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX })
  await until('the delivery of all', () => ids.every((id) => delivered(id).length > 0))
  for (const id of ids) {
    assert.equal(delivered(id).length, 1, id)
    assert.ok(mailsOf(id).length >= 1, id)
    assert.ok(mailsOf(id).slice(1).every(isMarked), `${id}: a repeat without a mark`)
  }
})
