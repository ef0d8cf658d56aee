import type { Clock } from '@tocsin/runtime'
import { type AddressRange, isInRange, parseAddress } from '../address.ts'
import type { Sender } from '../admission.ts'
import type { FrameMarks } from '../blocks.ts'
import type { Framing } from '../framing.ts'
import type { Door } from '../intake.ts'
import type { Session, SessionHooks } from '../session.ts'
import type { StoredLine } from './stored-record.ts'

/** A line before it has its number. */
export type NewLine = Omit<StoredLine, 'kind' | 'seq'>

/** Where lines are kept; `append` resolves when the line is on disk. */
export interface LineStore {
  append(line: NewLine): Promise<number>
  readonly waitingBytes: number
}

/** Counts of one input since the start. */
export interface InputTally {
  received: number
  refused: number
  dropped: number
}

const NO_MARKS: FrameMarks = {}
const LINE_OVERHEAD_BYTES = 128

interface Taken {
  session: Session
  line: NewLine
  receipt: number | null
}

/**
 * The door of a collector: the listeners of the ingest hand their frames here instead of to Kafka. A frame counts as
 * accepted, and a RELP sender is answered, when it is on disk. Who is not on the list is refused and counted, and
 * nothing of it is kept.
 */
export class CollectDoor implements Door {
  readonly tally = new Map<string, InputTally>()
  readonly #allow: readonly AddressRange[]
  readonly #store: LineStore
  readonly #clock: Clock
  readonly #maxWaitingBytes: number
  readonly #wake: (work: () => void) => void
  readonly #drained = new Set<() => void>()
  #taken: Taken[] = []
  #takenBytes = 0
  /** Address of the sender that was refused last, and on which input; for the log. */
  lastRefused: string | null = null

  /** `wake` calls its argument soon, after what is being read now. */
  constructor(parts: {
    allow: readonly AddressRange[]
    store: LineStore
    clock: Clock
    maxWaitingBytes: number
    wake: (work: () => void) => void
  }) {
    this.#allow = parts.allow
    this.#store = parts.store
    this.#clock = parts.clock
    this.#maxWaitingBytes = parts.maxWaitingBytes
    this.#wake = parts.wake
  }

  get full(): boolean {
    return this.#takenBytes + this.#store.waitingBytes >= this.#maxWaitingBytes
  }

  session(sender: Sender, hooks: SessionHooks | null = null): Session {
    const address = parseAddress(sender.address)
    const allowed = address !== null && this.#allow.some((range) => isInRange(address, range))
    const sourceId = `${sender.transport} ${sender.address}`
    return {
      sender,
      hooks,
      verdict: allowed
        ? { kind: 'admitted', sourceId, constituent: '', exercise: false, collector: false }
        : { kind: 'refused', reason: 'unknown-source', sourceId, constituent: '', ground: null },
      decidedFor: 0,
      block: null,
      told: false,
    }
  }

  frame(
    session: Session,
    octets: Buffer,
    truncatedBytes: number,
    framing: Framing,
    _peerPort: number | null,
    marks: FrameMarks = NO_MARKS,
  ): boolean {
    const { sender, verdict } = session
    const input = sender.listener.split(':')[0] as string
    const tally = this.tallyOf(input)
    tally.received += 1
    if (verdict.kind === 'refused') {
      this.turnedAway(session)
      tally.refused += 1
      return false
    }
    if (framing === 'datagram' && this.full) {
      tally.dropped += 1
      return false
    }
    const line = {
      receivedAt: this.#clock.now(),
      truncatedBytes,
      possibleRepeat: marks.possibleRepeat ?? false,
      framing,
      origin: { input, transport: sender.transport, address: sender.address },
      position: '',
      octets,
    }
    if (this.#taken.length === 0) this.#wake(() => this.flush())
    this.#taken.push({ session, line, receipt: marks.receipt ?? null })
    this.#takenBytes += octets.length + LINE_OVERHEAD_BYTES
    return true
  }

  turnedAway({ sender }: Session): void {
    this.lastRefused = `${sender.address} on ${sender.listener}`
  }

  endSession(_session: Session): void {
    this.flush()
  }

  onceDrained(resume: () => void): void {
    this.#drained.add(resume)
    this.#release()
  }

  /** Datagrams that the kernel dropped on a listener. */
  kernelDropped(listener: string, count: number): void {
    const tally = this.tallyOf(listener.split(':')[0] as string)
    tally.received += count
    tally.dropped += count
  }

  /** Hands what was taken to the store. */
  flush(): void {
    const taken = this.#taken
    this.#taken = []
    this.#takenBytes = 0
    const receipts = new Map<Session, number[]>()
    for (const { session } of taken) if (!receipts.has(session)) receipts.set(session, [])
    // What is written down of a session must be there before its lines are.
    for (const session of receipts.keys()) session.hooks?.sending?.()
    let last: Promise<number> | null = null
    for (const { session, line, receipt } of taken) {
      last = this.#store.append(line)
      if (receipt !== null) receipts.get(session)?.push(receipt)
    }
    // Lines become safe in order: when the last is, all are.
    void last?.then(() => {
      for (const [session, numbers] of receipts) if (numbers.length > 0) session.hooks?.accepted(numbers)
      this.#release()
    })
  }

  tallyOf(input: string): InputTally {
    let tally = this.tally.get(input)
    if (tally === undefined) {
      tally = { received: 0, refused: 0, dropped: 0 }
      this.tally.set(input, tally)
    }
    return tally
  }

  #release(): void {
    if (this.#drained.size === 0 || this.#takenBytes + this.#store.waitingBytes > this.#maxWaitingBytes / 2) return
    const waiting = [...this.#drained]
    this.#drained.clear()
    for (const resume of waiting) resume()
  }
}
