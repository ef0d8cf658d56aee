import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MailTransport } from '../channel.ts'

const CONNECT_TIMEOUT_MS = 10_000
const SILENCE_TIMEOUT_MS = 20_000

export interface SmtpServer {
  host: string
  port: number
  tls: 'none' | 'starttls' | 'implicit'
  ca: string | undefined
  login: { user: string; password: string } | null
}

type Answer = Awaited<ReturnType<MailTransport['send']>>

/**
 * Mail to one server by nodemailer's SMTP client, a connection a mail: a server that hangs holds that mail alone, and the
 * signal ends it. Faults come back as answers: permanent (5xx), or not.
 */
export function smtpTransport(server: SmtpServer): MailTransport {
  return {
    send: (envelope, message, signal) =>
      new Promise<Answer>((resolve) => {
        const connection = new SMTPConnection({
          host: server.host,
          port: server.port,
          secure: server.tls === 'implicit',
          requireTLS: server.tls === 'starttls',
          ignoreTLS: server.tls === 'none',
          connectionTimeout: CONNECT_TIMEOUT_MS,
          greetingTimeout: CONNECT_TIMEOUT_MS,
          socketTimeout: SILENCE_TIMEOUT_MS,
          dnsTimeout: CONNECT_TIMEOUT_MS,
          tls: { minVersion: 'TLSv1.2', ...(server.ca === undefined ? {} : { ca: server.ca }) },
        })
        let isHandedOver = false
        const settle = (answer: Answer): void => {
          signal.removeEventListener('abort', abort)
          resolve(answer)
          if (answer.ok) connection.quit()
          else connection.close()
        }
        const abort = (): void => settle(failure(new Error('The mail server took too long.'), isHandedOver))
        const fail = (error: Error): void => settle(failure(error, isHandedOver))
        const hand = (): void => {
          // The stream ends when all of the mail is on its way: from then on silence may mean that the server has it.
          const content = Readable.from([message], { objectMode: false }).once('end', () => {
            isHandedOver = true
          })
          connection.send({ from: bareAddress(envelope.from), to: [envelope.to] }, content, (error, info) => {
            if (error !== null && error !== undefined) fail(error)
            else settle({ ok: true, reply: info.response })
          })
        }
        signal.addEventListener('abort', abort, { once: true })
        connection.once('error', fail)
        connection.once('end', () => fail(new Error('The mail server closed the connection.')))
        connection.connect((error) => {
          if (error !== null && error !== undefined) return fail(error)
          if (server.login === null) return hand()
          const credentials = { user: server.login.user, pass: server.login.password }
          connection.login({ credentials }, (refused) => {
            if (refused === null || refused === undefined) hand()
            else
              settle({
                ok: false,
                permanent: false,
                code: 'mail_login_refused',
                reply: refused.message,
                doubtful: false,
              })
          })
        })
      }),
  }
}

function failure(error: Error & { responseCode?: number; response?: string }, isHandedOver: boolean): Answer {
  const { responseCode, response } = error
  if (responseCode === undefined)
    return { ok: false, permanent: false, code: 'mail_unreachable', reply: error.message, doubtful: isHandedOver }
  const permanent = responseCode >= 500
  const code = permanent ? 'mail_refused' : 'mail_deferred'
  return { ok: false, permanent, code, reply: response ?? error.message, doubtful: false }
}

const bareAddress = (from: string): string => /<([^>]+)>/.exec(from)?.[1] ?? from
