// The outside world of the embedded stack: a mail server, a webhook receiver and an FTPS server on loopback. What they
// take is kept in files, so that a person can look at it: mail/<n>.eml, webhook/<n>.json, ftps/root/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { startFtps } from './ftps.ts'
import { startMailSink, startWebhookSink } from './message-sinks.ts'

const dir = process.env['TOCSIN_DATA'] ?? '.'
const port = (name: string): number => Number(process.env[`SINKS_${name}_PORT`] ?? 0)
for (const folder of ['mail', 'webhook', 'ftps']) mkdirSync(join(dir, folder), { recursive: true })

const mail = await startMailSink(port('MAIL'))
const webhook = await startWebhookSink(port('WEBHOOK'))
const ftps = await startFtps({ dir: join(dir, 'ftps'), port: port('FTPS') })
writeFileSync(join(dir, 'ftps', 'password'), ftps.password, { mode: 0o600 })

let mailsKept = 0
let postsKept = 0
const keep = setInterval(() => {
  for (; mailsKept < mail.received.length; mailsKept++) {
    const received = mail.received[mailsKept]
    if (received !== undefined)
      writeFileSync(join(dir, 'mail', `${String(mailsKept + 1).padStart(4, '0')}.eml`), received.raw)
  }
  for (; postsKept < webhook.received.length; postsKept++) {
    const received = webhook.received[postsKept]
    writeFileSync(
      join(dir, 'webhook', `${String(postsKept + 1).padStart(4, '0')}.json`),
      `${JSON.stringify(received, null, 2)}\n`,
    )
  }
}, 200)

const admin = createServer((_request, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(`${JSON.stringify({ ok: true, mails: mail.received.length, ftps: ftps.kind })}\n`)
})
admin.listen(Number(process.env['TOCSIN_ADMIN_PORT'] ?? 0), '127.0.0.1')
process.stdout.write(
  `${JSON.stringify({ level: 'info', service: 'sinks', msg: 'listening', mail: mail.port, webhook: webhook.port, ftps: ftps.port, kind: ftps.kind })}\n`,
)

const stop = async (): Promise<void> => {
  clearInterval(keep)
  admin.close()
  await Promise.all([mail.close(), webhook.close(), ftps.stop()])
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
