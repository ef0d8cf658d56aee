import { parseArgs } from 'node:util'
import { type CommandResult, type Incident, type IncidentCommand, uuidV7 } from '@tocsin/events'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import type { openKafkaForCommand } from '@tocsin/stage/kafka'
import { incidentDetail, incidentTable, totalsLine } from '../incident-text.ts'
import { ACTIONS } from '../permissions.ts'

type CommandKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

const DEFAULT_WAIT_SECONDS = 30

/** Cases from the shell: look at them, and command them as the console does. */
export const incident: Command = {
  name: 'incident',
  summary: 'list, show and command incidents',
  usage:
    'incident list|show CASE|COMMAND [CASE] [--constituent ID] [--set NAME=VALUE]… [--reason TEXT] [--revision N] [--actor NAME] [--role ROLE]… [--wait SECONDS] [--json]',
  examples: [
    'tocsin incident list',
    'tocsin incident show 3f2a…',
    'tocsin incident acknowledge 3f2a…',
    'tocsin incident promote 3f2a… --set effects=functioning,receipt --set serial=single',
    'tocsin incident create --constituent kz-ministry --set title="Reported by telephone"',
  ],
  async run(args, io) {
    const { values, positionals } = readWords(args)
    const [verb = '', caseId = ''] = positionals
    const known = ['list', 'show', ...ACTIONS]
    if (!known.includes(verb)) return used(io, `Say what to do: ${known.join(', ')}.`)
    if (verb !== 'list' && verb !== 'create' && caseId === '')
      return used(io, `Name the case: tocsin incident ${verb} CASE.`)
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env)
    try {
      const cases = await casesOf(kafka)
      if (verb === 'list') return list(cases, values, io)
      const found = verb === 'create' ? undefined : caseOf(cases, caseId)
      if (verb === 'show' && found !== undefined) {
        io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : incidentDetail(found))
        return 0
      }
      const constituent = found?.constituent ?? values.constituent
      if (constituent === undefined) return used(io, 'Name the body that the case is about: --constituent ID.')
      const command = commandOf(verb, found?.caseId ?? '', constituent, values, io, kafka.clock.now())
      const result = await commanded(kafka, command, Number(values.wait) * 1000, io.signal)
      io.stdout.write(
        values.json
          ? `${JSON.stringify(result)}\n`
          : `${result.code}: ${result.reason} (case ${result.caseId}, revision ${result.revision})\n`,
      )
      return result.accepted ? 0 : 1
    } finally {
      await kafka.close()
    }
  },
}

function readWords(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      constituent: { type: 'string' },
      set: { type: 'string', multiple: true },
      reason: { type: 'string' },
      revision: { type: 'string' },
      actor: { type: 'string' },
      role: { type: 'string', multiple: true },
      wait: { type: 'string', default: String(DEFAULT_WAIT_SECONDS) },
      json: { type: 'boolean', default: false },
    },
  })
}

type Values = ReturnType<typeof readWords>['values']

async function casesOf(kafka: CommandKafka): Promise<Map<string, Incident>> {
  const cases = new Map<string, Incident>()
  const following = await kafka.follow(['incidents'], { from: 'beginning' }, ({ key, value }) => {
    if (value === null) cases.delete(key)
    else cases.set(key, value)
  })
  await following.caughtUp
  await following.close()
  return cases
}

/** A case by its id, by the beginning of it, or by its number. */
function caseOf(cases: ReadonlyMap<string, Incident>, word: string): Incident {
  const exact = cases.get(word)
  if (exact !== undefined) return exact
  const found = [...cases.values()].filter(
    (one) => one.number === word || (word.length >= 6 && one.caseId.startsWith(word)),
  )
  if (found.length === 1 && found[0] !== undefined) return found[0]
  throw new TocsinError(
    'unknown_case',
    found.length === 0 ? `There is no case ${word}.` : `${found.length} cases begin with ${word}; name one in full.`,
  )
}

function list(cases: ReadonlyMap<string, Incident>, values: Values, io: CommandIo): number {
  const rows = [...cases.values()]
    .filter((one) => values.constituent === undefined || one.constituent === values.constituent)
    .sort((a, b) => b.detectedAt - a.detectedAt)
  if (values.json) for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`)
  else io.stdout.write(`${incidentTable(rows)}${totalsLine(rows)}\n`)
  return 0
}

function commandOf(
  action: string,
  caseId: string,
  constituent: string,
  values: Values,
  io: CommandIo,
  nowMs: number,
): IncidentCommand {
  const fields: Record<string, string> = {}
  for (const pair of values.set ?? []) {
    const at = pair.indexOf('=')
    if (at < 1) throw new TocsinError('bad_argument', `--set has "${pair}" where NAME=VALUE is wanted.`)
    fields[pair.slice(0, at)] = pair.slice(at + 1)
  }
  const revision = values.revision === undefined ? null : Number(values.revision)
  if (revision !== null && !Number.isSafeInteger(revision))
    throw new TocsinError('bad_argument', `--revision has "${values.revision}" where a number is wanted.`)
  return {
    commandId: uuidV7(nowMs),
    constituent,
    caseId,
    action,
    expectedRevision: revision,
    actor: values.actor ?? io.env.USER ?? 'cli',
    actorRoles: values.role ?? ['national'],
    channel: 'cli',
    issuedAt: nowMs,
    reason: values.reason ?? null,
    fields,
  }
}

/** Writes the command and waits for its answer. */
async function commanded(
  kafka: CommandKafka,
  command: IncidentCommand,
  waitMs: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  let answer: (result: CommandResult) => void = () => {}
  const answered = new Promise<CommandResult>((resolve) => {
    answer = resolve
  })
  const following = await kafka.follow(['command-results'], { from: 'latest' }, ({ value }) => {
    if (value?.commandId === command.commandId) answer(value)
  })
  await following.caughtUp
  const publisher = await kafka.publisher()
  await publisher.send({ topic: 'incident-commands', key: command.constituent, value: command })
  let timer: NodeJS.Timeout | undefined
  const given = new Promise<never>((_, reject) => {
    const give = (): void =>
      reject(
        new TocsinError(
          'no_answer',
          `No answer came within ${waitMs / 1000} s: is incident-manager running? The command ${command.commandId} stays in the topic and will be carried out.`,
        ),
      )
    timer = setTimeout(give, waitMs)
    signal.addEventListener('abort', give, { once: true })
  })
  try {
    return await Promise.race([answered, given])
  } finally {
    clearTimeout(timer)
    await following.close()
  }
}

function used(io: CommandIo, sentence: string): number {
  io.stderr.write(`${sentence}\n`)
  return 2
}
