import type { Clock } from '@tocsin/runtime'
import { type Output, type OutputTo, SourceCounter } from '@tocsin/stage'
import { type Admission, NO_CONSTITUENT, type Sender, type Verdict } from './admission.ts'
import { type FrameMarks, OpenBlock } from './blocks.ts'
import type { ChainHead, HashChain } from './chain.ts'
import { unwrapCollected } from './collected-frame.ts'
import { CollectedFrames } from './collected-frames.ts'
import type { EvidenceLog } from './evidence/evidence-log.ts'
import type { Framing } from './framing.ts'
import { HealthAlarms } from './health-alarms.ts'
import type { DatagramSpool } from './spool-drain.ts'
import { Tally } from './tally.ts'

/** Where records go; `send` resolves when Kafka has acknowledged them. */
export interface Publisher {
  send(output: Output): Promise<void>
}

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

/** What a transport that answers its senders wants to hear of a session. */
export interface SessionHooks {
  /** The open block is complete and goes to Kafka next. */
  sending?(): void
  /** Kafka has the frames with these receipts; blocks may come in any order. */
  accepted(receipts: readonly number[]): void
}

/** One sender as the intake knows it: a connection, or a UDP peer. */
export interface Session {
  readonly sender: Sender
  readonly hooks: SessionHooks | null
  verdict: Verdict
  decidedFor: number
  block: OpenBlock | null
  /** The refusal of this decision has been told to the operators. */
  told: boolean
}

/** What a transport needs of whoever takes its frames: the intake, or the door of a collector. */
export type Door = Pick<Intake, 'session' | 'frame' | 'turnedAway' | 'endSession' | 'full' | 'onceDrained'>

/** Memory that a frame costs beside its octets. */
const FRAME_OVERHEAD_BYTES = 128
const NO_MARKS: FrameMarks = {}

/**
 * The way from a frame to a block that Kafka has acknowledged, and the account of it: per source and minute,
 * received = accepted + refused + dropped (design.md 2.1). A frame is accepted when its block is acknowledged.
 */
export class Intake {
  readonly tally = new Tally()
  readonly #parts: IntakeParts
  readonly #counter: SourceCounter
  readonly #alarms: HealthAlarms
  readonly #open = new Set<Session>()
  readonly #drained = new Set<() => void>()
  readonly #sending = new Set<Promise<void>>()
  readonly #collected: CollectedFrames
  #admission: Admission
  #decision = 0
  #unacknowledgedBytes = 0

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#admission = parts.admission
    this.#counter = new SourceCounter('syslog-ingest', parts.slot)
    this.#alarms = new HealthAlarms(parts.slot)
    this.#collected = this.#collectedFrames()
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
      this.#refuse(session, verdict, nowMs)
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
    this.#blockFor(session, verdict, octets.length, peerPort, nowMs).add(
      octets,
      truncatedBytes,
      framing,
      nowMs,
      peerPort,
      marks,
    )
    this.#unacknowledgedBytes += octets.length + FRAME_OVERHEAD_BYTES
    return true
  }

  /** A datagram that Kafka cannot take now waits on disk, or is dropped and counted. It counts as received when it comes back. */
  #setAside(
    { sender: { listener, address } }: Session,
    { sourceId, constituent }: Verdict & { kind: 'admitted' },
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
    this.#lose(listener, sourceId, constituent, 1, 'backlog', receivedAtMs)
    return false
  }

  /** A sender that may not send was turned away before it said anything: nothing to count but the knock itself. */
  turnedAway(session: Session): void {
    const { verdict, sender } = session
    if (verdict.kind === 'refused') this.#alarm(this.#alarms.refused(sender, verdict, this.#parts.clock.now()))
  }

  /** Closes the session's block; call when a connection ends. */
  endSession(session: Session): void {
    this.#close(session)
    this.#collected.end(session)
  }

  /** Closes every open block. */
  flush(): void {
    for (const session of this.#open) this.#close(session)
  }

  /** Datagrams that the kernel dropped on a listener: received by the machine, seen by nobody. */
  kernelDropped(listener: string, count: number): void {
    const nowMs = this.#parts.clock.now()
    this.#lose(listener, `unknown:${listener}`, NO_CONSTITUENT, count, 'kernel', nowMs)
  }

  /** True when so much waits for Kafka that readers of streams must pause. */
  get full(): boolean {
    return this.#unacknowledgedBytes >= this.#parts.maxUnacknowledgedBytes
  }

  get unacknowledgedBytes(): number {
    return this.#unacknowledgedBytes
  }

  /** Calls `resume` once, when half of the bound is free again. */
  onceDrained(resume: () => void): void {
    this.#drained.add(resume)
  }

  /** Gives the counts since the last call. */
  drainCounts(position: string): OutputTo<'source-counts'>[] {
    return this.#counter.drain(position)
  }

  /** Resolves when all that was sent so far is acknowledged. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending)
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
      close: (session) => this.#close(session),
      settle: () => {
        this.flush()
        return Promise.all(this.#sending)
      },
      repeated: (listener) => this.tally.add(listener, 'repeated'),
      gap: (own, collectorId, seq, missing) => this.#alarm(this.#alarms.gap(own, collectorId, seq, missing, nowMs())),
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

  #blockFor(
    session: Session,
    verdict: Verdict & { kind: 'admitted' },
    bytes: number,
    peerPort: number | null,
    nowMs: number,
  ): OpenBlock {
    if (session.block?.takes(bytes, nowMs) === true) return session.block
    this.#close(session)
    const { sender } = session
    const origin = {
      constituent: verdict.constituent,
      sourceId: verdict.sourceId,
      exercise: verdict.exercise,
      listener: sender.listener,
      transport: sender.transport,
      peerAddress: sender.address,
      clientCertificate: sender.certificateSubject,
    }
    session.block = new OpenBlock(origin, peerPort, nowMs)
    if (this.#open.size === 0) this.#parts.wantFlush()
    this.#open.add(session)
    return session.block
  }

  #close(session: Session): void {
    const { block } = session
    session.block = null
    this.#open.delete(session)
    if (block === null || block.frames.length === 0) return
    session.hooks?.sending?.()
    const value = block.close(this.#parts.chain, this.#parts.clock.now())
    const { sourceId, constituent, listener } = block.origin
    const frames = block.frames.length
    const receivedAt = (block.frames[0] as { receivedAt: number }).receivedAt
    this.#counter.add(sourceId, constituent, receivedAt, 'received', frames)
    this.tally.add(listener, 'received', frames)
    const sending = this.#parts.publisher.send({ topic: 'raw-blocks', key: sourceId, value }).then(
      () => {
        this.#parts.chain.acknowledge(value)
        this.#parts.evidence.acknowledge(value)
        this.#counter.add(sourceId, constituent, receivedAt, 'accepted', frames)
        this.tally.add(listener, 'accepted', frames)
        this.#release(block.bytes + frames * FRAME_OVERHEAD_BYTES)
        if (block.receipts.length > 0) session.hooks?.accepted(block.receipts)
      },
      (error: unknown) => this.#parts.onFailure(error),
    )
    this.#track(sending)
  }

  #track(sending: Promise<void>): void {
    this.#sending.add(sending)
    void sending.finally(() => this.#sending.delete(sending))
  }

  #release(bytes: number): void {
    this.#unacknowledgedBytes -= bytes
    if (this.#drained.size === 0 || this.#unacknowledgedBytes > this.#parts.maxUnacknowledgedBytes / 2) return
    const waiting = [...this.#drained]
    this.#drained.clear()
    for (const resume of waiting) resume()
  }

  #refuse(session: Session, verdict: Verdict & { kind: 'refused' }, nowMs: number): void {
    const { sender } = session
    const { sourceId, constituent, reason } = verdict
    this.tally.add(sender.listener, 'received')
    this.tally.add(sender.listener, 'refused', 1, reason)
    this.#counter.add(sourceId, constituent, nowMs, 'received')
    this.#counter.add(sourceId, constituent, nowMs, 'refused', 1, reason)
    if (!session.told) this.#alarm(this.#alarms.refused(sender, verdict, nowMs))
    session.told = true
  }

  #lose(
    listener: string,
    sourceId: string,
    constituent: string,
    count: number,
    where: 'kernel' | 'backlog',
    nowMs: number,
  ): void {
    this.tally.add(listener, 'received', count)
    this.tally.add(listener, 'dropped', count, where)
    this.#counter.add(sourceId, constituent, nowMs, 'received', count)
    this.#counter.add(sourceId, constituent, nowMs, 'dropped', count, where)
    this.#alarm(this.#alarms.lost(listener, count, where, nowMs))
  }

  #alarm(output: OutputTo<'health-events'> | null): void {
    if (output === null) return
    this.#track(this.#parts.publisher.send(output).catch((error: unknown) => this.#parts.onFailure(error)))
  }
}
