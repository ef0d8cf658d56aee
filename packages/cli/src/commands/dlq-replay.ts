import { hostname } from 'node:os'
import type { DeadLetter } from '@tocsin/events'
import type { Command } from '@tocsin/runtime'
import { readOptionsAndWords } from '../arguments.ts'
import { nextAuditEntry } from '../dead-letters/audit.ts'
import { atDesk, type Desk } from '../dead-letters/desk.ts'
import { fixOf } from '../dead-letters/fixes.ts'
import { type Fixed, type Replay, replayOf } from '../dead-letters/replay.ts'
import { visibleOctets } from '../dead-letters/visible.ts'
import { StackError } from '../stack/stack-error.ts'

const options = { 'dry-run': { type: 'boolean' } } as const

/** One dead letter on its way back. */
interface Planned {
  letter: DeadLetter
  fixed: Fixed
  replay: Replay
}

export const dlqReplay: Command = {
  name: 'dlq replay',
  summary:
    'send fixed dead letters back to their topics, with their keys and headers; --dry-run only says what it would do',
  usage: 'dlq replay ID… [--dry-run]',
  examples: ['tocsin dlq replay 3f0a91 --dry-run', 'tocsin dlq replay 3f0a91'],
  async run(args, io) {
    const { values, positionals } = readOptionsAndWords(args, options)
    if (positionals.length === 0)
      throw new StackError('bad_argument', 'At least one id of a dead letter is wanted; `tocsin dlq list` shows them.')
    return atDesk(io, async (desk) => {
      // All are checked before the first is sent.
      const planned = (await desk.letters(positionals)).map((letter): Planned => {
        const fixed = fixOf(desk.dataFolder, letter.deadLetterId)
        return { letter, fixed, replay: replayOf(letter, fixed, desk.topicPrefix) }
      })
      const isDry = values['dry-run'] === true
      if (!isDry) await send(desk, planned)
      for (const entry of planned) io.stdout.write(`${isDry ? 'would replay' : 'replayed'} ${described(entry)}\n`)
      return 0
    })
  },
}

function described({ letter, fixed, replay }: Planned): string {
  const key = visibleOctets(replay.key).join(' ')
  return `${letter.deadLetterId} to ${replay.topic} (${fixed.by}, key ${key}, ${replay.value.length} octets, ${replay.headers.length} headers)`
}

/** Writes each down, then sends it: what is not in the audit trail is not done. */
async function send(desk: Desk, planned: readonly Planned[]): Promise<void> {
  const chainId = `cli-${hostname()}`
  let head = await desk.auditHead(chainId)
  const publisher = await desk.kafka.publisher()
  for (const { letter, fixed, replay } of planned) {
    head = nextAuditEntry(chainId, head, {
      at: desk.kafka.clock.now(),
      actor: desk.actor,
      deadLetterId: letter.deadLetterId,
      constituent: letter.constituent,
      reason: `${letter.code}; ${fixed.by}; ${letter.topic}/${letter.partition}/${letter.offset}`,
    })
    await publisher.send({ topic: 'audit-entries', key: chainId, value: head })
    await publisher.sendRaw(replay)
  }
}
