import type { AuditEntry, DeadLetter, RecordName } from '@tocsin/events'
import type { CommandIo } from '@tocsin/runtime'
import { TocsinError } from '@tocsin/runtime'
import { dataFolderOf } from '../data-folder.ts'
import { onlyOne } from './replay.ts'

type CommandKafka = Awaited<ReturnType<typeof import('@tocsin/stage/kafka').openKafkaForCommand>>

/** What the commands of dead letters share: the topic, the prefix, the folder of fixes. */
export interface Desk {
  kafka: CommandKafka
  topicPrefix: string
  dataFolder: string
  actor: string
  /** Gives every dead letter there is, in order of its partition. */
  eachLetter(give: (letter: DeadLetter) => void): Promise<void>
  /** The dead letters whose ids begin as each of `ids`, in that order. Throws `no_such_dead_letter`. */
  letters(ids: readonly string[]): Promise<DeadLetter[]>
  /** The newest entry of an audit chain; null where it has none. */
  auditHead(chainId: string): Promise<AuditEntry | null>
}

/** Opens the desk for one command, runs it, and closes what was opened. */
export async function atDesk<T>(io: CommandIo, work: (desk: Desk) => Promise<T>): Promise<T> {
  const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
  const kafka = await openKafkaForCommand(io.env, 'tocsin-dlq')
  try {
    return await work(deskOf(kafka, io))
  } finally {
    await kafka.close()
  }
}

function deskOf(kafka: CommandKafka, { env }: CommandIo): Desk {
  const eachLetter = async (give: (letter: DeadLetter) => void): Promise<void> => {
    const following = await kafka.follow(['dead-letters'], { from: 'beginning' }, ({ value }) => {
      if (value !== null) give(value)
    })
    await following.caughtUp
    await following.close()
  }
  return {
    kafka,
    topicPrefix: env.TOCSIN_TOPIC_PREFIX ?? '',
    dataFolder: dataFolderOf(env.TOCSIN_STACK),
    actor: env.USER ?? env.LOGNAME ?? 'unknown',
    eachLetter,
    async letters(ids) {
      const found = ids.map(() => new Map<string, DeadLetter>())
      await eachLetter((letter) => {
        for (const [index, id] of ids.entries())
          if (letter.deadLetterId.startsWith(id)) found[index]?.set(letter.deadLetterId, letter)
      })
      return ids.map((id, index) => onlyOne(id, [...(found[index]?.values() ?? [])]))
    },
    async auditHead(chainId) {
      let head: AuditEntry | null = null
      const following = await kafka.follow(['audit-entries'], { from: 'beginning' }, ({ value }) => {
        if (value !== null && value.chainId === chainId && value.seq > (head?.seq ?? 0)) head = value
      })
      await following.caughtUp
      await following.close()
      return head
    },
  }
}

/** What octets decode to as `record`. Throws `undecodable_fix` with the reason where they do not. */
export async function decodedAs(kafka: CommandKafka, record: RecordName, octets: Buffer): Promise<object> {
  try {
    return await kafka.codecs.decode(record, octets)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'registry_unreachable') throw error
    throw new TocsinError(
      'undecodable_fix',
      `The value does not decode as ${record}, so it would be a dead letter again: ${message}`,
      error,
    )
  }
}
