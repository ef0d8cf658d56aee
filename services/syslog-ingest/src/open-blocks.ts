import type { Clock } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import type { Verdict } from './admission.ts'
import type { Backlog } from './backlog.ts'
import { OpenBlock } from './blocks.ts'
import type { HashChain } from './chain.ts'
import type { EvidenceLog } from './evidence/evidence-log.ts'
import type { IntakeAccount } from './intake-account.ts'
import type { Session } from './session.ts'

/** Where records go; `send` resolves when Kafka has acknowledged them. */
export interface Publisher {
  send(output: Output): Promise<void>
}

/** What blocks are made with, and where they go. */
export interface OpenBlocksParts {
  chain: HashChain
  evidence: EvidenceLog
  publisher: Publisher
  clock: Clock
  account: IntakeAccount
  backlog: Backlog
  /** Asked once whenever a first block is opened: call `flush` within 20 ms. */
  wantFlush: () => void
  /** Kafka refused for good; the process ends (design.md 2.2). */
  onFailure: (error: unknown) => void
}

/** The blocks that are being filled, one a session, and those on their way to Kafka. */
export class OpenBlocks {
  readonly #parts: OpenBlocksParts
  readonly #open = new Set<Session>()
  readonly #sending = new Set<Promise<void>>()

  constructor(parts: OpenBlocksParts) {
    this.#parts = parts
  }

  /** Gives the session's block, a new one where the open one has no room for a frame of so many octets. */
  blockFor(
    session: Session,
    verdict: Verdict & { kind: 'admitted' },
    bytes: number,
    peerPort: number | null,
    nowMs: number,
  ): OpenBlock {
    if (session.block?.takes(bytes, nowMs) === true) return session.block
    this.close(session)
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

  /** Sends the session's block, where it has one. */
  close(session: Session): void {
    const { block } = session
    session.block = null
    this.#open.delete(session)
    if (block === null || block.frames.length === 0) return
    const { chain, evidence, publisher, clock, account, backlog } = this.#parts
    session.hooks?.sending?.()
    const value = block.close(chain, clock.now())
    const accepted = account.sending(block, (block.frames[0] as { receivedAt: number }).receivedAt)
    this.track(
      publisher.send({ topic: 'raw-blocks', key: block.origin.sourceId, value }).then(() => {
        chain.acknowledge(value)
        evidence.acknowledge(value)
        accepted()
        backlog.release(block.bytes, block.frames.length)
        if (block.receipts.length > 0) session.hooks?.accepted(block.receipts)
      }),
    )
  }

  /** Sends every open block. */
  flush(): void {
    for (const session of this.#open) this.close(session)
  }

  /** Waits for something that was sent, so that `settled` does; its failure ends the process. */
  track(work: Promise<void>): void {
    const sending = work.catch((error: unknown) => this.#parts.onFailure(error))
    this.#sending.add(sending)
    void sending.finally(() => this.#sending.delete(sending))
  }

  /** Resolves when all that was sent until now is acknowledged. */
  async sentSoFar(): Promise<void> {
    await Promise.all(this.#sending)
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending)
  }
}
