import { readFileSync } from 'node:fs'
import type { DeadLetter, RecordName } from '@tocsin/events'
import { type Command, messageOf, TocsinError } from '@tocsin/runtime'
import { readOptionsAndWords } from '../arguments.ts'
import { atDesk, type Desk, decodedAs } from '../dead-letters/desk.ts'
import { keepFix } from '../dead-letters/fixes.ts'
import { readRecord } from '../dead-letters/record-text.ts'
import { type FixedBy, keyOf, recordToReplay } from '../dead-letters/replay.ts'
import { StackError } from '../stack/stack-error.ts'

const options = {
  octets: { type: 'string' },
  json: { type: 'string' },
  'as-is': { type: 'boolean' },
  key: { type: 'string' },
} as const

export const dlqFix: Command = {
  name: 'dlq fix',
  summary:
    'give the value with which a dead letter is replayed: framed octets, a record as JSON, or the original as it is',
  usage: 'dlq fix ID… (--as-is | --octets FILE | --json FILE) [--key KEY]',
  examples: [
    'tocsin dlq fix 3f0a91 --as-is',
    'tocsin dlq fix 3f0a91 --json value.json',
    'tocsin dlq fix 3f0a91 --octets value.bin --key dc-edge-1',
  ],
  async run(args, io) {
    const { values, positionals } = readOptionsAndWords(args, options)
    const by = howFixed(values)
    if (positionals.length === 0 || (by !== 'as-is' && positionals.length > 1)) {
      throw new StackError('bad_argument', 'One id of a dead letter is wanted, or more of them with --as-is.')
    }
    return atDesk(io, async (desk) => {
      for (const letter of await desk.letters(positionals)) {
        const record = recordToReplay(letter, desk.topicPrefix)
        const key = keyOf(letter, values.key)
        const value = await fixedValue(desk, letter, record, by, values.json ?? values.octets ?? '')
        keepFix(desk.dataFolder, {
          deadLetterId: letter.deadLetterId,
          by,
          value,
          key,
          fixedAt: desk.kafka.clock.now(),
        })
        io.stdout.write(
          `${letter.deadLetterId} is fixed (${by}, ${value.length} octets for ${letter.topic}); \`tocsin dlq replay ${letter.deadLetterId}\` sends it\n`,
        )
      }
      return 0
    })
  },
}

function howFixed(values: { octets?: string; json?: string; 'as-is'?: boolean }): FixedBy {
  const ways: FixedBy[] = []
  if (values['as-is'] === true) ways.push('as-is')
  if (values.octets !== undefined) ways.push('octets')
  if (values.json !== undefined) ways.push('json')
  const [way] = ways
  if (way === undefined || ways.length > 1)
    throw new StackError('bad_argument', 'Exactly one of --as-is, --octets FILE and --json FILE is wanted.')
  return way
}

/** The octets to replay, checked to be a record of the topic. */
async function fixedValue(
  { kafka }: Desk,
  letter: DeadLetter,
  record: RecordName,
  by: FixedBy,
  file: string,
): Promise<Buffer> {
  switch (by) {
    case 'as-is':
    case 'octets': {
      const octets = by === 'as-is' ? letter.original : readFileOf(file)
      await decodedAs(kafka, record, octets)
      return octets
    }
    case 'json': {
      const text = readFileOf(file).toString('utf8')
      try {
        return kafka.codecs.codec(record).encode(readRecord(text) as never)
      } catch (error) {
        throw new TocsinError('undecodable_fix', `${file} is no ${record}: ${messageOf(error)}`, error)
      }
    }
    default:
      return by satisfies never
  }
}

function readFileOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StackError('bad_argument', `The file ${path} cannot be read: ${messageOf(error)}.`, error)
  }
}
