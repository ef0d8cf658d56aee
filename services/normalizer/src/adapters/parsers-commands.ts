import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { settingsOf } from '../frame-event.ts'
import { checkParser } from '../operator-parsers/check.ts'
import { Shadow, type ShadowReport } from '../operator-parsers/shadow.ts'
import type { Frame, Parser } from '../parser.ts'
import { parsers as builtIn } from '../parsers/index.ts'
import { liveParsers, promoteFile } from './parser-files.ts'
import { reread } from './re-read-command.ts'

const check: Command = {
  name: 'parsers check',
  summary: 'check parser files of your own: shape, fields, patterns and cases.',
  usage: 'parsers check FILE…',
  examples: ['tocsin parsers check acme_gate.yaml'],
  async run(files, io) {
    if (files.length === 0) return misused(io, this.usage)
    for (const file of files) {
      const parser = checkParser(file, await readFile(file, 'utf8'), builtIn)
      io.stdout.write(`${file}: ${parser.name} is good\n`)
    }
    return 0
  },
}

const diffOptions = {
  lines: { type: 'string' },
  'live-minutes': { type: 'string' },
  dir: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const shadow: Command = {
  name: 'parsers shadow',
  summary:
    'run a parser file beside the live parsers and show, field by field, what it would change; nothing is written.',
  usage: 'parsers shadow FILE (--lines EVENTS.ndjson | --live-minutes N) [--dir DIR] [--json]',
  examples: [
    'tocsin parsers shadow acme_gate.yaml --live-minutes 60',
    'tocsin parsers shadow acme_gate.yaml --lines events.ndjson',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], options: diffOptions, allowPositionals: true })
    const [file] = positionals
    if (file === undefined || positionals.length > 1) return misused(io, this.usage)
    await shadowed(file, values, io)
    return 0
  },
}

const promote: Command = {
  name: 'parsers promote',
  summary: 'shadow a parser file, show the diff, then put it into the folder that the normalizer reads.',
  usage: 'parsers promote FILE (--lines EVENTS.ndjson | --live-minutes N) [--dir DIR] [--json]',
  examples: ['tocsin parsers promote acme_gate.yaml --live-minutes 60 --dir /etc/tocsin/parsers'],
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], options: diffOptions, allowPositionals: true })
    const [file] = positionals
    const folder = values.dir ?? io.env['NORMALIZER_PARSERS_DIR']
    if (file === undefined || positionals.length > 1) return misused(io, this.usage)
    if (folder === undefined)
      throw new TocsinError(
        'bad_argument',
        'Where the parsers live is not known: give --dir or set NORMALIZER_PARSERS_DIR.',
      )
    const { parser, text, report } = await shadowed(file, values, io)
    if (Object.keys(report.taken).length === 0)
      throw new TocsinError(
        'parser_takes_nothing',
        `${parser.name} takes none of the ${report.lines} lines it was tried on, so nothing is known of what it does: try it on lines of its device.`,
      )
    io.stdout.write(`${await promoteFile(folder, parser.name, text)} is live at the normalizer's next look\n`)
    return 0
  },
}

/** `tocsin parsers check|shadow|promote|reread`. */
export const parsersCommands: readonly Command[] = [check, shadow, promote, reread]

interface ShadowOptions {
  readonly lines?: string
  readonly 'live-minutes'?: string
  readonly dir?: string
  readonly json?: boolean
}

async function shadowed(
  file: string,
  options: ShadowOptions,
  io: CommandIo,
): Promise<{ parser: Parser; text: string; report: ShadowReport }> {
  const text = await readFile(file, 'utf8')
  const parser = checkParser(file, text, builtIn)
  const run = new Shadow(await liveParsers(options.dir ?? io.env['NORMALIZER_PARSERS_DIR'], builtIn, io.stderr), parser)
  if (options.lines !== undefined) await addLines(options.lines, run)
  else if (options['live-minutes'] !== undefined) await addLive(Number(options['live-minutes']), run, io)
  else throw new TocsinError('bad_argument', 'Lines to try the parser on are wanted: --lines FILE or --live-minutes N.')
  const report = run.report()
  io.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : printed(parser.name, report))
  return { parser, text, report }
}

/** Lines as `tocsin normalize` takes them: `{"message": …}` or bare ones. */
async function addLines(file: string, run: Shadow): Promise<void> {
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (line === '') continue
    run.add({ octets: Buffer.from(messageOf(line)), receivedAt: Date.now(), source: {} })
  }
}

function messageOf(line: string): string {
  try {
    const value = JSON.parse(line) as { message?: unknown } | null
    return typeof value?.message === 'string' ? value.message : line
  } catch {
    return line
  }
}

/** The frames that came in the last minutes, each as its source is registered. */
async function addLive(minutes: number, run: Shadow, io: CommandIo): Promise<void> {
  if (!(minutes > 0 && minutes <= 10_080)) throw new TocsinError('bad_argument', '--live-minutes is 1 to 10080.')
  const kafka = await openKafkaForCommand(io.env, 'tocsin-parsers')
  try {
    const sources = await kafka.table('registry-sources')
    const since = kafka.clock.now() - minutes * 60_000
    const following = await kafka.follow(['raw-blocks'], { from: 'beginning' }, ({ value: block }) => {
      if (block === null || block.receivedAt < since) return
      const source = settingsOf(sources.get(block.sourceId))
      for (const { octets, receivedAt } of block.frames) run.add({ octets, receivedAt, source } satisfies Frame)
    })
    await following.caughtUp
    await following.close()
  } finally {
    await kafka.close()
  }
}

function printed(name: string, { lines, taken, fields }: ShadowReport): string {
  const owners = Object.entries(taken).map(([owner, count]) => `${count} of ${owner}`)
  const rows = fields.map(
    ({ field, added, changed, removed, examples }) =>
      `${field.padEnd(32)} +${added} ~${changed} -${removed}\n${examples.map((example) => `    ${visible(example)}\n`).join('')}`,
  )
  return `${lines} lines; ${name} takes ${owners.length === 0 ? 'none' : owners.join(', ')}\n${rows.join('')}`
}

/** Lines come from outside: nothing of them may move the reader's terminal. */
function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function misused(io: CommandIo, usage: string): number {
  io.stderr.write(`Usage: tocsin ${usage}\n`)
  return 2
}
