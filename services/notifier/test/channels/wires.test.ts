// The channels over real sockets: a mail server, a receiver of webhooks, a gateway for short messages.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { freePort } from '@tocsin/test/support/listening'
import {
  type ReceivedMail,
  type ReceivedPost,
  type Sink,
  startMailSink,
  startSmsSink,
  startWebhookSink,
} from '@tocsin/test/support/sinks'
import { post } from '../../src/adapters/http.ts'
import { smtpTransport } from '../../src/adapters/smtp.ts'
import type { Channel, Message } from '../../src/channel.ts'
import { channelsOf } from '../../src/channels/index.ts'
import { settings } from '../../src/config.ts'
import { contactOf, noticeOf } from '../world.ts'

const SECRET = 'a secret of the tests'
const patience = () => AbortSignal.timeout(20_000)
let mail: Sink<ReceivedMail>
let hook: Sink<ReceivedPost>
let sms: Sink<ReceivedPost>
let channels: readonly Channel[]

before(async () => {
  mail = await startMailSink()
  hook = await startWebhookSink()
  sms = await startSmsSink()
  channels = channelsWith({})
})
beforeEach(() => {
  for (const sink of [mail, hook, sms]) {
    sink.refuse(false)
    sink.vanish(false)
    sink.delay(0)
  }
})
after(() => Promise.all([mail.close(), hook.close(), sms.close()]))

function channelsWith(over: Record<string, string>, httpsOnly = false): readonly Channel[] {
  const config = settings.parse({
    smtpHost: '127.0.0.1',
    smtpPort: String(mail.port),
    smtpFrom: 'Tocsin <tocsin@centre.example>',
    smtpTls: 'none',
    webhookSecret: SECRET,
    smsUrl: `http://127.0.0.1:${sms.port}/send`,
    ...over,
  })
  const { smtpPort: port, smtpTls: tls } = config
  const transport = smtpTransport({ host: '127.0.0.1', port, tls, ca: undefined, login: null })
  return channelsOf(config, { mail: transport, signer: null, website: null, post, httpsOnly })
}

const channel = (name: string, among = channels): Channel => among.find((known) => known.name === name) as Channel
const message = (address: string, over = {}): Message => ({
  notice: noticeOf(over),
  receiver: 'Айгүл',
  address,
  certificate: null,
  startedAt: Date.UTC(2026, 2, 1),
  resend: false,
  receiptLink: null,
})
const mailTo = (signal = patience(), over = {}) =>
  channel('mail').send(message('officer@ministry.example', over), signal)
const hookTo = (url = `http://127.0.0.1:${hook.port}/in`, signal = patience()) =>
  channel('webhook').send(message(url), signal)

test('a mail server that says 250 proves delivery; the mail carries id, subject and body', async () => {
  const result = await mailTo()
  assert.equal(result.state, 'delivered')
  assert.match(result.proof ?? '', /^SMTP 250/)
  const got = mail.received.at(-1)
  assert.deepEqual(got?.to, ['officer@ministry.example'])
  assert.equal(got?.mail.messageId, '<notice.n1@centre.example>')
  assert.equal(got?.mail.subject, 'Инцидент ИБ KZ-2026-000001')
  assert.ok(got?.mail.text?.includes('Рекомендация: сменить пароль.'))
  assert.equal(got?.mail.headers.find(({ key }) => key === 'x-tocsin-notice-id')?.value, 'n1')
})

test('where the mail server is a mere relay its 250 proves sending only', async () => {
  const relay = channel('mail', channelsWith({ smtpProof: 'sent' }))
  assert.equal((await relay.send(message('officer@ministry.example'), patience())).state, 'sent')
})

test('mail that is refused for a while, refused for good or unreachable is told apart', async () => {
  mail.refuse(true)
  assert.deepEqual(pick(await mailTo()), ['retrying', 'mail_deferred'])
  mail.refuse('permanent')
  const refused = await mailTo()
  assert.deepEqual(pick(refused), ['refused', 'mail_refused'])
  assert.match(refused.reply ?? '', /^550/)
  const closed = channel('mail', channelsWith({ smtpPort: String(await freePort()) }))
  assert.deepEqual(pick(await closed.send(message('officer@ministry.example'), patience())), [
    'retrying',
    'mail_unreachable',
  ])
})

test('a mail server that answers nothing ends with the signal', async () => {
  mail.vanish(true)
  assert.deepEqual(pick(await mailTo(AbortSignal.timeout(300))), ['retrying', 'mail_unreachable'])
})

test('a mail server without STARTTLS gets nothing when TLS is asked for', async () => {
  const before = mail.received.length
  const config = { host: '127.0.0.1', port: mail.port, tls: 'starttls', ca: undefined, login: null } as const
  const answer = await smtpTransport(config).send(
    { from: 'a@b.example', to: 'c@d.example' },
    Buffer.from('x'),
    patience(),
  )
  assert.equal(answer.ok, false)
  assert.equal(mail.received.length, before)
})

test('a webhook is signed over time and body, and carries the notice id as idempotency key', async () => {
  const result = await hookTo()
  assert.equal(result.state, 'delivered')
  const got = hook.received.at(-1)
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(got?.headers['tocsin-signature'] ?? '') ?? []
  assert.equal(createHmac('sha256', SECRET).update(`${seconds}.${got?.body}`).digest('hex'), signature)
  assert.equal(got?.headers['idempotency-key'], 'n1')
  assert.equal((JSON.parse(got?.body ?? '{}') as { noticeId: string }).noticeId, 'n1')
})

test('a webhook that redirects is refused and the other place hears nothing', async () => {
  const before = hook.received.length
  const server = createServer((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${hook.port}/in` }).end(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const result = await hookTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.close()
  assert.deepEqual(pick(result), ['refused', 'webhook_refused'])
  assert.equal(hook.received.length, before)
})

test('a webhook that is away, overloaded or against it is told apart', async () => {
  hook.refuse(true)
  assert.deepEqual(pick(await hookTo()), ['retrying', 'webhook_refused'])
  hook.refuse('permanent')
  assert.deepEqual(pick(await hookTo()), ['refused', 'webhook_refused'])
  hook.vanish(true)
  assert.deepEqual(pick(await hookTo(undefined, AbortSignal.timeout(300))), ['retrying', 'webhook_unreachable'])
})

test('an endless answer of a webhook is cut', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200)
    const fill = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', fill)
    }
    fill()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const result = await hookTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.closeAllConnections()
  server.close()
  assert.equal(result.state, 'delivered')
  assert.ok((result.reply ?? '').length <= 4_096)
})

test('in production a contact with a plain webhook, or one with a password in it, has no webhook', () => {
  const strict = channel('webhook', channelsWith({}, true))
  assert.equal(strict.addressOf(contactOf({ webhook: 'http://ministry.example/in' })), null)
  assert.equal(strict.addressOf(contactOf({ webhook: 'https://u:p@ministry.example/in' })), null)
  assert.equal(strict.addressOf(contactOf({ webhook: 'file:///etc/passwd' })), null)
  assert.equal(strict.addressOf(contactOf()), 'https://ministry.example/hook')
})

test('the gateway gets one short message with the number and the notice id; what it queues is sent, not delivered', async () => {
  const address = channel('sms').addressOf(contactOf()) ?? ''
  const result = await channel('sms').send(message(address), patience())
  assert.equal(result.state, 'sent')
  const body = JSON.parse(sms.received.at(-1)?.body ?? '{}') as { id: string; to: string; text: string }
  assert.deepEqual([body.id, body.to], ['n1', '+77000000101'])
  assert.ok(body.text.startsWith('Инцидент ИБ KZ-2026-000001'))
})

test('a room of a chat gets the notice as plain text: no link, no picture, nobody called by name', async () => {
  const address = channel('chat').addressOf(contactOf({ addresses: { chat: `http://127.0.0.1:${hook.port}/hooks/x` } }))
  const text = 'Look @all ![x](http://192.0.2.1/p.png) ```js``` <!channel> & more'
  const result = await channel('chat').send(message(address ?? '', { body: text }), patience())
  assert.equal(result.state, 'delivered')
  const got = JSON.parse(hook.received.at(-1)?.body ?? '{}') as { text: string }
  assert.match(got.text, /^```\nИнцидент ИБ KZ-2026-000001\n[\s\S]*\n```$/)
  assert.equal(got.text.split('```').length, 3, 'one fence, opened and closed')
  assert.ok(!got.text.includes('@all') && !got.text.includes('<!channel>'))
  assert.equal(channel('chat').mask(address ?? ''), `http://127.0.0.1:${hook.port}`)
})

test('a room learns only subject and number of what is marked RED, Telegram of all that is not CLEAR or GREEN', async () => {
  const url = `http://127.0.0.1:${hook.port}`
  const bot = channel('telegram', channelsWith({ telegramUrl: url, telegramToken: '42:secret' }))
  const said = async (over: Partial<Channel>, tlp: string, address: string) => {
    const result = await (over as Channel).send(message(address, { tlp }), patience())
    return { result, body: JSON.parse(hook.received.at(-1)?.body ?? '{}') as { chat_id?: string; text: string } }
  }
  assert.ok(!(await said(channel('chat'), 'RED', url)).body.text.includes('Рекомендация'))
  assert.ok(!(await said(channel('chat'), 'confidential', url)).body.text.includes('Рекомендация'))
  for (const tlp of ['AMBER', 'AMBER+STRICT', 'TLP:CLEAR'])
    assert.ok((await said(channel('chat'), tlp, url)).body.text.includes('Рекомендация'), tlp)
  assert.equal(bot.addressOf(contactOf({ addresses: { telegram: '-100200300' } })), '-100200300')
  assert.equal(bot.addressOf(contactOf({ addresses: { telegram: 'https://t.example' } })), null)
  const amber = await said(bot, 'AMBER', '-100200300')
  assert.equal(amber.result.state, 'sent')
  assert.equal(hook.received.at(-1)?.path, '/bot42:secret/sendMessage')
  assert.deepEqual([amber.body.chat_id, amber.body.text.includes('Рекомендация')], ['-100200300', false])
  assert.ok((await said(bot, 'GREEN', '-100200300')).body.text.includes('Рекомендация'))
  hook.refuse('permanent')
  assert.deepEqual(pick((await said(bot, 'GREEN', '-100200300')).result), ['refused', 'telegram_refused'])
})

test('an address with a line end, a list or a comment is no mail address', () => {
  for (const email of ['a@b\r\nBcc: c@d', 'a@b,c@d', 'a@b (x)', '<a@b>', 'a b@c', '@c', 'a@'])
    assert.equal(channel('mail').addressOf(contactOf({ email })), null, email)
})

test('a channel without its settings says so and is tried again', async () => {
  const bare = channelsOf(settings.parse({}), { mail: null, signer: null, website: null, post, httpsOnly: false })
  for (const name of ['mail', 'webhook', 'sms', 'telegram', 'website'])
    assert.deepEqual(pick(await channel(name, bare).send(message('http://127.0.0.1/'), patience())), [
      'retrying',
      'channel_not_configured',
    ])
})

test('addresses are masked for records that many read', () => {
  assert.equal(channel('mail').mask('officer@ministry.example'), 'o***@ministry.example')
  assert.equal(channel('sms').mask('+77000000101'), '***101')
  assert.equal(channel('webhook').mask('https://ministry.example/hook?token=1'), 'https://ministry.example')
})

const pick = ({ state, errorCode }: { state: string; errorCode: string | null }) => [state, errorCode]
