import { writeFileSync } from 'node:fs'
import type { DeadLetter } from '@tocsin/events'
import type { Command } from '@tocsin/runtime'
import { readOptionsAndWords } from '../arguments.ts'
import { atDesk, type Desk, decodedAs } from '../dead-letters/desk.ts'
import { letterJson, letterText } from '../dead-letters/print.ts'
import { recordText } from '../dead-letters/record-text.ts'
import { recordToReplay } from '../dead-letters/replay.ts'
import { StackError } from '../stack/stack-error.ts'

const options = { json: { type: 'boolean' }, octets: { type: 'string' }, record: { type: 'string' } } as const

export const dlqShow: Command = {
  name: 'dlq show',
  summary: 'show one dead letter whole: reason, coordinates, headers, octets; or write its octets or record to a file',
  usage: 'dlq show ID [--json] [--octets FILE] [--record FILE]',
  examples: [
    'tocsin dlq show 3f0a91',
    'tocsin dlq show 3f0a91 --octets value.bin',
    'tocsin dlq show 3f0a91 --record value.json',
  ],
  async run(args, io) {
    const { values, positionals } = readOptionsAndWords(args, options)
    const [id] = positionals
    if (id === undefined || positionals.length > 1)
      throw new StackError('bad_argument', 'One id of a dead letter is wanted; `tocsin dlq list` shows them.')
    return atDesk(io, async (desk) => {
      const [letter] = (await desk.letters([id])) as [DeadLetter]
      const record = await recordIn(desk, letter)
      if (values.octets !== undefined) writeFileSync(values.octets, letter.original, { mode: 0o600 })
      if (values.record !== undefined) {
        if (record === null)
          throw new StackError('bad_argument', `--record: the octets of ${letter.deadLetterId} do not decode.`)
        writeFileSync(values.record, `${recordText(record, 2)}\n`, { mode: 0o600 })
      }
      if (values.json === true) io.stdout.write(`${letterJson(letter, record)}\n`)
      else if (values.octets === undefined && values.record === undefined)
        for (const line of letterText(letter, record)) io.stdout.write(`${line}\n`)
      return 0
    })
  },
}

/** What the octets decode to; null where they do not: that is often why they are here. */
async function recordIn(desk: Desk, letter: DeadLetter): Promise<object | null> {
  try {
    return await decodedAs(desk.kafka, recordToReplay(letter, desk.topicPrefix), letter.original)
  } catch {
    return null
  }
}
