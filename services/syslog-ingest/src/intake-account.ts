import { type Output, type OutputTo, SourceCounter } from '@tocsin/stage'
import { NO_CONSTITUENT, type Sender, type Verdict } from './admission.ts'
import type { OpenBlock } from './blocks.ts'
import { HealthAlarms } from './health-alarms.ts'
import type { Session } from './session.ts'
import { Tally } from './tally.ts'

type Refused = Verdict & { kind: 'refused' }
type Admitted = Verdict & { kind: 'admitted' }

/** Frames that never reached a block. */
interface Loss {
  listener: string
  sourceId: string
  constituent: string
  count: number
  where: 'kernel' | 'backlog'
  atMs: number
}

/**
 * The account of the door (design.md 2.1): per source and minute, received = accepted + refused + dropped; the counts of
 * /metrics beside it, and what operators are told of refusals, losses and gaps.
 */
export class IntakeAccount {
  readonly tally = new Tally()
  readonly #counter: SourceCounter
  readonly #alarms: HealthAlarms
  readonly #send: (output: Output) => void

  /** @param send publishes a health event. */
  constructor(slot: number, send: (output: Output) => void) {
    this.#counter = new SourceCounter('syslog-ingest', slot)
    this.#alarms = new HealthAlarms(slot)
    this.#send = send
  }

  /** A block goes to Kafka; gives what to call when Kafka has it. */
  sending({ origin: { sourceId, constituent, listener }, frames }: OpenBlock, receivedAt: number): () => void {
    const count = frames.length
    this.#counter.add(sourceId, constituent, receivedAt, 'received', count)
    this.tally.add(listener, 'received', count)
    return () => {
      this.#counter.add(sourceId, constituent, receivedAt, 'accepted', count)
      this.tally.add(listener, 'accepted', count)
    }
  }

  /** A frame of a sender that may not send; told once for each decision. */
  refused(session: Session, verdict: Refused, nowMs: number): void {
    const { sender } = session
    const { sourceId, constituent, reason } = verdict
    this.tally.add(sender.listener, 'received')
    this.tally.add(sender.listener, 'refused', 1, reason)
    this.#counter.add(sourceId, constituent, nowMs, 'received')
    this.#counter.add(sourceId, constituent, nowMs, 'refused', 1, reason)
    if (!session.told) this.knocked(sender, verdict, nowMs)
    session.told = true
  }

  /** A sender that may not send was there, whether or not it said anything. */
  knocked(sender: Sender, verdict: Refused, nowMs: number): void {
    this.#tell(this.#alarms.refused(sender, verdict, nowMs))
  }

  /** A datagram for which there was no room, in memory or on disk. */
  noRoom(listener: string, { sourceId, constituent }: Admitted, atMs: number): void {
    this.#lose({ listener, sourceId, constituent, count: 1, where: 'backlog', atMs })
  }

  /** Datagrams that the kernel dropped on a listener: received by the machine, seen by nobody. */
  kernelDropped(listener: string, count: number, atMs: number): void {
    const constituent = NO_CONSTITUENT
    this.#lose({ listener, sourceId: `unknown:${listener}`, constituent, count, where: 'kernel', atMs })
  }

  /** Lines are missing in what a collector forwards. */
  gap(own: Admitted, collectorId: string, seq: number, missing: number, nowMs: number): void {
    this.#tell(this.#alarms.gap(own, collectorId, seq, missing, nowMs))
  }

  /** Gives the counts since the last call. */
  drain(position: string): OutputTo<'source-counts'>[] {
    return this.#counter.drain(position)
  }

  #lose({ listener, sourceId, constituent, count, where, atMs }: Loss): void {
    this.tally.add(listener, 'received', count)
    this.tally.add(listener, 'dropped', count, where)
    this.#counter.add(sourceId, constituent, atMs, 'received', count)
    this.#counter.add(sourceId, constituent, atMs, 'dropped', count, where)
    this.#tell(this.#alarms.lost(listener, count, where, atMs))
  }

  #tell(output: OutputTo<'health-events'> | null): void {
    if (output !== null) this.#send(output)
  }
}
