import { uuidV7 } from '@tocsin/events'
import { type Log, messageOf, TocsinError } from '@tocsin/runtime'
import type { Kafka, Publisher } from '@tocsin/stage/kafka'
import { AuditChain, type AuditFact, type ChainHead, openingOf } from '../audit-chain.ts'

const MAX_WAIT_MS = 5_000

/** The console's audit trail on `audit-entries`. */
export interface AuditLog {
  /**
   * Appends an entry; resolves when Kafka has it. After 5 s it throws `audit_unavailable`: what is not written down is not
   * done. The entry stays queued, so the chain has no hole.
   */
  write(fact: AuditFact): Promise<void>
}

/**
 * Opens a chain of its own for this start, `<family>-<start>` (the console's family is `console-<slot>`): two consoles that run with one slot by mistake write two
 * chains and never fork one. Its first entry names the last entry of every chain of the slot before it, so that none of them
 * can be cut off unseen.
 */
export async function openAuditLog(
  kafka: Kafka,
  publisher: Publisher,
  family: string,
  log: Log,
  nowMs: number,
): Promise<AuditLog> {
  const heads = new Map<string, ChainHead>()
  const following = await kafka.follow(['audit-entries'], { from: 'beginning' }, ({ value }) => {
    if (value === null || (value.chainId !== family && !value.chainId.startsWith(`${family}-`))) return
    if (value.seq > (heads.get(value.chainId)?.seq ?? 0)) heads.set(value.chainId, { seq: value.seq, hash: value.hash })
  })
  await following.caughtUp
  await following.close()
  const chain = new AuditChain(`${family}-${uuidV7(nowMs)}`)
  const { chainId } = chain
  await publisher.send({ topic: 'audit-entries', key: chainId, value: chain.append(openingOf(heads, nowMs)) })
  log.info({ chainId, before: heads.size }, 'audit chain opened')
  return {
    async write(fact) {
      const sent = publisher.send({ topic: 'audit-entries', key: chainId, value: chain.append(fact) })
      sent.catch((error: unknown) => {
        // Later entries would hang on one that is nowhere: begin again from what is on the topic.
        log.fatal({ code: 'publish_failed', err: error }, `An audit entry was refused: ${messageOf(error)}`)
        process.exit(1)
      })
      await within(sent, MAX_WAIT_MS)
    },
  }
}

async function within(sent: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TocsinError('audit_unavailable', 'The audit trail cannot be written now, so nothing was done.')),
      waitMs,
    )
  })
  try {
    await Promise.race([sent, late])
  } finally {
    clearTimeout(timer)
  }
}
