import type { Clock } from '@tocsin/runtime'
import type { OutputTo } from '@tocsin/stage'
import type { Admission, Sender, Verdict } from './admission.ts'
import { Backlog } from './backlog.ts'
import type { FrameMarks } from './blocks.ts'
import type { ChainHead, HashChain } from './chain.ts'
import { unwrapCollected } from './collected-frame.ts'
import { CollectedFrames } from './collected-frames.ts'
import type { EvidenceLog } from './evidence/evidence-log.ts'
import type { Framing } from './framing.ts'
import { IntakeAccount } from './intake-account.ts'
import { OpenBlocks, type Publisher } from './open-blocks.ts'
import type { Session, SessionHooks } from './session.ts'
import type { DatagramSpool } from './spool-drain.ts'
import type { Tally } from './tally.ts'

/** What the intake is made of. */
export interface IntakeParts {
  slot: number
  chain: HashChain
  evidence: EvidenceLog
  admission: Admission
  publisher: Publisher
  clock: Clock
  /** Octets that may wait for Kafka's acknowledgement before streams pause and datagrams are dropped. */
  maxUnacknowledgedBytes: number
  /** Where datagrams wait while Kafka does not keep up; null: they are dropped and counted. */
  spool: DatagramSpool | null
  /** Asked once whenever a first block is opened: call `flush` within 20 ms. */
  wantFlush: () => void
  /** Kafka refused for good; the process ends (design.md 2.2). */
  onFailure: (error: unknown) => void
}

/** What a transport needs of whoever takes its frames: the intake, or the door of a collector. */
export type Door = Pick<Intake, 'session' | 'frame' | 'turnedAway' | 'endSession' | 'full' | 'onceDrained'>

const NO_MARKS: FrameMarks = {}

/**
 * The way from a frame to a block that Kafka has acknowledged, and the account of it: per source and minute,
 * received = accepted + refused + dropped (design.md 2.1). A frame is accepted when its block is acknowledged.
 */
export class Intake {
  readonly #parts: IntakeParts
  readonly #account: IntakeAccount
  readonly #backlog: Backlog
  readonly #blocks: OpenBlocks
  readonly #collected: CollectedFrames
  #admission: Admission
  #decision = 0

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#admission = parts.admission
    this.#backlog = new Backlog(parts.maxUnacknowledgedBytes)
    this.#account = new IntakeAccount(parts.slot, (output) => this.#blocks.track(parts.publisher.send(output)))
    this.#blocks = new OpenBlocks({ ...parts, account: this.#account, backlog: this.#backlog })
    this.#collected = this.#collectedFrames()
  }

  /** Counts for /metrics. */
  get tally(): Tally {
    return this.#account.tally
  }

  /** The registry has changed, or time has passed: every sender is decided anew at its next frame. */
  admitBy(admission: Admission): void {
    this.#admission = admission
    this.#decision += 1
  }

  /** Begins a sender's session. */
  session(sender: Sender, hooks: SessionHooks | null = null): Session {
    return this.#newSession(sender, hooks, this.#decide(sender))
  }

  /** Takes one frame; gives false where it was refused or dropped, and counted so. The octets must stay as they are. */
  frame(
    session: Session,
    octets: Buffer,
    truncatedBytes: number,
    framing: Framing,
    peerPort: number | null,
    marks: FrameMarks = NO_MARKS,
  ): boolean {
    if (session.decidedFor !== this.#decision) this.#decideAgain(session)
    const { verdict } = session
    const collected = verdict.kind === 'admitted' && verdict.collector ? unwrapCollected(octets) : null
    if (verdict.kind === 'admitted' && collected !== null) {
      this.#collected.take(session, verdict, collected, truncatedBytes, marks)
      return true
    }
    return this.#take(session, octets, truncatedBytes, framing, peerPort, marks)
  }

  #take(
    session: Session,
    octets: Buffer,
    truncatedBytes: number,
    framing: Framing,
    peerPort: number | null,
    marks: FrameMarks,
  ): boolean {
    const nowMs = marks.receivedAtMs ?? this.#parts.clock.now()
    const { verdict, sender } = session
    // What comes back from the spool was counted as cut when it came in.
    if (truncatedBytes > 0 && marks.receivedAtMs === undefined) this.tally.add(sender.listener, 'truncated')
    if (verdict.kind === 'refused') {
      this.#account.refused(session, verdict, nowMs)
      return false
    }
    if (framing === 'datagram' && marks.receipt === undefined && marks.collectorSeq === undefined) {
      const { spool } = this.#parts
      // While any waits, all wait: a source's lines stay in order.
      if (this.full || (spool !== null && spool.waiting > 0)) {
        return this.#setAside(session, verdict, octets, truncatedBytes, peerPort, nowMs)
      }
    }
    if (marks.possibleRepeat === true) this.tally.add(sender.listener, 'repeated')
    this.#blocks
      .blockFor(session, verdict, octets.length, peerPort, nowMs)
      .add(octets, truncatedBytes, framing, nowMs, peerPort, marks)
    this.#backlog.add(octets.length)
    return true
  }

  /** A datagram that Kafka cannot take now waits on disk, or is dropped and counted. It counts as received when it comes back. */
  #setAside(
    { sender: { listener, address } }: Session,
    verdict: Verdict & { kind: 'admitted' },
    octets: Buffer,
    truncatedBytes: number,
    peerPort: number | null,
    receivedAtMs: number,
  ): boolean {
    const datagram = { listener, address, peerPort, receivedAtMs, truncatedBytes, octets }
    if (this.#parts.spool?.put(datagram) === true) {
      this.tally.add(listener, 'spooled')
      return true
    }
    this.#account.noRoom(listener, verdict, receivedAtMs)
    return false
  }

  /** A sender that may not send was turned away before it said anything: nothing to count but the knock itself. */
  turnedAway(session: Session): void {
    const { verdict, sender } = session
    if (verdict.kind === 'refused') this.#account.knocked(sender, verdict, this.#parts.clock.now())
  }

  /** Closes the session's block; call when a connection ends. */
  endSession(session: Session): void {
    this.#blocks.close(session)
    this.#collected.end(session)
  }

  /** Closes every open block. */
  flush(): void {
    this.#blocks.flush()
  }

  /** Datagrams that the kernel dropped on a listener: received by the machine, seen by nobody. */
  kernelDropped(listener: string, count: number): void {
    this.#account.kernelDropped(listener, count, this.#parts.clock.now())
  }

  /** True when so much waits for Kafka that readers of streams must pause. */
  get full(): boolean {
    return this.#backlog.full
  }

  get unacknowledgedBytes(): number {
    return this.#backlog.bytes
  }

  /** Calls `resume` once, when half of the bound is free again. */
  onceDrained(resume: () => void): void {
    this.#backlog.onceDrained(resume)
  }

  /** Gives the counts since the last call. */
  drainCounts(position: string): OutputTo<'source-counts'>[] {
    return this.#account.drain(position)
  }

  /** Resolves when all that was sent so far is acknowledged. */
  settled(): Promise<void> {
    return this.#blocks.settled()
  }

  acknowledgedHead(): ChainHead {
    return this.#parts.chain.acknowledgedHead()
  }

  #decide(sender: Sender): Verdict {
    return this.#admission.decide(sender, this.#parts.clock.now())
  }

  #collectedFrames(): CollectedFrames {
    const nowMs = () => this.#parts.clock.now()
    return new CollectedFrames({
      admission: () => this.#admission,
      nowMs,
      newSession: (sender, hooks, verdict) => this.#newSession(sender, hooks, verdict),
      put: (session, octets, cutBytes, framing, marks) => this.#take(session, octets, cutBytes, framing, null, marks),
      close: (session) => this.#blocks.close(session),
      settle: () => {
        this.flush()
        return this.#blocks.sentSoFar()
      },
      repeated: (listener) => this.tally.add(listener, 'repeated'),
      gap: (own, collectorId, seq, missing) => this.#account.gap(own, collectorId, seq, missing, nowMs()),
    })
  }

  #newSession(sender: Sender, hooks: SessionHooks | null, verdict: Verdict): Session {
    return { sender, hooks, verdict, decidedFor: this.#decision, block: null, told: false }
  }

  #decideAgain(session: Session): void {
    this.endSession(session)
    session.verdict = this.#decide(session.sender)
    session.decidedFor = this.#decision
    session.told = false
  }
}
