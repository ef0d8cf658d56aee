import type { Socket } from 'node:net'
import { addressText } from '../address.ts'
import { Framer } from '../framing.ts'
import type { Session } from '../intake.ts'
import type { CloseReason, TransportContext } from './transport.ts'

interface Connection {
  socket: Socket
  session: Session
  framer: Framer
  address: string
  lastHeardMs: number
  /** When the unfinished frame began, or null. */
  frameBegunMs: number | null
  paused: boolean
  ended: boolean
}

const SWEEP_MS = 1_000
/** Time for a sender to see our end and for us to read what is on its way. */
const FAREWELL_MS = 500
const KEEP_ALIVE_MS = 60_000

/**
 * The connections of one stream listener: bounded in all and per address, closed when idle or when a frame takes too
 * long (slow-loris), paused while too much waits for Kafka.
 */
export class StreamConnections {
  readonly #listener: string
  readonly #transport: string
  readonly #context: TransportContext
  readonly #connections = new Set<Connection>()
  readonly #perAddress = new Map<string, number>()
  readonly #sweeper: NodeJS.Timeout
  #resumeAsked = false

  constructor(listener: string, transport: string, context: TransportContext) {
    this.#listener = listener
    this.#transport = transport
    this.#context = context
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  get size(): number {
    return this.#connections.size
  }

  /** Why a further connection from this address is not taken, or null. */
  refusal(peer: string): CloseReason | null {
    const { config } = this.#context
    if (this.#connections.size >= config.maxConnections) return 'too_many'
    const held = this.#perAddress.get(addressText(peer)) ?? 0
    return held >= config.maxConnectionsPerAddress ? 'too_many_from_address' : null
  }

  /** Takes a connection that may send. */
  add(socket: Socket, certificateSubject: string | null): void {
    const { intake, config, monotonicMs } = this.#context
    const address = addressText(socket.remoteAddress ?? '')
    const peerPort = socket.remotePort ?? null
    const session = intake.session({
      listener: this.#listener,
      transport: this.#transport,
      address,
      certificateSubject,
    })
    const framer = new Framer((octets, truncatedBytes, framing) => {
      connection.frameBegunMs = null
      intake.frame(session, octets, truncatedBytes, framing, peerPort)
    }, config.maxFrameBytes)
    const connection: Connection = {
      socket,
      session,
      framer,
      address,
      lastHeardMs: monotonicMs(),
      frameBegunMs: null,
      paused: false,
      ended: false,
    }
    this.#connections.add(connection)
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', (chunk: Buffer) => this.#take(connection, chunk))
    socket.on('end', () => this.#end(connection))
    socket.on('close', () => this.#end(connection))
    // A reset by the peer is no fault of ours; 'close' follows.
    socket.on('error', () => {})
  }

  /** Says goodbye to every sender, reads what is on its way, and ends all. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    const gone = [...this.#connections].map(
      ({ socket }) =>
        new Promise<void>((resolve) => {
          if (socket.destroyed) resolve()
          else socket.once('close', () => resolve())
          socket.end()
        }),
    )
    const farewell = setTimeout(() => {
      for (const { socket } of this.#connections) socket.destroy()
    }, FAREWELL_MS)
    await Promise.all(gone)
    clearTimeout(farewell)
  }

  #take(connection: Connection, chunk: Buffer): void {
    const nowMs = this.#context.monotonicMs()
    connection.lastHeardMs = nowMs
    connection.framer.push(chunk)
    if (!connection.framer.unfinished) connection.frameBegunMs = null
    else connection.frameBegunMs ??= nowMs
    if (!this.#context.intake.full) return
    connection.paused = true
    connection.socket.pause()
    this.#askResume()
  }

  /** One wish for all connections, however many pause. */
  #askResume(): void {
    if (this.#resumeAsked) return
    this.#resumeAsked = true
    this.#context.intake.onceDrained(() => {
      this.#resumeAsked = false
      const nowMs = this.#context.monotonicMs()
      for (const connection of this.#connections) {
        if (!connection.paused) continue
        connection.paused = false
        // The wait was ours: it counts against neither time-out.
        connection.lastHeardMs = nowMs
        if (connection.frameBegunMs !== null) connection.frameBegunMs = nowMs
        connection.socket.resume()
      }
    })
  }

  #end(connection: Connection): void {
    if (connection.ended) return
    connection.ended = true
    connection.framer.end()
    this.#context.intake.endSession(connection.session)
    this.#connections.delete(connection)
    const held = (this.#perAddress.get(connection.address) ?? 1) - 1
    if (held === 0) this.#perAddress.delete(connection.address)
    else this.#perAddress.set(connection.address, held)
    if (!connection.socket.destroyed) connection.socket.end()
  }

  #sweep(): void {
    const { config, monotonicMs, closed } = this.#context
    const nowMs = monotonicMs()
    for (const connection of this.#connections) {
      if (connection.paused) continue
      const { frameBegunMs, lastHeardMs, socket } = connection
      const slow = frameBegunMs !== null && nowMs - frameBegunMs > config.frameTimeoutSeconds * 1_000
      const idle = nowMs - lastHeardMs > config.idleTimeoutSeconds * 1_000
      if (!slow && !idle) continue
      closed(this.#listener, slow ? 'slow_frame' : 'idle')
      socket.destroy()
    }
  }
}
