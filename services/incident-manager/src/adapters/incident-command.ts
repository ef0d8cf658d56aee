import { parseArgs } from 'node:util'
import { type CommandResult, type Incident, type IncidentCommand, type Suppression, uuidV7 } from '@tocsin/events'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import type { openKafkaForCommand } from '@tocsin/stage/kafka'
import { ACTION_HELP, actionHelp, actionList } from '../action-help.ts'
import { incidentDetail, incidentTable, suppressionTable, totalsLine } from '../incident-text.ts'
import { ACTIONS, isAction } from '../permissions.ts'

type CommandKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

const DEFAULT_WAIT_SECONDS = 30

/** Cases from the shell: look at them, and command them as the console does. */
export const incident: Command = {
  name: 'incident',
  summary: 'list, show and command incidents',
  usage: `incident list|show CASE|suppressions|help COMMAND|COMMAND [CASE] [--constituent ID] [--set NAME=VALUE]… [--reason TEXT] [--revision N] [--actor NAME] [--role ROLE]… [--wait SECONDS] [--json]

CASE is an id, the beginning of one, or a number. Commands (\`tocsin incident help COMMAND\` shows the arguments of one):
${actionList()}`,
  examples: [
    'tocsin incident list',
    'tocsin incident show KZ-2026-0-000007',
    'tocsin incident help classify',
    ...(
      ['create', 'acknowledge', 'promote', 'mark-false-positive', 'causes-eliminated', 'hand-over', 'merge'] as const
    ).map((action) => ACTION_HELP[action].example),
    'tocsin incident suppressions --constituent kz-ministry',
  ],
  async run(args, io) {
    const { values, positionals } = readWords(args)
    const [verb = '', word = ''] = positionals
    if (verb === 'help') return help(word, io)
    const known = ['list', 'show', 'suppressions', 'help', ...ACTIONS]
    if (!known.includes(verb)) return used(io, `Say what to do: ${known.join(', ')}.`)
    const needsCase = !['list', 'suppressions', 'create', 'hand-over'].includes(verb)
    if (needsCase && word === '') return used(io, `Name the case: tocsin incident ${verb} CASE.`)
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env)
    try {
      if (verb === 'suppressions') return await listSuppressions(kafka, values, io)
      const cases = await casesOf(kafka)
      if (verb === 'list') return list(cases, values, io)
      const found = verb === 'create' || word === '' ? undefined : caseOf(cases, word)
      if (verb === 'show' && found !== undefined) {
        io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : incidentDetail(found))
        return 0
      }
      const bodies = found === undefined ? bodiesOf(verb, cases, values, io) : [found.constituent]
      if (bodies.length === 0) return used(io, 'Name the body that the case is about: --constituent ID.')
      let exitCode = 0
      for (const body of bodies) {
        const command = commandOf(verb, found?.caseId ?? '', body, values, io, kafka.clock.now())
        const result = await commanded(kafka, withCaseId(command, cases), Number(values.wait) * 1000, io.signal)
        io.stdout.write(values.json ? `${JSON.stringify(result)}\n` : answerText(result))
        if (!result.accepted) exitCode = 1
      }
      return exitCode
    } finally {
      await kafka.close()
    }
  },
}

function help(word: string, io: CommandIo): number {
  if (!isAction(word)) return used(io, `Say of which command: ${ACTIONS.join(', ')}.`)
  io.stdout.write(actionHelp(word))
  return 0
}

/** The body that was named; for a shift, every body with an open case of the one who hands over. */
function bodiesOf(verb: string, cases: ReadonlyMap<string, Incident>, values: Values, io: CommandIo): string[] {
  if (values.constituent !== undefined) return [values.constituent]
  if (verb !== 'hand-over') return []
  const from = (values.set ?? []).find((pair) => pair.startsWith('from='))?.slice('from='.length)
  const officer = from ?? values.actor ?? io.env.USER ?? 'cli'
  const open = [...cases.values()].filter(({ status }) => !['closed', 'false-positive', 'merged'].includes(status))
  return [...new Set(open.filter(({ assignee }) => assignee === officer).map(({ constituent }) => constituent))].sort()
}

/** `into` may be a number or the beginning of an id, as the case itself may. */
function withCaseId(command: IncidentCommand, cases: ReadonlyMap<string, Incident>): IncidentCommand {
  const { into } = command.fields
  return into === undefined ? command : { ...command, fields: { ...command.fields, into: caseOf(cases, into).caseId } }
}

function answerText({ code, reason, caseId, revision }: CommandResult): string {
  return `${code}: ${reason} (case ${caseId}, revision ${revision})\n`
}

async function listSuppressions(kafka: CommandKafka, values: Values, io: CommandIo): Promise<number> {
  const found = new Map<string, Suppression>()
  const following = await kafka.follow(['suppressions'], { from: 'beginning' }, ({ key, value }) => {
    if (value === null) found.delete(key)
    else found.set(key, value)
  })
  await following.caughtUp
  await following.close()
  const nowMs = kafka.clock.now()
  const rows = [...found.values()]
    .filter((one) => one.liftedAt === null && one.expiresAt > nowMs)
    .filter((one) => values.constituent === undefined || one.constituent === values.constituent)
  if (values.json) for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`)
  else io.stdout.write(suppressionTable(rows))
  return 0
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

/** The newest record of each case. */
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

/** Writes a command and waits for its answer. */
export async function commanded(
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
