import { createInterface } from 'node:readline'
import type { Command } from '@tocsin/runtime'
import { parsersCommands } from './adapters/parsers-commands.ts'
import { declaredColumns } from './frames/w3c.ts'
import { normalizeFrame } from './normalize.ts'
import type { Fields, Frame, NormalizeResult } from './parser.ts'
import { parsers } from './parsers/index.ts'

/** Devices whose declared columns are remembered. */
const maxDeclared = 10_000

interface InputEvent {
  readonly device?: unknown
  readonly message?: unknown
  readonly message_b64?: unknown
  readonly tz?: unknown
  readonly charset?: unknown
}

const normalize: Command = {
  name: 'normalize',
  summary: 'Turn log lines into ECS events, one JSON object a line.',
  usage: 'tocsin normalize [--no-hint] < events.ndjson',
  examples: [
    `echo '{"message": "<38>Oct  3 10:11:12 web-1 sshd[811]: Failed password for root from 192.0.2.7 port 4711 ssh2"}' | tocsin normalize`,
  ],
  async run(args, io) {
    const unknown = args.find((argument) => argument !== '--no-hint')
    if (unknown !== undefined) {
      io.stderr.write(`tocsin normalize: "${unknown}" is no option of this command. Usage: ${this.usage}\n`)
      return 2
    }
    const useHint = !args.includes('--no-hint')
    const declared = new Map<string, readonly string[]>()
    for await (const line of createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!io.stdout.write(`${normalizeLine(line, useHint, Date.now(), declared)}\n`))
        await new Promise((resolve) => io.stdout.once('drain', resolve))
    }
    return 0
  },
}

export const commands: readonly Command[] = [normalize, ...parsersCommands]

/**
 * One input line to one output line. Input is `{"message" | "message_b64", "device"?, "tz"?, "charset"?}`; a line that is no such object is taken as a
 * log line itself. Always gives an object: a line of which neither header nor detail could be read has `event.kind: "pipeline_error"` and keeps the original.
 */
export function normalizeLine(
  input: string,
  useHint: boolean,
  receivedAt: number,
  declared = new Map<string, readonly string[]>(),
): string {
  const { octets, source: settings, device } = readInput(input, useHint)
  const columns = octets[0] === 35 ? declaredColumns(octets.toString('latin1', 0, 4_200)) : undefined
  if (columns !== undefined && (declared.has(device) || declared.size < maxDeclared)) declared.set(device, columns)
  const known = declared.get(device)
  const source = known === undefined ? settings : { ...settings, columns: known }
  const result = normalizeFrame({ octets, receivedAt, source }, parsers)
  return JSON.stringify(toDocument(result, octets))
}

function readInput(input: string, useHint: boolean): Pick<Frame, 'octets' | 'source'> & { device: string } {
  let event: InputEvent | undefined
  try {
    const value: unknown = JSON.parse(input)
    if (typeof value === 'object' && value !== null && ('message' in value || 'message_b64' in value)) event = value
  } catch {
    event = undefined
  }
  if (event === undefined) return { octets: Buffer.from(input), source: {}, device: '' }
  const octets =
    typeof event.message_b64 === 'string'
      ? Buffer.from(event.message_b64, 'base64')
      : Buffer.from(typeof event.message === 'string' ? event.message : '')
  return {
    octets,
    device: typeof event.device === 'string' ? event.device : '',
    source: {
      ...(typeof event.tz === 'string' ? { timeZone: event.tz } : {}),
      ...(typeof event.charset === 'string' ? { charset: event.charset } : {}),
      ...(useHint && typeof event.device === 'string' ? { hint: event.device } : {}),
    },
  }
}

function toDocument(result: NormalizeResult, octets: Buffer): Record<string, unknown> {
  if (result.kind === 'rejected') {
    return {
      'event.kind': 'pipeline_error',
      'event.original': octets.toString('latin1').slice(0, 1000),
      'error.code': result.code,
      'error.message': result.message,
    }
  }
  const { fields, timeFrom, occurredAt, parser } = result
  const unread =
    parser === undefined && timeFrom === 'received' && fields['host.name'] === undefined && isUnrecognised(fields)
  return {
    // Standard input carries no receive time, so a line that names no time has none here.
    ...(timeFrom === 'received' ? {} : { '@timestamp': new Date(occurredAt).toISOString() }),
    ...fields,
    ...(unread ? { 'event.kind': 'pipeline_error', 'event.original': octets.toString('utf8').slice(0, 65_536) } : {}),
  }
}

function isUnrecognised(fields: Fields): boolean {
  const quality = fields['tocsin.quality']
  return Array.isArray(quality) && quality.includes('unrecognised')
}
