import type { Delivery, Ticket } from '@tocsin/events'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'

/** What the exporter has written so far, newest last. */
export interface Ledger {
  tickets: Ticket[]
  /** Rows about tickets. */
  deliveries: Delivery[]
  /** Rows about the two lists. */
  lists: Delivery[]
}

/** Reads the topics `tickets` and `deliveries` whole. */
export async function readLedger(kafka: Pick<Kafka, 'follow'>): Promise<Ledger> {
  const ledger: Ledger = { tickets: [], deliveries: [], lists: [] }
  const following = await kafka.follow(['tickets', 'deliveries'], { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'tickets') ledger.tickets.push(record.value)
    else if (isAboutTicket(record.value)) ledger.deliveries.push(record.value)
    else if (isAboutLists(record.value)) ledger.lists.push(record.value)
  })
  await following.caughtUp
  await following.close()
  return ledger
}

/** The same for a command. */
export async function readLedgerOnce(env: Readonly<Record<string, string | undefined>>): Promise<Ledger> {
  const kafka = await openKafkaForCommand(env)
  try {
    return await readLedger(kafka)
  } finally {
    await kafka.close()
  }
}

/** True for rows about a ticket's file. */
export function isAboutTicket({ channel, caseId }: Delivery): boolean {
  return channel === 'ftps' && caseId !== null
}

/** True for rows about the two lists. */
export function isAboutLists({ channel, subjectId }: Delivery): boolean {
  return channel === 'ftps' && subjectId.startsWith('lists ')
}
