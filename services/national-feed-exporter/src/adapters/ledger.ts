import type { Delivery, Ticket } from '@tocsin/events'
import { openKafkaForCommand } from '@tocsin/stage/kafka'

/** What the exporter has written so far, newest last. */
export interface Ledger {
  tickets: Ticket[]
  /** Rows about tickets; those about lists and notices are left out. */
  deliveries: Delivery[]
}

/** Reads the topics `tickets` and `deliveries` whole. */
export async function readLedger(env: Readonly<Record<string, string | undefined>>): Promise<Ledger> {
  const kafka = await openKafkaForCommand(env)
  try {
    const ledger: Ledger = { tickets: [], deliveries: [] }
    const following = await kafka.follow(['tickets', 'deliveries'], { from: 'beginning' }, (record) => {
      if (record.value === null) return
      if (record.topic === 'tickets') ledger.tickets.push(record.value)
      else if (isAboutTicket(record.value)) ledger.deliveries.push(record.value)
    })
    await following.caughtUp
    await following.close()
    return ledger
  } finally {
    await kafka.close()
  }
}

/** True for rows about a ticket's file. */
export function isAboutTicket({ channel, caseId }: Delivery): boolean {
  return channel === 'ftps' && caseId !== null
}
