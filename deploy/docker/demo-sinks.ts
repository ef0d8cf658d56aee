import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FtpSrv } from 'ftp-srv'
import { SMTPServer } from 'smtp-server'
import { certificatePem } from '../../services/syslog-ingest/src/self-signed.ts'

/**
 * The outside world of compose's `demo` profile, on loopback: a mail server that keeps each mail as a file, and a nation's FTPS
 * server. Run with `--certificate` it only makes the server's certificate, which the exporter has to know before it starts.
 *
 *   SINKS_DATA (mail/*.eml, ftps/, tls/)  SINKS_MAIL_PORT  SINKS_FTPS_PORT  SINKS_FTPS_USER  SINKS_FTPS_PASSWORD
 */

const DAY_MS = 86_400_000
const MAX_MAIL_BYTES = 32 << 20
const setting = (name: string, byDefault: string): string => process.env[name] || byDefault

const data = setting('SINKS_DATA', '/data')
const mailPort = Number(setting('SINKS_MAIL_PORT', '15025'))
const ftpsPort = Number(setting('SINKS_FTPS_PORT', '15021'))
const user = setting('SINKS_FTPS_USER', 'demo')
const password = setting('SINKS_FTPS_PASSWORD', 'demo-only')
const files = { cert: join(data, 'tls', 'ca.crt'), key: join(data, 'tls', 'tls.key') }

function makeCertificate(): void {
  if (existsSync(files.cert) && existsSync(files.key)) return
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const certificate = certificatePem({
    subject: 'localhost',
    issuer: 'localhost',
    publicKey,
    issuerKey: privateKey,
    serial: Buffer.concat([Buffer.of(1), randomBytes(8)]),
    notBeforeMs: now - DAY_MS,
    notAfterMs: now + 365 * DAY_MS,
    addresses: ['127.0.0.1'],
    dnsNames: ['localhost'],
    isAuthority: true,
  })
  for (const folder of ['tls', 'mail', 'ftps']) mkdirSync(join(data, folder), { recursive: true })
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(files.cert, certificate)
}

function openMail(): Promise<void> {
  let count = 0
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAX_MAIL_BYTES,
    onData(stream, _session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('The mail is too large.'), { responseCode: 552 }))
        writeFileSync(join(data, 'mail', `${Date.now()}-${String(++count).padStart(4, '0')}.eml`), Buffer.concat(parts))
        done()
      })
    },
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(mailPort, '127.0.0.1', resolve)
  })
}

async function openFtps(): Promise<void> {
  const server = new FtpSrv({
    url: `ftp://127.0.0.1:${ftpsPort}`,
    pasv_url: '127.0.0.1',
    pasv_min: ftpsPort + 1000,
    pasv_max: ftpsPort + 1099,
    anonymous: false,
    tls: { cert: readFileSync(files.cert), key: readFileSync(files.key) },
  })
  server.on('login', ({ connection, username, password: given }, accept, refuse) => {
    // The password never goes over an open line: a client that has not asked for TLS is turned away.
    if (!connection.secure) return refuse(new Error('TLS is needed.'))
    return username === user && given === password
      ? accept({ root: join(data, 'ftps') })
      : refuse(new Error('Wrong account.'))
  })
  await server.listen()
}

makeCertificate()
if (!process.argv.includes('--certificate')) {
  await Promise.all([openMail(), openFtps()])
  console.log(JSON.stringify({ level: 'info', msg: 'sinks are open', mailPort, ftpsPort }))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
}
