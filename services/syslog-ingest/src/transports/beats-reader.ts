import { type LumberjackFrame, LumberjackFramer, lumberjackAnswer } from '../lumberjack-framing.ts'
import type { RepeatWatch } from '../repeat-windows.ts'
import type { Session } from '../session.ts'
import type { ReaderContext, StreamProtocol, StreamReader } from './stream-reader.ts'

/** A sender that hears nothing for its own time-out (30 s by default) begins anew; so it hears that we are at it. */
const STILL_HERE_MS = 5_000
const FAREWELL_ANSWERS_MS = 2_000

/** Beats (lumberjack version 2): a window of events is answered when Kafka has all of them. */
export const beatsReader: StreamProtocol = (context) => new BeatsReader(context)

/** Events that one answer is for. */
interface Window {
  size: number
  /** Numbers of its events in this connection: the first, and how many came. */
  first: number
  came: number
  lastSeq: number
}

class BeatsReader implements StreamReader {
  readonly #context: ReaderContext
  readonly #session: Session
  readonly #watch: RepeatWatch
  readonly #framer: LumberjackFramer
  readonly #windows: Window[] = []
  readonly #accepted = new Set<number>()
  readonly #stillHere: NodeJS.Timeout
  #problem: 'protocol_error' | 'not_admitted' | null = null
  #events = 0
  #next = 1
  #done = 0
  #leaving = false
  #answered: (() => void) | null = null

  constructor(context: ReaderContext) {
    this.#context = context
    const { listener, transport, address, certificateSubject, intake, repeats, maxFrameBytes } = context
    this.#session = intake.session(
      { listener, transport, address, certificateSubject },
      { sending: () => this.#watch.sending(), accepted: (numbers) => this.#acceptedBy(numbers) },
    )
    this.#watch = repeats.begin([this.sourceId ?? '', address, certificateSubject ?? ''].join('\n'))
    this.#framer = new LumberjackFramer((frame) => this.#take(frame), maxFrameBytes)
    this.#stillHere = setInterval(() => {
      if (this.#windows.length > 0) this.#write(0)
    }, STILL_HERE_MS)
  }

  get sourceId(): string | null {
    const { verdict } = this.#session
    return verdict.kind === 'admitted' ? verdict.sourceId : null
  }

  get unfinished(): boolean {
    return this.#framer.unfinished
  }

  push(chunk: Buffer): number | 'protocol_error' | 'not_admitted' {
    this.#events = 0
    if (this.#leaving) return 0
    if (this.#session.verdict.kind === 'refused') {
      this.#context.intake.turnedAway(this.#session)
      return 'not_admitted'
    }
    if (!this.#framer.push(chunk)) return 'protocol_error'
    return this.#problem ?? this.#events
  }

  end(): void {
    clearInterval(this.#stillHere)
    this.#context.intake.endSession(this.#session)
    // There is no goodbye in this protocol: whether the last answer arrived is not known.
    this.#watch.ended(false)
  }

  async farewell(): Promise<void> {
    this.#leaving = true
    this.#context.intake.endSession(this.#session)
    if (this.#done + 1 === this.#next) return
    const late = setTimeout(() => this.#answered?.(), FAREWELL_ANSWERS_MS)
    await new Promise<void>((resolve) => {
      this.#answered = resolve
    })
    clearTimeout(late)
  }

  #take(frame: LumberjackFrame): void {
    this.#events += 1
    if (this.#problem !== null) return
    const window = this.#windows.at(-1)
    if (frame.kind === 'window') {
      if (window !== undefined && window.came < window.size) this.#problem = 'protocol_error'
      else this.#windows.push({ size: frame.size, first: this.#next, came: 0, lastSeq: 0 })
      return
    }
    if (window === undefined || window.came === window.size) {
      this.#problem = 'protocol_error'
      return
    }
    window.came += 1
    window.lastSeq = frame.seq
    this.#event(frame)
  }

  #event({ octets, truncatedBytes }: LumberjackFrame & { kind: 'event' }): void {
    const receipt = this.#next++
    if (octets.length === 0) {
      this.#acceptedBy([receipt])
      return
    }
    const marks = { receipt, possibleRepeat: this.#watch.seen(octets) }
    const { intake, peerPort } = this.#context
    if (!intake.frame(this.#session, octets, truncatedBytes, 'beats', peerPort, marks)) this.#problem = 'not_admitted'
  }

  #acceptedBy(numbers: readonly number[]): void {
    for (const number of numbers) this.#accepted.add(number)
    while (this.#accepted.delete(this.#done + 1)) this.#done += 1
    for (let [window] = this.#windows; window !== undefined; [window] = this.#windows) {
      if (window.came < window.size || this.#done < window.first + window.size - 1) break
      this.#windows.shift()
      this.#write(window.lastSeq)
    }
    if (this.#done + 1 < this.#next) return
    this.#answered?.()
    this.#answered = null
  }

  #write(seq: number): void {
    if (this.#context.socket.writable) this.#context.socket.write(lumberjackAnswer(seq))
  }
}
