// Signed and encrypted mail over TLS, opened by the openssl command line: another's reading of RFC 8551.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ReceivedMail, type Sink, startMailSink } from '@tocsin/test/support/sinks'
import PostalMime from 'postal-mime'
import { smtpTransport } from '../src/adapters/smtp.ts'
import { mailChannel } from '../src/channels/mail.ts'
import { loadSigner, type Signer } from '../src/smime.ts'
import { contactOf, noticeOf, OK, T0, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-smime-'))
const at = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(at(name), 'utf8')
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })

function certificate(name: string, newkey: string[], usage: string): void {
  openssl('req', ...newkey, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  writeFileSync(at(`${name}.cnf`), `subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=${usage}\n`)
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', `${name}.cnf`]
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`)
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
let signer: Signer
const sinks: Sink<ReceivedMail>[] = []

before(async () => {
  openssl(
    'req',
    '-x509',
    ...EC,
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=authority',
  )
  certificate('centre', EC, 'emailProtection')
  certificate('rsa', ['-newkey', 'rsa:2048'], 'emailProtection')
  certificate('curve', EC, 'emailProtection')
  certificate('small', ['-newkey', 'rsa:1024'], 'emailProtection')
  certificate('server', EC, 'serverAuth')
  signer = await loadSigner(read('centre.pem') + read('ca.pem'), read('centre.key'))
})
after(async () => {
  await Promise.all(sinks.map((sink) => sink.close()))
  rmSync(folder, { recursive: true })
})

async function mailServer(mode: 'starttls' | 'implicit', ca = read('ca.pem')) {
  const sink = await startMailSink(0, { mode, certificate: read('server.pem'), key: read('server.key') })
  sinks.push(sink)
  const transport = smtpTransport({ host: '127.0.0.1', port: sink.port, tls: mode, ca, login: null })
  return { sink, transport }
}

async function send(certificate: string | null, by: Signer | null, mode: 'starttls' | 'implicit' = 'starttls') {
  const { sink, transport } = await mailServer(mode)
  const options = { from: 'tocsin@centre.example', acceptedMeans: 'delivered', server: 'sink' } as const
  const channel = mailChannel({ ...options, transport, signer: by })
  const whom = { receiver: 'Айгүл', address: 'officer@ministry.example', certificate }
  const result = await channel.send(
    { notice: noticeOf(), ...whom, startedAt: T0, resend: false, receiptLink: null },
    AbortSignal.timeout(60_000),
  )
  assert.equal(result.state, 'delivered')
  const raw = sink.received[0]?.raw ?? Buffer.alloc(0)
  writeFileSync(at('mail.eml'), raw)
  return raw
}

const decrypt = (name: string) =>
  openssl('cms', '-decrypt', '-in', 'mail.eml', '-recip', `${name}.pem`, '-inkey', `${name}.key`)
const verify = (file: string) => openssl('cms', '-verify', '-in', file, '-CAfile', 'ca.pem')

for (const name of ['rsa', 'curve'])
  test(`VN-8.3a a notice to a contact with a certificate (${name}) is signed and encrypted, and openssl opens both`, async () => {
    const raw = await send(read(`${name}.pem`), signer)
    const outer = await PostalMime.parse(raw)
    assert.equal(outer.subject, 'Tocsin n1')
    assert.equal(outer.messageId, '<notice.n1@centre.example>')
    assert.ok(!raw.toString('latin1').includes('0J/QvtC00LHQvtGA'), 'nothing of the text in clear')
    writeFileSync(at('signed.eml'), decrypt(name))
    const inner = await PostalMime.parse(verify('signed.eml'))
    assert.equal(inner.subject, 'Инцидент ИБ KZ-2026-000001')
    assert.ok(inner.text?.includes('Рекомендация: сменить пароль.'))
    assert.ok(inner.html?.includes('сменить пароль'))
  })

test('VN-8.3a one altered octet of the signed text, or of the encrypted one, is rejected', async () => {
  await send(read('rsa.pem'), signer)
  const signed = decrypt('rsa').toString('latin1')
  writeFileSync(at('altered.eml'), signed.replace('HP-Outer: To:', 'HP-Outer: to:'), 'latin1')
  assert.notEqual(read('altered.eml'), signed)
  assert.throws(() => verify('altered.eml'), /digest failure|verification failure/i)
  const mail = read('mail.eml')
  const place = mail.indexOf('\r\n\r\n') + 600
  writeFileSync(at('mail.eml'), mail.slice(0, place) + (mail[place] === 'A' ? 'B' : 'A') + mail.slice(place + 1))
  assert.throws(() => {
    writeFileSync(at('signed.eml'), decrypt('rsa'))
    verify('signed.eml')
  })
})

test('without a certificate of the receiver the mail is signed, and reads as before in any program', async () => {
  const raw = await send(null, signer, 'implicit')
  const mail = await PostalMime.parse(raw)
  assert.equal(mail.subject, 'Инцидент ИБ KZ-2026-000001')
  assert.ok(mail.text?.includes('Рекомендация: сменить пароль.'))
  assert.deepEqual(
    mail.attachments.map(({ filename }) => filename),
    ['smime.p7s'],
  )
  assert.match(verify('mail.eml').toString(), /hp="clear"/)
})

test('without a signer the mail is encrypted all the same', async () => {
  await send(read('curve.pem'), null)
  assert.equal((await PostalMime.parse(decrypt('curve'))).subject, 'Инцидент ИБ KZ-2026-000001')
})

test('VN-8.3a a certificate that cannot be encrypted to never sends the mail in clear: the next channel is used', async () => {
  const { sink, transport } = await mailServer('starttls')
  const options = { from: 'tocsin@centre.example', acceptedMeans: 'delivered', server: 'sink' } as const
  const channel = { ...mailChannel({ ...options, transport, signer }), name: 'real' }
  const contacts = [contactOf({ certificate: read('small.pem'), channels: ['real', 'webhook'] })]
  const { stage, webhook, owe, pass } = world(contacts, undefined, [channel])
  webhook.answer = () => OK
  await owe(noticeOf())
  for (const start = performance.now(); stage.written('deliveries').length < 2; await pass(1))
    assert.ok(performance.now() - start < 60_000, 'nothing came of it within a minute')
  assert.deepEqual(
    stage.written('deliveries').map(({ channel: name, state, errorCode }) => [name, state, errorCode]),
    [
      ['real', 'retrying', 'certificate_unusable'],
      ['webhook', 'delivered', null],
    ],
  )
  assert.match(stage.written('deliveries')[0]?.reply ?? '', /RSA of 2048 bits/)
  assert.equal(sink.received.length, 0)
})

test('a mail server whose certificate is of another authority gets nothing, over STARTTLS and over TLS', async () => {
  openssl('req', '-x509', ...EC, '-nodes', '-keyout', 'x.key', '-out', 'x.pem', '-days', '3', '-subj', '/CN=another')
  for (const mode of ['starttls', 'implicit'] as const) {
    const { sink, transport } = await mailServer(mode, read('x.pem'))
    const envelope = { from: 'a@b.example', to: 'c@d.example' }
    const answer = await transport.send(envelope, Buffer.from('x'), AbortSignal.timeout(60_000))
    assert.equal(answer.ok, false)
    assert.equal(sink.received.length, 0)
  }
})

test('a key that is not that of the certificate ends the start', async () => {
  await assert.rejects(loadSigner(read('centre.pem'), read('rsa.key')), /not that of the first certificate/)
  await assert.rejects(loadSigner('nothing', read('rsa.key')), /has no certificate/)
})
