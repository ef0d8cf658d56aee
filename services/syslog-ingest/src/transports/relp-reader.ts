import { type RelpFrame, RelpFramer, relpResponse } from '../relp-framing.ts'
import type { RepeatWatch } from '../repeat-windows.ts'
import type { Session } from '../session.ts'
import type { ReaderContext, StreamProtocol, StreamReader } from './stream-reader.ts'

const SOFTWARE = 'relp_software=tocsin'
const WELCOME = `200 OK\nrelp_version=0\n${SOFTWARE}\ncommands=syslog`
/** Answers that a sender does not read may not fill our memory. */
const UNREAD_ANSWERS_MAX_BYTES = 1024 * 1024
const FAREWELL_ANSWERS_MS = 2_000

/**
 * RELP: every frame is answered, and only when Kafka has it (design.md 2.1). A sender repeats in its next session what
 * was not answered; frames that an earlier session may have handed in are marked.
 */
export const relpReader: StreamProtocol = (context) => new RelpReader(context)

class RelpReader implements StreamReader {
  readonly #context: ReaderContext
  readonly #session: Session
  readonly #watch: RepeatWatch
  readonly #framer: RelpFramer
  #state: 'new' | 'open' | 'closing' | 'closed' = 'new'
  #problem: 'protocol_error' | 'not_admitted' | null = null
  #frames = 0
  #leaving = false
  #unanswered = 0
  #answered: (() => void) | null = null

  constructor(context: ReaderContext) {
    this.#context = context
    const { listener, transport, address, certificateSubject, intake, repeats, maxFrameBytes } = context
    this.#session = intake.session(
      { listener, transport, address, certificateSubject },
      { sending: () => this.#watch.sending(), accepted: (txnrs) => this.#answer(txnrs) },
    )
    this.#watch = repeats.begin([this.sourceId ?? '', address, certificateSubject ?? ''].join('\n'))
    this.#framer = new RelpFramer((frame) => this.#take(frame), maxFrameBytes)
  }

  get sourceId(): string | null {
    const { verdict } = this.#session
    return verdict.kind === 'admitted' ? verdict.sourceId : null
  }

  get unfinished(): boolean {
    return this.#framer.unfinished
  }

  push(chunk: Buffer): number | 'protocol_error' | 'not_admitted' | 'slow_reader' {
    this.#frames = 0
    if (this.#leaving) return 0
    if (!this.#framer.push(chunk)) return 'protocol_error'
    if (this.#problem !== null) return this.#problem
    if (this.#context.socket.writableLength > UNREAD_ANSWERS_MAX_BYTES) return 'slow_reader'
    return this.#frames
  }

  end(): void {
    this.#context.intake.endSession(this.#session)
    this.#watch.ended(this.#state === 'closed')
  }

  async farewell(): Promise<void> {
    this.#leaving = true
    this.#context.intake.endSession(this.#session)
    const late = setTimeout(() => this.#answered?.(), FAREWELL_ANSWERS_MS)
    if (this.#unanswered > 0) {
      await new Promise<void>((resolve) => {
        this.#answered = resolve
      })
    }
    clearTimeout(late)
    this.#write('0 serverclose 0\n')
  }

  #take(frame: RelpFrame): void {
    this.#frames += 1
    if (this.#problem !== null) return
    switch (frame.command) {
      case 'open':
        this.#open(frame)
        break
      case 'syslog':
        this.#syslog(frame)
        break
      case 'close':
        this.#close(frame.txnr)
        break
      default:
        this.#write(relpResponse(frame.txnr, '500 unknown command'))
    }
  }

  #open({ txnr, data }: RelpFrame): void {
    const offers = data.toString('latin1').split('\n')
    if (this.#state !== 'new' || !offers.some((offer) => /^commands=(.*,)?syslog(,|$)/.test(offer))) {
      this.#fail(txnr, '500 open must come first and offer the command syslog', 'protocol_error')
    } else if (this.#session.verdict.kind === 'refused') {
      this.#context.intake.turnedAway(this.#session)
      this.#fail(txnr, '500 not a registered sender', 'not_admitted')
    } else {
      this.#state = 'open'
      this.#write(relpResponse(txnr, WELCOME))
    }
  }

  #syslog({ txnr, data, truncatedBytes }: RelpFrame): void {
    if (this.#state !== 'open') {
      this.#fail(txnr, '500 the session is not open', 'protocol_error')
      return
    }
    if (data.length === 0) {
      this.#write(relpResponse(txnr, '200 OK'))
      return
    }
    const possibleRepeat = this.#watch.seen(data)
    this.#unanswered += 1
    const marks = { receipt: txnr, possibleRepeat }
    const { intake, peerPort } = this.#context
    if (intake.frame(this.#session, data, truncatedBytes, 'relp', peerPort, marks)) return
    this.#unanswered -= 1
    this.#fail(txnr, '500 no longer a registered sender', 'not_admitted')
  }

  /** The answer to `close` comes last, when all frames before it are answered. */
  #close(txnr: number): void {
    this.#state = 'closing'
    this.#context.intake.endSession(this.#session)
    const finish = () => {
      this.#state = 'closed'
      this.#write(relpResponse(txnr, '200 OK'))
      this.#write('0 serverclose 0\n')
      this.#context.socket.end()
    }
    if (this.#unanswered === 0) finish()
    else this.#answered = finish
  }

  #answer(txnrs: readonly number[]): void {
    this.#unanswered -= txnrs.length
    this.#write(txnrs.map((txnr) => relpResponse(txnr, '200 OK')).join(''))
    if (this.#unanswered > 0) return
    this.#answered?.()
    this.#answered = null
  }

  #fail(txnr: number, text: string, problem: 'protocol_error' | 'not_admitted'): void {
    this.#problem = problem
    this.#write(relpResponse(txnr, text))
  }

  #write(text: string): void {
    if (this.#context.socket.writable) this.#context.socket.write(text)
  }
}
