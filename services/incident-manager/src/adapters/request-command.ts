import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { type IncidentCommand, type Request, uuidV7 } from '@tocsin/events'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import type { openKafkaForCommand } from '@tocsin/stage/kafka'
import { REQUEST_KINDS } from '../requests/request-actions.ts'
import { requestDetail, requestTable } from '../requests/request-text.ts'
import { commanded } from './incident-command.ts'

type CommandKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

const VERBS = ['open', 'answer', 'refuse', 'close', 'proof'] as const
const WAIT_MS = 30_000

/** What is formally asked of somebody, from the shell. */
export const request: Command = {
  name: 'request',
  summary: 'list, show, open, answer, refuse and close formal requests',
  usage: `request list [--constituent ID] [--overdue] [--json] | show REQUEST | open --constituent ID --kind KIND --subject TEXT [--body TEXT] [--ground TEXT] [--days N | --due INSTANT] [--file FILE]… | answer REQUEST [--text TEXT] [--file FILE]… | refuse|close REQUEST --reason TEXT | proof REQUEST --text TEXT   [--actor NAME] [--role ROLE]…

REQUEST is a number or an id. KIND is ${Object.keys(REQUEST_KINDS).join(', ')}. A body asks the centre where --role is one of the body's.`,
  examples: [
    'tocsin request list --overdue',
    'tocsin request open --constituent vn-portal --kind instruction --subject "Patch the portal" --days 10 --file order.pdf',
    'tocsin request answer R-VN-2026-1-000003 --role manager --text "Done on 3 March" --file report.pdf',
  ],
  async run(args, io) {
    const { values, positionals } = readWords(args)
    const [verb = '', word = ''] = positionals
    const action = VERBS.find((one) => one === verb)
    if (verb !== 'list' && verb !== 'show' && action === undefined)
      return used(io, `Say what to do: list, show, ${VERBS.join(', ')}.`)
    if (verb !== 'list' && verb !== 'open' && word === '')
      return used(io, `Name the request: tocsin request ${verb} REQUEST.`)
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env)
    try {
      const requests = await requestsOf(kafka)
      if (verb === 'list') return list(requests, values, io)
      const found = verb === 'open' ? null : requestNamed(requests, word)
      if (action === undefined) {
        if (found !== null) io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : requestDetail(found))
        return 0
      }
      const constituent = found?.constituent ?? values.constituent
      if (constituent === undefined) return used(io, 'Name the body that is asked, or that asks: --constituent ID.')
      const command = commandOf(action, found?.requestId ?? '', constituent, values, io, kafka.clock.now())
      const result = await commanded(kafka, command, WAIT_MS, io.signal)
      io.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${result.code}: ${result.reason}\n`)
      return result.accepted ? 0 : 1
    } finally {
      await kafka.close()
    }
  },
}

function readWords(args: readonly string[]) {
  const text = { type: 'string' } as const
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      constituent: text,
      kind: text,
      subject: text,
      body: text,
      ground: text,
      days: text,
      due: text,
      text,
      reason: text,
      actor: text,
      file: { type: 'string', multiple: true },
      role: { type: 'string', multiple: true },
      overdue: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
}
type Values = ReturnType<typeof readWords>['values']

async function requestsOf(kafka: CommandKafka): Promise<Request[]> {
  const table = await kafka.table('requests')
  return [...table.values()].sort((one, other) => one.createdAt - other.createdAt)
}

function requestNamed(requests: readonly Request[], word: string): Request {
  const found = requests.find(({ requestId, number }) => requestId === word || number === word)
  if (found === undefined) throw new TocsinError('unknown_request', `There is no request ${word}.`)
  return found
}

function list(requests: readonly Request[], { constituent, overdue, json }: Values, io: CommandIo): number {
  const rows = requests
    .filter((one) => constituent === undefined || one.constituent === constituent)
    .filter(({ state }) => !overdue || state === 'overdue')
  if (json) for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`)
  else io.stdout.write(requestTable(rows))
  return 0
}

function commandOf(
  verb: (typeof VERBS)[number],
  requestId: string,
  constituent: string,
  values: Values,
  io: CommandIo,
  nowMs: number,
): IncidentCommand {
  const given = {
    kind: values.kind,
    subject: values.subject,
    body: values.body,
    ground: values.ground,
    days: values.days,
    dueAt: values.due,
    text: verb === 'proof' ? undefined : values.text,
    proof: verb === 'proof' ? values.text : undefined,
    files: values.file?.map(fileLine).join('\n'),
  }
  const fields = Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  return {
    commandId: uuidV7(nowMs),
    constituent,
    caseId: requestId,
    action: `request-${verb}`,
    expectedRevision: null,
    actor: values.actor ?? io.env['USER'] ?? 'cli',
    actorRoles: values.role ?? ['national'],
    channel: 'cli',
    issuedAt: nowMs,
    reason: values.reason ?? null,
    fields,
  }
}

/** A file is named by what proves it: its name, size and hash; the file itself stays with whoever sends it. */
function fileLine(path: string): string {
  const octets = readFileSync(path)
  return `${basename(path)} ${octets.length} sha256:${createHash('sha256').update(octets).digest('hex')}`
}

function used(io: CommandIo, sentence: string): number {
  io.stderr.write(`${sentence}\n`)
  return 2
}
