import type { Sender, Verdict } from './admission.ts'
import type { OpenBlock } from './blocks.ts'

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
