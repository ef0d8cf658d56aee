import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LineCutter } from '../line-cutter.ts'
import type { RepeatWatch } from '../repeat-windows.ts'
import type { Session } from '../session.ts'
import type { Peer } from './connections.ts'
import type { TransportContext } from './transport.ts'

const PATH = '/lines'
const RETRY_AFTER_SECONDS = 5
/** Senders whose last request is remembered. */
const SENDERS_MAX = 10_000

/** Who is at the other end of the connection. */
export interface HttpSender {
  peer: Peer
  /** Subject of a verified certificate, or null. */
  certificateSubject: string | null
}

/**
 * `POST /lines`: newline-delimited lines (NDJSON or text, also gzip), answered with 200 when Kafka has all of them. The sender is
 * known by its token or its certificate. Any other answer, or none, means: send all again; what Kafka had already is marked.
 */
export class HttpRequests {
  readonly #listener: string
  readonly #context: TransportContext
  readonly #lastWell = new LastRequests()

  constructor(listener: string, context: TransportContext) {
    this.#listener = listener
    this.#context = context
  }

  take(request: IncomingMessage, response: ServerResponse, sender: HttpSender): void {
    const { intake, config, tokens } = this.#context
    const token = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '')?.[1]
    const tokenSourceId = token === undefined ? null : (tokens?.sourceOf(token) ?? null)
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (request.url !== PATH) answer(response, 404, 'not_found', `Lines are taken at ${PATH}.`)
    else if (request.method !== 'POST') answer(response, 405, 'method_not_allowed', 'Lines are sent by POST.')
    else if (tokenSourceId === null && (token !== undefined || sender.certificateSubject === null)) {
      this.#context.closed(this.#listener, 'unknown_token')
      answer(response, 401, 'unknown_token', 'A token that is known here, or a client certificate, is needed.')
    } else if (encoding !== 'identity' && encoding !== 'gzip')
      answer(response, 415, 'unknown_encoding', 'The body may be plain or gzip.')
    else if (Number(request.headers['content-length'] ?? 0) > config.httpsMaxBodyMib * 1_048_576)
      answer(response, 413, 'too_large', `A body has at most ${config.httpsMaxBodyMib} MiB.`)
    else if (intake.full) answer(response, 503, 'try_again', 'Kafka does not keep up; nothing of this was taken.')
    else {
      const body = encoding === 'gzip' ? request.pipe(createGunzip()) : request
      new Taking(this.#listener, this.#context, {
        request,
        response,
        body,
        sender,
        tokenSourceId,
        last: this.#lastWell,
      }).begin()
    }
  }
}

/**
 * The last request of each sender that was answered. Whether the answer arrived is known when the next one comes: until
 * then its lines may be repeated.
 */
class LastRequests {
  readonly #watches = new Map<string, RepeatWatch>()

  /** Another request of the sender has begun, and knows what may be repeated. */
  begun(sender: string): void {
    this.#watches.get(sender)?.ended(true)
    this.#watches.delete(sender)
  }

  answered(sender: string, watch: RepeatWatch): void {
    this.begun(sender)
    const [oldest] = this.#watches.keys()
    if (this.#watches.size >= SENDERS_MAX && oldest !== undefined) this.begun(oldest)
    this.#watches.set(sender, watch)
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  body: Readable
  sender: HttpSender
  tokenSourceId: string | null
  last: LastRequests
}

/** One request that is being taken in. */
class Taking {
  readonly #context: TransportContext
  readonly #exchange: Exchange
  readonly #session: Session
  readonly #watch: RepeatWatch
  readonly #sender: string
  readonly #cutter: LineCutter
  #lines = 0
  #unacknowledged = 0
  #bytes = 0
  #read = false
  #over = false

  constructor(listener: string, context: TransportContext, exchange: Exchange) {
    this.#context = context
    this.#exchange = exchange
    const { peer, certificateSubject } = exchange.sender
    const { tokenSourceId } = exchange
    this.#session = context.intake.session(
      { listener, transport: 'https', address: peer.address, certificateSubject, tokenSourceId },
      { sending: () => this.#watch.sending(), accepted: (receipts) => this.#acknowledged(receipts.length) },
    )
    const { verdict } = this.#session
    const sourceId = verdict.kind === 'admitted' ? verdict.sourceId : ''
    this.#sender = [sourceId, peer.address, certificateSubject ?? ''].join('\n')
    this.#watch = context.repeats.begin(this.#sender)
    exchange.last.begun(this.#sender)
    this.#cutter = new LineCutter((octets, cut) => this.#line(octets, cut), context.config.maxFrameBytes)
  }

  begin(): void {
    const { intake } = this.#context
    const { response, body, request } = this.#exchange
    response.once('finish', () => this.#end(true))
    response.once('close', () => this.#end(false))
    if (this.#session.verdict.kind === 'refused') {
      intake.turnedAway(this.#session)
      this.#fail(403, 'not_admitted', 'This sender is not registered, or not admitted.')
      return
    }
    body.on('data', (chunk: Buffer) => this.#take(chunk))
    body.on('end', () => {
      this.#read = true
      this.#cutter.end()
      intake.endSession(this.#session)
      this.#acknowledged(0)
    })
    body.on('error', () => this.#fail(400, 'bad_body', 'The body is not what its encoding says.'))
    request.on('error', () => this.#end(false))
  }

  #take(chunk: Buffer): void {
    if (this.#over) return
    const { intake, config } = this.#context
    this.#bytes += chunk.length
    if (this.#bytes > config.httpsMaxBodyMib * 1_048_576) {
      this.#fail(413, 'too_large', `A body has at most ${config.httpsMaxBodyMib} MiB, also after it is unpacked.`)
      return
    }
    this.#cutter.push(chunk)
    if (!intake.full || this.#over) return
    this.#exchange.body.pause()
    intake.onceDrained(() => this.#exchange.body.resume())
  }

  #line(octets: Buffer, truncatedBytes: number): void {
    if (this.#over) return
    const marks = { receipt: 1, possibleRepeat: this.#watch.seen(octets) }
    const { intake } = this.#context
    this.#lines += 1
    this.#unacknowledged += 1
    if (intake.frame(this.#session, octets, truncatedBytes, 'ndjson', this.#exchange.sender.peer.port, marks)) return
    this.#fail(403, 'not_admitted', 'This sender is no longer admitted.')
  }

  #acknowledged(lines: number): void {
    this.#unacknowledged -= lines
    if (!this.#read || this.#unacknowledged > 0 || this.#over) return
    const { response } = this.#exchange
    if (!response.headersSent) send(response, 200, { accepted: this.#lines })
  }

  #fail(status: number, code: string, message: string): void {
    const { response, request } = this.#exchange
    if (!response.headersSent) answer(response, status, code, message)
    this.#over = true
    // What is still coming is not read.
    request.unpipe()
    request.resume()
  }

  #end(well: boolean): void {
    if (this.#over && well) {
      this.#context.intake.endSession(this.#session)
      this.#watch.ended(false)
      return
    }
    if (this.#over) return
    this.#over = true
    this.#context.intake.endSession(this.#session)
    if (well) this.#exchange.last.answered(this.#sender, this.#watch)
    else this.#watch.ended(false)
  }
}

function answer(response: ServerResponse, status: number, code: string, message: string): void {
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS)
  response.setHeader('Connection', 'close')
  send(response, status, { code, message })
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(`${JSON.stringify(value)}\n`)
}
