import { type DeadLetter, RECORD_NAMES, type RecordName, topicOf } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'

/** How the value to replay came about. */
export type FixedBy = 'as-is' | 'octets' | 'json'

/** A dead letter with the value that goes back to its topic. */
export interface Fixed {
  deadLetterId: string
  by: FixedBy
  /** The framed octets to write. */
  value: Buffer
  /** The key to write. */
  key: Buffer
  fixedAt: number
}

/** What a replay writes. */
export interface Replay {
  topic: string
  key: Buffer
  value: Buffer
  headers: readonly Record<string, Buffer>[]
}

/** Header of a replayed record: the dead letter that it comes from. */
export const REPLAY_HEADER = 'tocsin-replay-of'

/**
 * Takes a dead letter and the prefix of topics; gives the record that its topic carries. Throws `TocsinError`:
 * `dead_letter_of_dead_letter`, because an error about an error must not go round, or `foreign_topic` where the topic is
 * none of ours that carries records.
 */
export function recordToReplay(letter: DeadLetter, topicPrefix: string): RecordName {
  const topic = letter.topic.startsWith(topicPrefix) ? letter.topic.slice(topicPrefix.length) : null
  if (topic === topicOf('dead-letter')) {
    throw new TocsinError(
      'dead_letter_of_dead_letter',
      `${letter.deadLetterId} is the dead letter of a dead letter: it is kept and shown, never fixed or replayed.`,
    )
  }
  const record = RECORD_NAMES.find((name) => topicOf(name) === topic)
  if (record === undefined) {
    throw new TocsinError(
      'foreign_topic',
      `${letter.deadLetterId} comes from ${letter.topic}, which is no topic of records here: nothing is written to it (TOCSIN_TOPIC_PREFIX is "${topicPrefix}").`,
    )
  }
  return record
}

/**
 * Takes a dead letter and its fix; gives what is written: the fixed value under its key with the headers of the original,
 * and one more that names the dead letter. Throws as `recordToReplay` does.
 */
export function replayOf(letter: DeadLetter, fixed: Fixed, topicPrefix: string): Replay {
  recordToReplay(letter, topicPrefix)
  const original = Object.entries(letter.headers).filter(([name]) => name !== REPLAY_HEADER)
  return {
    topic: letter.topic,
    key: fixed.key,
    value: fixed.value,
    headers: [
      ...original.map(([name, value]) => ({ [name]: value })),
      { [REPLAY_HEADER]: Buffer.from(letter.deadLetterId) },
    ],
  }
}

/** The key of the fixed record: the one given, else the original's. Throws `bad_key` where there is neither. */
export function keyOf(letter: DeadLetter, given: string | undefined): Buffer {
  if (given !== undefined && given !== '') return Buffer.from(given)
  if (letter.key === null) {
    throw new TocsinError(
      'bad_key',
      `${letter.deadLetterId} has no key and every topic of ours is keyed: give one with --key (see schemas/README.md).`,
    )
  }
  return letter.key
}

/** Finds the one dead letter whose id begins so. Throws `no_such_dead_letter` where there is none or more than one. */
export function onlyOne(id: string, letters: readonly DeadLetter[]): DeadLetter {
  const [first, second] = letters
  if (first === undefined) {
    throw new TocsinError('no_such_dead_letter', `There is no dead letter ${id}; \`tocsin dlq list\` shows all.`)
  }
  if (second !== undefined) {
    throw new TocsinError('no_such_dead_letter', `More than one dead letter begins with ${id}; give more of the id.`)
  }
  return first
}
