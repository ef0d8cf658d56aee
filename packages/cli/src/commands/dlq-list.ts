import type { Command } from '@tocsin/runtime'
import { readOptions } from '../arguments.ts'
import { atDesk } from '../dead-letters/desk.ts'
import { rowLine, rowTable } from '../dead-letters/print.ts'
import { isSelected, NewestRows, readTime, type Selection } from '../dead-letters/select.ts'
import { StackError } from '../stack/stack-error.ts'

const LIMIT_DEFAULT = 200
const LIMIT_MAX = 100_000
const options = {
  service: { type: 'string' },
  code: { type: 'string' },
  constituent: { type: 'string' },
  topic: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  ids: { type: 'boolean' },
} as const

export const dlqList: Command = {
  name: 'dlq list',
  summary: 'list the records that could not be handled, newest last; --json gives NDJSON, --ids only ids',
  usage:
    'dlq list [--service S] [--code C] [--constituent ID] [--topic T] [--since TIME] [--until TIME] [--limit N] [--json | --ids]',
  examples: [
    'tocsin dlq list',
    'tocsin dlq list --service normalizer --since 2h',
    'tocsin dlq list --code undecodable_record --json',
    'tocsin dlq list --code unexpected --ids | xargs tocsin dlq fix --as-is',
  ],
  async run(args, io) {
    const given = readOptions(args, options)
    const rows = new NewestRows(readLimit(given.limit))
    await atDesk(io, async (desk) => {
      const nowMs = desk.kafka.clock.now()
      const { service, code, constituent, topic } = given
      const selection: Selection = {
        service,
        code,
        constituent,
        topic,
        sinceMs: given.since === undefined ? undefined : readTime('since', given.since, nowMs),
        untilMs: given.until === undefined ? undefined : readTime('until', given.until, nowMs),
      }
      await desk.eachLetter((letter) => {
        if (isSelected(letter, selection, desk.topicPrefix)) rows.add(letter)
      })
    })
    const newest = rows.rows()
    const leftOut = rows.seen - newest.length
    if (given.json === true) for (const row of newest) io.stdout.write(`${rowLine(row)}\n`)
    else if (given.ids === true) for (const row of newest) io.stdout.write(`${row.deadLetterId}\n`)
    else if (newest.length === 0) io.stdout.write('no dead letters\n')
    else for (const line of rowTable(newest)) io.stdout.write(`${line}\n`)
    if (leftOut > 0) io.stderr.write(`${leftOut} older ones are not shown; narrow the selection or raise --limit.\n`)
    return 0
  },
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? LIMIT_DEFAULT : Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new StackError('bad_argument', `--limit has "${text}" where a number from 1 to ${LIMIT_MAX} is wanted.`)
}
