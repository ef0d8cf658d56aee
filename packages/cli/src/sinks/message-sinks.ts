import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** The outside world of a notice, on loopback, told how to behave (H-SINK). `received` is what it took, in order. */
export interface Sink<Received> {
  port: number
  received: readonly Received[]
  /** Answers only after `ms`. */
  delay(ms: number): void
  /** Says no: for a while, as an overloaded server does, or for good. */
  refuse(how: boolean | 'permanent'): void
  /** Takes the connection and never answers. */
  vanish(on: boolean): void
  /** Stops answering the next client at that step, for good; resolves when one is there (kill tests). */
  holdAt(step: SinkStep): Promise<void>
  /** Resolves when `count` have been received. Rejects after `timeoutMs`. */
  atLeast(count: number, timeoutMs?: number): Promise<void>
  close(): Promise<void>
}

/**
 * Where a client can be held: it has connected; has named the sender; is about to hand over the content; or everything is taken and
 * only the answer is missing. A receiver of POSTs knows the first and the last.
 */
export type SinkStep = 'connected' | 'sender' | 'content' | 'taken'

/** A mail as a server got it; `at` is the sink's own clock, UTC ms. */
export interface ReceivedMail {
  at: number
  from: string
  to: readonly string[]
  /** The mail as read by a mail parser. */
  mail: Email
  raw: Buffer
}

/** A POST as a server got it. */
export interface ReceivedPost {
  at: number
  path: string
  headers: Readonly<Record<string, string>>
  body: string
}

const MAX_BODY_BYTES = 8 << 20

/** How a sink behaves now, and who waits for what it receives. */
class Behaviour<Received> {
  readonly received: Received[] = []
  readonly #waiting = new Set<() => void>()
  #delayMs = 0
  refusal: false | 'temporary' | 'permanent' = false
  vanished = false
  #held: { step: SinkStep; reached: () => void } | null = null

  /** Goes on, unless a client was to be held at this step. */
  passes(step: SinkStep): boolean {
    if (this.#held?.step !== step) return true
    const { reached } = this.#held
    this.#held = null
    reached()
    return false
  }

  take(entry: Received): void {
    this.received.push(entry)
    for (const look of this.#waiting) look()
  }

  /** Calls `answer` after the delay; never, when the sink has vanished. */
  answer(answer: () => void): void {
    if (!this.vanished) setTimeout(answer, this.#delayMs)
  }

  sink(port: number, close: () => Promise<void>): Sink<Received> {
    return {
      port,
      received: this.received,
      delay: (ms) => {
        this.#delayMs = ms
      },
      refuse: (how) => {
        this.refusal = how === true ? 'temporary' : how
      },
      vanish: (on) => {
        this.vanished = on
      },
      holdAt: (step) =>
        new Promise((resolve) => {
          this.#held = { step, reached: resolve }
        }),
      atLeast: (count, timeoutMs = 20_000) =>
        new Promise((resolve, reject) => {
          const end = (settle: () => void): void => {
            clearTimeout(timer)
            this.#waiting.delete(look)
            settle()
          }
          const look = (): void => {
            if (this.received.length >= count) end(resolve)
          }
          const timer = setTimeout(
            () =>
              end(() => reject(new Error(`The sink has ${this.received.length} of ${count} after ${timeoutMs} ms.`))),
            timeoutMs,
          )
          this.#waiting.add(look)
          look()
        }),
      close,
    }
  }
}

/** TLS of a mail server: from the first octet (RFC 8314), or after STARTTLS and then required (RFC 3207). PEM. */
export interface MailSinkTls {
  mode: 'starttls' | 'implicit'
  certificate: string
  key: string
}

/** A mail server that keeps what it gets, read back by an independent parser. */
export async function startMailSink(port = 0, tls: MailSinkTls | null = null): Promise<Sink<ReceivedMail>> {
  const behaviour = new Behaviour<ReceivedMail>()
  const server = new SMTPServer({
    disabledCommands: tls?.mode === 'starttls' ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(tls === null ? {} : { secure: tls.mode === 'implicit', cert: tls.certificate, key: tls.key }),
    disableReverseLookup: true,
    size: MAX_BODY_BYTES,
    onConnect(_session, done) {
      if (behaviour.passes('connected')) done()
    },
    onRcptTo(_address, _session, done) {
      if (behaviour.passes('content')) done()
    },
    onMailFrom(_address, session, done) {
      if (!behaviour.passes('sender')) return
      if (tls !== null && !session.secure)
        return done(Object.assign(new Error('Say STARTTLS first.'), { responseCode: 530 }))
      behaviour.answer(() => {
        if (behaviour.refusal === false) return done()
        const responseCode = behaviour.refusal === 'permanent' ? 550 : 451
        done(Object.assign(new Error('The sink was told to refuse.'), { responseCode }))
      })
    },
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const raw = Buffer.concat(parts)
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const at = Date.now()
        PostalMime.parse(raw).then((mail) => {
          behaviour.take({ at, from, to, mail, raw })
          if (behaviour.passes('taken')) done()
        }, done)
      })
    },
  })
  // A client that goes away in the middle is its own business.
  server.on('error', () => {})
  const listening = server.listen(port, '127.0.0.1')
  await opened(listening)
  return behaviour.sink(
    (listening.address() as AddressInfo).port,
    () => new Promise((resolve) => server.close(() => resolve())),
  )
}

/** A receiver of webhooks. */
export function startWebhookSink(port = 0): Promise<Sink<ReceivedPost>> {
  return startPostSink(port, '{"state":"taken"}')
}

/** A gateway for short messages; it answers that the message is under way. */
export function startSmsSink(port = 0): Promise<Sink<ReceivedPost>> {
  return startPostSink(port, '{"state":"queued"}')
}

async function startPostSink(port: number, reply: string): Promise<Sink<ReceivedPost>> {
  const behaviour = new Behaviour<ReceivedPost>()
  const server = createServer((request, response) => {
    if (!behaviour.passes('connected')) return
    read(request).then(
      (body) => behaviour.answer(() => take(request, response, body)),
      () => response.destroy(),
    )
  })
  const take = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    if (behaviour.refusal !== false) {
      response.writeHead(behaviour.refusal === 'permanent' ? 403 : 503).end('The sink was told to refuse.')
      return
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    behaviour.take({ at: Date.now(), path: request.url ?? '', headers, body })
    if (!behaviour.passes('taken')) return
    response.writeHead(200, { 'content-type': 'application/json' }).end(reply)
  }
  server.listen(port, '127.0.0.1')
  await opened(server)
  return behaviour.sink(
    (server.address() as AddressInfo).port,
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) throw new Error('The body is too large.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function opened(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
}
