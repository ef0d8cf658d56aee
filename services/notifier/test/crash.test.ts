// A crash at every step between an intent and its record, the channels over real sockets: the receiver has one message, or one
// that says that it is sent again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ReceivedMail,
  type ReceivedPost,
  type Sink,
  type SinkStep,
  startMailSink,
  startWebhookSink,
} from '@tocsin/test/support/sinks'
import { post } from '../src/adapters/http.ts'
import { smtpTransport } from '../src/adapters/smtp.ts'
import type { Channel, Message } from '../src/channel.ts'
import { mailChannel } from '../src/channels/mail.ts'
import { webhookChannel } from '../src/channels/webhook.ts'
import { contactOf, noticeOf, OK, SECOND, type World, world } from './world.ts'

const mailOver = ({ port }: { port: number }) =>
  mailChannel({
    from: 'tocsin@centre.example',
    acceptedMeans: 'delivered',
    server: 'sink',
    signer: null,
    transport: smtpTransport({ host: '127.0.0.1', port, tls: 'none', ca: undefined, login: null }),
  })
const webhookOver = () => webhookChannel({ secret: 'a secret of the tests', httpsOnly: false, post })

/** Ticks until `holds`; an effect over a socket takes as long as it takes. */
async function passUntil(it: World, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); ) {
    assert.ok(performance.now() - start < 60_000, 'nothing came of it within a minute')
    await it.pass(SECOND)
  }
}

const isDelivered = (it: World) => it.stage.written('deliveries').some(({ state }) => state === 'delivered')

/** A process that can be killed: its connections end with it. */
function mortal(channel: Channel): { channel: Channel; kill: () => void } {
  let life = new AbortController()
  return {
    channel: { ...channel, name: 'real', send: (message) => channel.send(message, life.signal) },
    kill: () => {
      life.abort()
      life = new AbortController()
    },
  }
}

async function crashAt<Received>(sink: Sink<Received>, it: World, step: SinkStep, kill: () => void): Promise<void> {
  const reached = sink.holdAt(step)
  let isThere = false
  void reached.then(() => {
    isThere = true
  })
  await it.owe(noticeOf())
  await passUntil(it, () => isThere)
  it.stage.crash()
  kill()
  await passUntil(it, () => isDelivered(it))
  await it.pass(10 * SECOND)
}

for (const step of ['connected', 'sender', 'content', 'taken'] satisfies SinkStep[])
  test(`XC-5 killed with the mail server at "${step}": one mail, or a second one that says so`, async () => {
    const sink = await startMailSink()
    const { channel, kill } = mortal(mailOver(sink))
    const it = world([contactOf({ channels: ['real'] })], undefined, [channel])
    await crashAt<ReceivedMail>(sink, it, step, kill)
    assert.equal(sink.received.length, step === 'taken' ? 2 : 1)
    const marks = sink.received.map(({ mail }) => mail.headers.some(({ key }) => key === 'x-tocsin-resend'))
    assert.deepEqual(marks, step === 'taken' ? [false, true] : [true])
    assert.equal(new Set(sink.received.map(({ mail }) => mail.messageId)).size, 1)
    assert.match(sink.received.at(-1)?.mail.text ?? '', /^Повторная отправка: возможно, вы уже получили/)
    assert.equal(it.stage.written('deliveries').length, 1, 'one record of the one attempt')
    await sink.close()
  })

for (const step of ['connected', 'taken'] satisfies SinkStep[])
  test(`XC-5 killed with a webhook at "${step}": one message, or a second one that says so`, async () => {
    const sink = await startWebhookSink()
    const webhook = `http://127.0.0.1:${sink.port}/in`
    const { channel, kill } = mortal(webhookOver())
    const it = world([contactOf({ channels: ['real'], webhook })], undefined, [channel])
    await crashAt<ReceivedPost>(sink, it, step, kill)
    assert.equal(sink.received.length, step === 'taken' ? 2 : 1)
    assert.equal((JSON.parse(sink.received.at(-1)?.body ?? '{}') as { resend: boolean }).resend, true)
    assert.equal(new Set(sink.received.map(({ headers }) => headers['idempotency-key'])).size, 1)
    await sink.close()
  })

test('XC-5 a mail server that takes the whole mail and never answers gets the next one marked, without any crash', async () => {
  const sink = await startMailSink()
  // Patience with the first try ends when the server has all of it, however long that takes here.
  const patience = [sink.holdAt('taken').then(() => new Error('the server never answered'))]
  const send = (message: Message) => {
    const given = new AbortController()
    void patience.pop()?.then((reason) => given.abort(reason))
    return mailOver(sink).send(message, given.signal)
  }
  const it = world([contactOf({ channels: ['real'] })], undefined, [{ ...mailOver(sink), name: 'real', send }])
  await it.owe(noticeOf())
  await passUntil(it, () => isDelivered(it))
  const marks = sink.received.map(({ mail }) => mail.headers.some(({ key }) => key === 'x-tocsin-resend'))
  assert.deepEqual(marks, [false, true])
  await sink.close()
})

test('XC-5 nothing goes out before the intent to send it is committed', async () => {
  const it = world([contactOf()])
  await it.owe(noticeOf())
  await it.stage.tick(it.now())
  assert.equal(it.mail.sent.length, 0)
  it.commits.onTransaction('begin')
  assert.equal(it.mail.sent.length, 0)
  it.commits.onTransaction('committed')
  await it.pass(SECOND)
  assert.equal(it.mail.sent.length, 1)
  assert.equal(it.mail.sent[0]?.resend, false)
})

test('XC-5 killed after the answer and before its record: the second message says so', async () => {
  const it = world([contactOf({ channels: ['mail'] })])
  await it.owe(noticeOf())
  await it.stage.tick(it.now())
  it.mail.answer = () => OK
  it.commits.onTransaction('begin')
  it.commits.onTransaction('committed')
  it.stage.crash()
  await it.pass(SECOND)
  assert.deepEqual(
    it.mail.sent.map(({ resend }) => resend),
    [false, true],
  )
  assert.equal(it.stage.written('deliveries').length, 1)
})
