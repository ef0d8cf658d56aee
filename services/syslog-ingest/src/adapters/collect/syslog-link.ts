import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { CentreLink, OutgoingLine } from '../../collect/centre-link.ts'
import type { CollectConfig } from '../../collect/config.ts'
import { framed } from '../../generator/plan.ts'
import { away, connectCentre } from './centre-socket.ts'

const LOOK_MS = 200

/**
 * Syslog over TLS (RFC 5425) to the centre. It has no answers, so a line counts as arrived when it has left and the
 * connection has stood for `settleSeconds` after that; whatever is younger when the connection breaks is sent again, and the
 * centre drops what it has. What a centre loses that dies with more than that unwritten stays lost: RELP has no such case.
 */
export async function openSyslog(
  address: string,
  afterSeq: number,
  centre: CollectConfig['centre'],
  monotonicMs: () => number,
): Promise<CentreLink> {
  return new SyslogLink(
    await connectCentre(address, centre),
    address,
    afterSeq,
    centre.settleSeconds * 1_000,
    monotonicMs,
  )
}

class SyslogLink implements CentreLink {
  readonly #socket: Socket
  readonly #address: string
  readonly #settleMs: number
  readonly #monotonicMs: () => number
  /** Lines that left, each batch with its last number and the time at which it was out of our hands. */
  #left: { seq: number; atMs: number }[] = []
  #arrivedSeq: number
  #failure: Error | null = null

  constructor(socket: Socket, address: string, afterSeq: number, settleMs: number, monotonicMs: () => number) {
    this.#socket = socket
    this.#address = address
    this.#arrivedSeq = afterSeq
    this.#settleMs = settleMs
    this.#monotonicMs = monotonicMs
    // A syslog receiver says nothing; what it says nevertheless is read away so that the end is seen.
    socket.resume()
    socket.on('error', (error) => this.#fail(error))
    socket.on('end', () => this.#fail(new Error('the connection was closed')))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  async send(lines: readonly OutgoingLine[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const last = lines.at(-1)
    if (last === undefined) return
    const octets = Buffer.concat(lines.map((line) => framed(line.octets, 'octet-counting')))
    // Also called, with an error, when the connection is gone.
    await new Promise<void>((resolve) => this.#socket.write(octets, () => resolve()))
    if (this.#failure === null) this.#left.push({ seq: last.seq, atMs: this.#monotonicMs() })
  }

  arrivedSeq(): number {
    const settled = this.#monotonicMs() - this.#settleMs
    while (this.#failure === null && this.#left[0] !== undefined && this.#left[0].atMs <= settled) {
      this.#arrivedSeq = (this.#left.shift() as { seq: number }).seq
    }
    return this.#arrivedSeq
  }

  /** What is not settled lies on disk, not in memory. */
  room(): number {
    return this.#failure === null ? Number.POSITIVE_INFINITY : 0
  }

  failure(): Error | null {
    return this.#failure
  }

  async progress(): Promise<void> {
    if (this.#failure === null) await pause(LOOK_MS)
  }

  async close(limitMs: number): Promise<void> {
    if (this.#failure === null) {
      const closed = once(this.#socket, 'close')
      this.#socket.end()
      await Promise.race([closed, pause(limitMs)])
    }
    this.#socket.destroy()
  }

  #fail(error: Error): void {
    this.#failure ??= away(this.#address, error)
    this.#socket.destroy()
  }
}
