import type { Socket } from 'node:net'
import { addressText } from '../address.ts'
import type { Connections, Peer } from './connections.ts'
import type { StreamProtocol, StreamReader } from './stream-reader.ts'
import type { CloseReason, TransportContext } from './transport.ts'

interface Connection {
  socket: Socket
  reader: StreamReader
  address: string
  sourceId: string | null
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
 * The connections of one stream listener: bounded in all, per address and per source, closed when idle or when a frame
 * takes too long (slow-loris), paused while too much waits for Kafka.
 */
export class StreamConnections implements Connections {
  readonly #listener: string
  readonly #transport: string
  readonly #protocol: StreamProtocol
  readonly #context: TransportContext
  readonly #connections = new Set<Connection>()
  readonly #held = new Map<string, number>()
  readonly #sweeper: NodeJS.Timeout
  #resumeAsked = false

  constructor(listener: string, transport: string, protocol: StreamProtocol, context: TransportContext) {
    this.#listener = listener
    this.#transport = transport
    this.#protocol = protocol
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
    const held = this.#held.get(addressText(peer)) ?? 0
    return held >= config.maxConnectionsPerAddress ? 'too_many_from_address' : null
  }

  /** Takes a connection that may send. */
  add(socket: Socket, peer: Peer, certificateSubject: string | null): void {
    const { intake, config, monotonicMs, repeats } = this.#context
    const address = addressText(peer.address)
    const reader = this.#protocol({
      socket,
      listener: this.#listener,
      transport: this.#transport,
      address,
      peerPort: peer.port,
      certificateSubject,
      intake,
      maxFrameBytes: config.maxFrameBytes,
      repeats,
    })
    const { sourceId } = reader
    const connection: Connection = {
      socket,
      reader,
      address,
      sourceId,
      lastHeardMs: monotonicMs(),
      frameBegunMs: null,
      paused: false,
      ended: false,
    }
    // A reset by the peer is no fault of ours; 'close' follows.
    socket.on('error', () => {})
    if (sourceId !== null && (this.#held.get(`source ${sourceId}`) ?? 0) >= config.maxConnectionsPerSource) {
      this.#context.closed(this.#listener, 'too_many_of_source')
      reader.end()
      socket.destroy()
      return
    }
    this.#connections.add(connection)
    this.#hold(connection, 1)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', (chunk: Buffer) => this.#take(connection, chunk))
    socket.on('end', () => this.#end(connection))
    socket.on('close', () => this.#end(connection))
  }

  /** Ends every connection that `isOver` holds for. */
  endWhere(isOver: (socket: Socket) => boolean, reason: CloseReason): void {
    for (const { socket } of this.#connections) {
      if (!isOver(socket)) continue
      this.#context.closed(this.#listener, reason)
      socket.destroy()
    }
  }

  /** Says goodbye to every sender, reads what is on its way, and ends all. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    const gone = [...this.#connections].map(async ({ socket, reader }) => {
      const closed = new Promise<void>((resolve) => {
        if (socket.destroyed) resolve()
        else socket.once('close', () => resolve())
      })
      if (reader.farewell !== undefined) {
        // What is not read here is not answered, so its sender keeps it.
        socket.pause()
        await reader.farewell()
        socket.resume()
      }
      socket.end()
      const farewell = setTimeout(() => socket.destroy(), FAREWELL_MS)
      await closed
      clearTimeout(farewell)
    })
    await Promise.all(gone)
  }

  #take(connection: Connection, chunk: Buffer): void {
    if (connection.ended) return
    const nowMs = this.#context.monotonicMs()
    connection.lastHeardMs = nowMs
    const taken = connection.reader.push(chunk)
    if (typeof taken === 'string') {
      this.#context.closed(this.#listener, taken)
      this.#end(connection)
      // A sender that neither reads nor goes must not stay.
      setTimeout(() => connection.socket.destroy(), FAREWELL_MS).unref()
      return
    }
    if (!connection.reader.unfinished) connection.frameBegunMs = null
    else if (taken > 0) connection.frameBegunMs = nowMs
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
    connection.reader.end()
    this.#connections.delete(connection)
    this.#hold(connection, -1)
    if (!connection.socket.destroyed) connection.socket.end()
  }

  #hold({ address, sourceId }: Connection, change: 1 | -1): void {
    for (const key of sourceId === null ? [address] : [address, `source ${sourceId}`]) {
      const held = (this.#held.get(key) ?? 0) + change
      if (held === 0) this.#held.delete(key)
      else this.#held.set(key, held)
    }
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
