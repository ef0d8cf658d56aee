import { taipeiDay } from './taipei-time.ts'

/**
 * Width of the partition within a number. Numbers must be unique for ever, also when a topic is given more partitions later,
 * so the width is fixed and wider than any partition count that we use. Two numbers of one day are equal only when both counter and partition
 * are: `number = counter × 64 + partition` with `partition < 64` is division with remainder, which has one answer.
 * The counter lives in the changelog of its partition and moves in the transaction that writes the ticket: after a crash it
 * goes on behind the last number that was committed. A number whose transaction was aborted may be given again; no file with it
 * can have left, because a file leaves only in a later tick, behind a later commit (exporter.ts).
 */
export const PARTITION_SLOTS = 64

/** What an Event_ID may be; it is a file name too, so nothing that a path, a shell or a spreadsheet could take for more. */
export const EVENT_ID = /^[A-Za-z0-9_-]{1,40}$/

/** A prefix that leaves room for day and number within 40 characters. */
export const EVENT_ID_PREFIX = /^[A-Za-z0-9_]{1,16}$/

/**
 * Takes the unit's prefix, the instant of issue, the counter of the unit and day in this partition (from 0) and the
 * partition; gives number and Event_ID `<prefix>-YYYYMMDD-NNNNNN`, day in Asia/Taipei. Throws RangeError for a partition
 * beyond the width: going on would double numbers.
 */
export function eventIdOf(
  prefix: string,
  issuedAt: number,
  counter: number,
  partition: number,
): { number: number; eventId: string } {
  if (partition < 0 || partition >= PARTITION_SLOTS) {
    throw new RangeError(`Partition ${partition} does not fit into the ${PARTITION_SLOTS} slots of a ticket number.`)
  }
  const number = counter * PARTITION_SLOTS + partition + 1
  return { number, eventId: `${prefix}-${taipeiDay(issuedAt)}-${String(number).padStart(6, '0')}` }
}
