import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressText } from '../address.ts'
import type { Connections, Peer } from './connections.ts'
import { HttpRequests } from './http-requests.ts'
import type { CloseReason, TransportContext } from './transport.ts'

interface Connection {
  socket: Socket
  address: string
  /** Since when it has done what it does: waited for a request, or sent one. */
  sinceMs: number
  requests: number
}

const SWEEP_MS = 1_000
const FAREWELL_MS = 500
/** A request's head must come within this; also how long a connection may wait for its next request. */
const NEXT_REQUEST_MS = 15_000
/** A request, its body and Kafka's acknowledgement. */
const REQUEST_MS = 120_000
const HEADER_MAX_BYTES = 8 * 1024

/** The connections of the HTTPS listener: bounded as those of every stream, and in the time that a request may take. */
export class HttpConnections implements Connections {
  readonly #listener: string
  readonly #context: TransportContext
  readonly #server: Server
  readonly #connections = new Map<Socket, Connection>()
  readonly #held = new Map<string, number>()
  readonly #sweeper: NodeJS.Timeout

  constructor(listener: string, context: TransportContext) {
    this.#listener = listener
    this.#context = context
    this.#server = createServer({ maxHeaderSize: HEADER_MAX_BYTES, keepAlive: true })
    this.#server.maxHeadersCount = 50
    const requests = new HttpRequests(listener, context)
    const senders = this.#senders
    this.#server.on('request', (request, response) => {
      const connection = this.#connections.get(request.socket)
      const sender = senders.get(request.socket)
      if (connection === undefined || sender === undefined) return
      connection.requests += 1
      connection.sinceMs = context.monotonicMs()
      response.once('close', () => {
        connection.requests -= 1
        connection.sinceMs = context.monotonicMs()
      })
      requests.take(request, response, sender)
    })
    this.#server.on('clientError', (_, socket) => {
      context.closed(listener, 'protocol_error')
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      else socket.destroy()
    })
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  readonly #senders = new WeakMap<Socket, { peer: Peer; certificateSubject: string | null }>()

  get size(): number {
    return this.#connections.size
  }

  refusal(peer: string): CloseReason | null {
    const { config } = this.#context
    if (this.#connections.size >= config.maxConnections) return 'too_many'
    const held = this.#held.get(addressText(peer)) ?? 0
    return held >= config.maxConnectionsPerAddress ? 'too_many_from_address' : null
  }

  add(socket: Socket, peer: Peer, certificateSubject: string | null): void {
    const address = addressText(peer.address)
    this.#connections.set(socket, { socket, address, sinceMs: this.#context.monotonicMs(), requests: 0 })
    this.#held.set(address, (this.#held.get(address) ?? 0) + 1)
    this.#senders.set(socket, { peer: { ...peer, address }, certificateSubject })
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#connections.delete(socket)
      const held = (this.#held.get(address) ?? 1) - 1
      if (held === 0) this.#held.delete(address)
      else this.#held.set(address, held)
    })
    this.#server.emit('connection', socket)
  }

  endWhere(isOver: (socket: Socket) => boolean, reason: CloseReason): void {
    for (const { socket } of this.#connections.values()) {
      if (!isOver(socket)) continue
      this.#context.closed(this.#listener, reason)
      socket.destroy()
    }
  }

  /** Gives requests that are under way a moment, then ends all. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    const gone = [...this.#connections.values()].map(async ({ socket, requests }) => {
      const closed = new Promise<void>((resolve) => {
        if (socket.destroyed) resolve()
        else socket.once('close', () => resolve())
      })
      if (requests === 0) socket.destroy()
      const late = setTimeout(() => socket.destroy(), FAREWELL_MS)
      await closed
      clearTimeout(late)
    })
    await Promise.all(gone)
  }

  #sweep(): void {
    const nowMs = this.#context.monotonicMs()
    for (const { socket, sinceMs, requests } of this.#connections.values()) {
      if (nowMs - sinceMs <= (requests === 0 ? NEXT_REQUEST_MS : REQUEST_MS)) continue
      this.#context.closed(this.#listener, requests === 0 ? 'idle' : 'slow_frame')
      socket.destroy()
    }
  }
}
