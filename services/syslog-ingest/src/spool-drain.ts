import type { Intake } from './intake.ts'
import type { Session } from './session.ts'

/** A datagram that waits on disk. */
export interface SpooledDatagram {
  listener: string
  address: string
  peerPort: number | null
  receivedAtMs: number
  truncatedBytes: number
  octets: Buffer
}

/** One that comes back: its number, and whether it may have gone to Kafka before the process was killed. */
export interface ReturnedDatagram extends SpooledDatagram {
  index: number
  possibleRepeat: boolean
}

/** Datagrams on bounded disk, first in, first out. */
export interface DatagramSpool {
  /** Datagrams that have not been given back yet. */
  readonly waiting: number
  readonly bytes: number
  /** Gives false where there is no room or the disk refuses: the datagram is lost and to be counted. */
  put(datagram: SpooledDatagram): boolean
  /** The oldest ones, at most about `maxBytes` of them. */
  take(maxBytes: number): ReturnedDatagram[]
  /** Kafka has all up to and with this number. */
  release(index: number): void
}

const BATCH_BYTES = 256 * 1024
const SESSIONS_MAX = 10_000

/** Brings datagrams from the spool back into the intake, in order, as Kafka takes them. */
export class SpoolDrain {
  readonly #intake: Intake
  readonly #spool: DatagramSpool
  readonly #sessions = new Map<string, Session>()
  readonly #acknowledged = new Set<number>()
  #released: number | null = null
  #asked = false

  constructor(intake: Intake, spool: DatagramSpool) {
    this.#intake = intake
    this.#spool = spool
  }

  /** Takes back what there is room for; call when there may be room. */
  run(): void {
    while (!this.#intake.full && this.#spool.waiting > 0) {
      const batch = this.#spool.take(BATCH_BYTES)
      if (batch.length === 0) return
      for (const datagram of batch) this.#giveBack(datagram)
    }
    if (this.#spool.waiting === 0 || this.#asked) return
    this.#asked = true
    this.#intake.onceDrained(() => {
      this.#asked = false
      this.run()
    })
  }

  #giveBack({
    index,
    octets,
    truncatedBytes,
    peerPort,
    receivedAtMs,
    possibleRepeat,
    ...from
  }: ReturnedDatagram): void {
    this.#released ??= index - 1
    const marks = { receipt: index, receivedAtMs, possibleRepeat }
    const session = this.#sessionOf(from.listener, from.address)
    // Refused now is refused: the registry has changed meanwhile, and the intake has counted it.
    if (!this.#intake.frame(session, octets, truncatedBytes, 'datagram', peerPort, marks)) this.#accepted([index])
  }

  #sessionOf(listener: string, address: string): Session {
    const key = `${listener} ${address}`
    let session = this.#sessions.get(key)
    if (session === undefined) {
      if (this.#sessions.size >= SESSIONS_MAX) this.#sessions.clear()
      session = this.#intake.session(
        { listener, transport: 'udp', address, certificateSubject: null },
        { accepted: (indices) => this.#accepted(indices) },
      )
      this.#sessions.set(key, session)
    }
    return session
  }

  #accepted(indices: readonly number[]): void {
    for (const index of indices) this.#acknowledged.add(index)
    const before = this.#released as number
    let released = before
    while (this.#acknowledged.delete(released + 1)) released += 1
    this.#released = released
    if (released > before) this.#spool.release(released)
  }
}
