// The outside world of the embedded stack: a mail server, a webhook receiver and an FTPS server on loopback. What they
// take is kept in files, so that a person can look at it: mail/<n>.eml, webhook/<n>.json, ftps/root/. They can be told to
// misbehave (H-SINK): POST /mail/refuse, /mail/vanish, /mail/take, the same of /webhook, /ftps/stop and /ftps/start.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { startFtps } from './ftps.ts'
import { startMailSink, startWebhookSink } from './message-sinks.ts'

const dir = process.env['TOCSIN_DATA'] ?? '.'
const port = (name: string): number => Number(process.env[`SINKS_${name}_PORT`] ?? 0)
for (const folder of ['mail', 'webhook', 'ftps']) mkdirSync(join(dir, folder), { recursive: true })

const mail = await startMailSink(port('MAIL'))
const webhook = await startWebhookSink(port('WEBHOOK'))
let ftps = await startFtps({ dir: join(dir, 'ftps'), port: port('FTPS') })
writeFileSync(join(dir, 'ftps', 'password'), ftps.password, { mode: 0o600 })

/** Files of earlier runs in the same folder are counted on, never written over. */
const firstNumber = (folder: string): number => readdirSync(join(dir, folder)).length + 1
const [firstMail, firstPost] = [firstNumber('mail'), firstNumber('webhook')]
let mailsKept = 0
let postsKept = 0
const keep = setInterval(() => {
  for (; mailsKept < mail.received.length; mailsKept++) {
    const received = mail.received[mailsKept]
    if (received !== undefined)
      writeFileSync(join(dir, 'mail', `${String(firstMail + mailsKept).padStart(4, '0')}.eml`), received.raw)
  }
  for (; postsKept < webhook.received.length; postsKept++) {
    const received = webhook.received[postsKept]
    writeFileSync(
      join(dir, 'webhook', `${String(firstPost + postsKept).padStart(4, '0')}.json`),
      `${JSON.stringify(received, null, 2)}\n`,
    )
  }
}, 200)

const manners = (sink: typeof mail | typeof webhook, name: string) => ({
  [`/${name}/take`]: () => {
    sink.refuse(false)
    sink.vanish(false)
  },
  [`/${name}/refuse`]: () => sink.refuse(true),
  [`/${name}/vanish`]: () => sink.vanish(true),
})
const controls: Readonly<Record<string, () => void | Promise<void>>> = {
  ...manners(mail, 'mail'),
  ...manners(webhook, 'webhook'),
  '/ftps/stop': () => ftps.stop(),
  '/ftps/start': async () => {
    ftps = await startFtps({ dir: join(dir, 'ftps'), port: ftps.port })
  },
}

const admin = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  }
  const told = () => answer(200, { ok: true, mails: mail.received.length, ftps: ftps.kind })
  if (request.method !== 'POST') return told()
  const control = Object.hasOwn(controls, request.url ?? '') ? controls[request.url ?? ''] : undefined
  if (control === undefined) return answer(404, { ok: false, controls: Object.keys(controls) })
  Promise.resolve(control()).then(told, (error: Error) => answer(500, { ok: false, error: error.message }))
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
