// The six channels of VN-8.3c, each the choice of one receiver: what it puts out, and what proves it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { IncidentCommand } from '@tocsin/events'
import {
  type ReceivedMail,
  type ReceivedPost,
  type Sink,
  startMailSink,
  startSmsSink,
} from '@tocsin/test/support/sinks'
import { post } from '../../src/adapters/http.ts'
import { smtpTransport } from '../../src/adapters/smtp.ts'
import { openWebsiteFolder } from '../../src/adapters/website-folder.ts'
import { type Channel } from '../../src/channel.ts'
import { channelsOf } from '../../src/channels/index.ts'
import { settings } from '../../src/config.ts'
import { loadSigner } from '../../src/smime.ts'
import { contactOf, MINUTE, noticeOf, REFUSED, SECOND, T0, world } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-six-'))
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
let mail: Sink<ReceivedMail>
let sms: Sink<ReceivedPost>
let channels: readonly Channel[]

before(async () => {
  mail = await startMailSink()
  sms = await startSmsSink()
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...ec, '-keyout', 'own.key', '-out', 'own.pem', '-days', '9', '-subj', '/CN=centre')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const config = settings.parse({ smsUrl: `http://127.0.0.1:${sms.port}/send` })
  const all = channelsOf(config, {
    mail: smtpTransport({ host: '127.0.0.1', port: mail.port, tls: 'none', ca: undefined, login: null }),
    signer: await loadSigner(read('own.pem'), read('own.key')),
    website: await openWebsiteFolder(join(folder, 'www')),
    post,
    httpsOnly: false,
  })
  // Beside the scripted ones of the world, which are called mail and webhook.
  channels = all.map((channel) => ({ ...channel, name: channel.name === 'mail' ? 'e-mail' : channel.name }))
})
after(async () => {
  await Promise.all([mail.close(), sms.close()])
  rmSync(folder, { recursive: true })
})

const everything = {
  phone: '+84 24 0000 0100',
  address: '1 Example Street, Hanoi',
  addresses: { fax: '+84 24 0000 0101', website: 'https://centre.example/notices' },
}
const SIX = ['website', 'official-dispatch', 'e-mail', 'sms', 'telephone', 'fax']

function outcomeOf(fields: Record<string, string>, over: Partial<IncidentCommand> = {}): IncidentCommand {
  return {
    commandId: `command-${Object.values(fields).join('-')}`,
    constituent: 'kz-ministry',
    caseId: 'case-1',
    action: 'notice-outcome',
    expectedRevision: null,
    actor: 'officer of the shift',
    actorRoles: ['shift'],
    channel: 'cli',
    issuedAt: T0,
    reason: null,
    fields,
    ...over,
  }
}

/** Ticks a millisecond at a time until `holds`: sockets and files take as long as they take, and no clock runs away meanwhile. */
async function passUntil(it: ReturnType<typeof world>, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); await it.pass(1))
    assert.ok(performance.now() - start < 60_000, 'nothing came of it within a minute')
}

test('VN-8.3c each receiver is told over the channel chosen for it: website, dispatch, mail, message, telephone, fax', async () => {
  const contacts = SIX.map((name) => contactOf({ contactId: name, ...everything, channels: [name] }))
  const it = world(contacts, undefined, channels)
  for (const contactId of SIX) await it.owe(noticeOf({ noticeId: `n-${contactId}`, contactId, tlp: 'CLEAR' }))
  await passUntil(it, () => it.stage.written('deliveries').length >= 6)
  const first = new Map(it.stage.written('deliveries').map((one) => [one.channel, one]))
  assert.deepEqual(
    SIX.map((name) => [name, first.get(name)?.state]),
    [
      ['website', 'sent'],
      ['official-dispatch', 'assigned'],
      ['e-mail', 'delivered'],
      ['sms', 'sent'],
      ['telephone', 'assigned'],
      ['fax', 'assigned'],
    ],
  )
  assert.equal(mail.received.length, 1)
  assert.equal(sms.received.length, 1)
  assert.deepEqual(
    ['telephone', 'fax', 'official-dispatch'].map((name) => first.get(name)?.address),
    ['***100', '***101', '***'],
  )
  for (const channel of ['telephone', 'fax', 'official-dispatch']) {
    const at = new Date(it.now()).toISOString()
    const fields = {
      noticeId: `n-${channel}`,
      contactId: channel,
      channel,
      outcome: 'reached',
      at,
      note: 'told the desk',
    }
    await it.stage.give('incident-commands', 'kz-ministry', outcomeOf(fields))
    const proof = it.stage.written('deliveries').at(-1)
    assert.deepEqual(
      [proof?.noticeId, proof?.channel, proof?.state, proof?.at, proof?.reply, proof?.proof],
      [`n-${channel}`, channel, 'delivered', it.now(), 'told the desk', 'reached, said by officer of the shift'],
    )
  }
  assert.ok(it.stage.written('command-results').every(({ accepted }) => accepted))
})

test('VN-8.3c the website has a signed page and both feeds, openssl verifies the page, and only CLEAR is published', async () => {
  const www = join(folder, 'www')
  const page = 'n-website.html'
  const verify = () =>
    openssl(
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      `www/${page}.p7s`,
      '-content',
      `www/${page}`,
      '-CAfile',
      'own.pem',
      '-purpose',
      'any',
    )
  assert.match(verify().toString(), /Обнаружен подбор пароля/)
  const content = readFileSync(join(www, page), 'utf8')
  writeFileSync(join(www, page), content.replace('пароля', 'Пароля'))
  assert.throws(verify)
  writeFileSync(join(www, page), content)
  const feed = JSON.parse(readFileSync(join(www, 'feed.json'), 'utf8')) as { items: { url: string }[] }
  assert.deepEqual(
    feed.items.map(({ url }) => url),
    ['https://centre.example/notices/n-website.html'],
  )
  assert.match(
    readFileSync(join(www, 'feed.atom'), 'utf8'),
    /<id>https:\/\/centre\.example\/notices\/n-website\.html<\/id>/,
  )
  const it = world([contactOf({ ...everything, channels: ['website'] })], undefined, channels)
  await it.owe(noticeOf({ noticeId: 'amber', tlp: 'AMBER' }))
  await passUntil(it, () => it.stage.written('deliveries').length > 0)
  assert.equal(it.stage.written('deliveries')[0]?.errorCode, 'not_public')
})

test('what the feeds say of a notice is replaced as a whole, never written over', async () => {
  const path = join(folder, 'whole')
  const website = await openWebsiteFolder(path)
  const item = { id: 'n', url: 'https://x/n.html', title: 't', language: 'en', text: 'one', publishedAt: 1 }
  const feedsOf = (items: readonly { text: string }[]) => ({ 'feed.json': items.map(({ text }) => text).join() })
  await website.keep(item, feedsOf)
  linkSync(join(path, 'items', 'n.json'), join(path, 'read-meanwhile.json'))
  await website.keep({ ...item, text: 'two' }, feedsOf)
  assert.equal((JSON.parse(readFileSync(join(path, 'read-meanwhile.json'), 'utf8')) as typeof item).text, 'one')
  assert.equal(readFileSync(join(path, 'feed.json'), 'utf8'), 'two')
  assert.deepEqual(readdirSync(join(path, 'items')), ['n.json'])
})

test('VN-8.3c a telephone card that nobody answers for falls over to the next channel before the notice is late', async () => {
  const it = world([contactOf({ ...everything, channels: ['telephone', 'mail'] })], undefined, channels)
  await it.owe(noticeOf())
  await it.pass(9 * MINUTE, SECOND)
  assert.equal(it.mail.sent.length, 0)
  await it.pass(10 * MINUTE, SECOND)
  assert.equal(it.mail.sent.length, 1)
  assert.equal(it.stage.written('deliveries').at(-1)?.state, 'delivered')
  assert.ok((it.stage.written('deliveries').at(-1)?.at ?? Infinity) < T0 + 30 * MINUTE)
})

test('a call in vain uses the next channel at once, and its card is not given again', async () => {
  const it = world([contactOf({ ...everything, channels: ['telephone', 'mail'] })], undefined, channels)
  it.mail.answer = () => REFUSED
  await it.owe(noticeOf())
  await it.pass(SECOND)
  const at = new Date(T0).toISOString()
  const fields = { noticeId: 'n1', contactId: 'officer', channel: 'telephone', outcome: 'not-reached', at }
  await it.stage.give('incident-commands', 'kz-ministry', outcomeOf(fields))
  await it.pass(MINUTE, SECOND)
  const states = it.stage.written('deliveries').map(({ channel, state }) => `${channel} ${state}`)
  assert.deepEqual(states.slice(0, 3), ['telephone assigned', 'telephone retrying', 'mail retrying'])
  assert.equal(states.filter((state) => state === 'telephone assigned').length, 1)
})

test('an outcome before the notice, of the future, of another notice or said twice is refused with a reason', async () => {
  const it = world([contactOf({ ...everything, channels: ['telephone'] })], undefined, channels)
  await it.owe(noticeOf())
  await it.pass(SECOND)
  const reached = { noticeId: 'n1', contactId: 'officer', channel: 'telephone', outcome: 'reached' }
  const say = async (fields: Record<string, string>) => {
    await it.stage.give('incident-commands', 'kz-ministry', outcomeOf({ ...reached, ...fields }))
    return it.stage.written('command-results').at(-1)?.code
  }
  const now = new Date(it.now()).toISOString()
  assert.equal(await say({ at: new Date(T0 - 1).toISOString() }), 'invalid')
  assert.equal(await say({ at: new Date(T0 + 60 * MINUTE).toISOString() }), 'invalid')
  assert.equal(await say({ at: now, outcome: 'perhaps' }), 'invalid')
  assert.equal(await say({ at: now, noticeId: 'other' }), 'invalid')
  assert.equal(await say({ at: now, contactId: 'somebody' }), 'invalid')
  assert.equal(await say({ at: now }), 'accepted')
  assert.equal(await say({ at: now, note: 'again' }), 'illegal-transition')
})

test('a short message that is only sent meets no clock: the next channel is used before the notice is late', async () => {
  const it = world([contactOf({ channels: ['sms', 'mail'] })], undefined, channels)
  await it.owe(noticeOf())
  await passUntil(it, () => it.stage.written('deliveries').length > 0)
  assert.deepEqual([it.stage.written('deliveries')[0]?.state, it.mail.sent.length], ['sent', 0])
  await it.pass(15 * MINUTE, SECOND)
  const last = it.stage.written('deliveries').at(-1)
  assert.equal(last?.state, 'delivered')
  assert.ok((last?.at ?? Infinity) < T0 + 30 * MINUTE)
})
