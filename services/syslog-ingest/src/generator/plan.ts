import { parseArgs } from 'node:util'
import { TocsinError } from '@tocsin/runtime'
import { type Format, formats, type NumberedRecord, templateFormat } from './formats.ts'

/** Where to send and how a stream is framed. */
export interface Target {
  transport: 'udp' | 'tcp' | 'tls'
  host: string
  port: number
  framing: 'octet-counting' | 'newline' | 'nul'
  /** PEM files for TLS. */
  caFile: string | null
  certFile: string | null
  keyFile: string | null
  /** Do not check the server's certificate; loopback only. */
  insecure: boolean
}

/** What `tocsin gen` shall do. */
export interface GenPlan {
  target: Target
  count: number
  /** Records a second over all sources; 0: as fast as it goes. */
  rate: number
  sources: number
  sourcePrefix: string
  /** Local address of the first source, the next ones follow; null: the system's choice. */
  fromAddress: string | null
  firstSeq: number
  /** Time of the first record, UTC ms; null: each record's time of sending. */
  startTimeMs: number | null
  stepMs: number
  format: Format
  /** File of lines to send as they are, `-` for standard input; null: numbered records. */
  linesFile: string | null
}

export const USAGE =
  'gen [--to udp|tcp|tls://HOST:PORT] [--count N] [--rate N] [--format NAME | --template TEXT | --lines FILE] [--sources N] [--source-prefix TEXT] [--from-address 127.x.y.z] [--first-seq N] [--start-time ISO] [--step-ms N] [--framing octet-counting|newline|nul] [--ca FILE] [--cert FILE --key FILE] [--insecure]'

const OPTIONS = {
  to: { type: 'string', default: 'udp://127.0.0.1:15514' },
  count: { type: 'string', default: '1000' },
  rate: { type: 'string', default: '0' },
  format: { type: 'string', default: 'rfc5424' },
  template: { type: 'string' },
  lines: { type: 'string' },
  sources: { type: 'string', default: '1' },
  'source-prefix': { type: 'string', default: 'gen-' },
  'from-address': { type: 'string' },
  'first-seq': { type: 'string', default: '1' },
  'start-time': { type: 'string' },
  'step-ms': { type: 'string', default: '0' },
  framing: { type: 'string', default: 'octet-counting' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  insecure: { type: 'boolean', default: false },
} as const

/** Takes the words after `gen`; gives the plan. Throws `bad_arguments` with one sentence. */
export function planOf(args: readonly string[]): GenPlan {
  const { values } = parsed(args)
  const format = values.template === undefined ? formats[values.format] : templateFormat(values.template)
  if (format === undefined) throw wrong(`--format is one of ${Object.keys(formats).join(', ')}`)
  const startTimeMs = values['start-time'] === undefined ? null : Date.parse(values['start-time'])
  if (Number.isNaN(startTimeMs)) throw wrong('--start-time is an ISO 8601 time')
  return {
    target: targetOf(values),
    count: whole('--count', values.count, 1_000_000_000),
    rate: whole('--rate', values.rate, 10_000_000),
    sources: Math.max(1, whole('--sources', values.sources, 10_000)),
    sourcePrefix: values['source-prefix'],
    fromAddress: values['from-address'] ?? null,
    firstSeq: whole('--first-seq', values['first-seq'], Number.MAX_SAFE_INTEGER),
    startTimeMs,
    stepMs: whole('--step-ms', values['step-ms'], 86_400_000),
    format,
    linesFile: values.lines ?? null,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false })
  } catch (error) {
    throw wrong((error as Error).message)
  }
}

function targetOf(values: ReturnType<typeof parsed>['values']): Target {
  const [, transport, host, port] = /^(udp|tcp|tls):\/\/(?:\[([^\]]+)\]|[^:]+):\d+$/.test(values.to)
    ? (/^(udp|tcp|tls):\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(values.to) ?? [])
    : []
  if (transport === undefined || host === undefined)
    throw wrong('--to is udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT')
  const { framing, insecure } = values
  if (framing !== 'octet-counting' && framing !== 'newline' && framing !== 'nul')
    throw wrong('--framing is octet-counting, newline or nul')
  if (insecure && !/^(127\.|::1$|localhost$)/.test(host)) throw wrong('--insecure is for loopback only; give --ca')
  return {
    transport: transport as Target['transport'],
    host,
    port: whole('the port of --to', port ?? '', 65_535),
    framing,
    caFile: values.ca ?? null,
    certFile: values.cert ?? null,
    keyFile: values.key ?? null,
    insecure,
  }
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > max) throw wrong(`${name} is a whole number from 0 to ${max}`)
  return value
}

function wrong(reason: string): TocsinError {
  return new TocsinError('bad_arguments', `${reason}.`)
}

/** The `index`-th record of a plan (from 0): sources take turns, each has consecutive numbers. */
export function recordAt(plan: GenPlan, index: number, nowMs: number): { source: number; record: NumberedRecord } {
  const source = index % plan.sources
  return {
    source,
    record: {
      seq: plan.firstSeq + Math.floor(index / plan.sources),
      sourceId: `${plan.sourcePrefix}${source + 1}`,
      atMs: plan.startTimeMs === null ? nowMs : plan.startTimeMs + index * plan.stepMs,
    },
  }
}

/** How many of `count` records are due `elapsedMs` after the start at `rate` a second. */
export function dueRecords(plan: Pick<GenPlan, 'rate' | 'count'>, elapsedMs: number): number {
  if (plan.rate === 0) return plan.count
  return Math.min(plan.count, Math.floor((elapsedMs * plan.rate) / 1_000) + 1)
}

/** The IPv4 address `offset` after `first`: 127.1.0.255 + 1 = 127.1.1.0. */
export function addressAfter(first: string, offset: number): string {
  const number = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + offset
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** Takes a line and a framing of a stream; gives the octets to write (RFC 6587 3.4). */
export function framed(line: Buffer, framing: Target['framing']): Buffer {
  switch (framing) {
    case 'octet-counting':
      return Buffer.concat([Buffer.from(`${line.length} `), line])
    case 'newline':
      return Buffer.concat([line, Buffer.of(0x0a)])
    case 'nul':
      return Buffer.concat([line, Buffer.of(0)])
  }
}
