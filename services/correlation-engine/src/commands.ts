import { createReadStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { CorrelateRun, detectLine, ecsMapping, type FlatEvent, parseFlatEvent } from '@tocsin/sigma'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { LineWriter, linesOf } from './adapters/line-io.ts'
import { readPlaceholders, readRuleFiles } from './adapters/rule-files.ts'
import { type RuleArguments, readArguments } from './command-line.ts'
import { rulesExport } from './export-command.ts'
import { formatRefusal, type LoadedRules, loadRules } from './load-rules.ts'
import { ruleSetsOf } from './rule-sets.ts'
import { rulesExplain } from './rules/explain-command.ts'
import { rulesBacktest, rulesCoverage } from './rules/history-commands.ts'
import { rulesImport } from './rules/import-command.ts'
import { rulesLint } from './rules/lint-command.ts'
import { rulesTest } from './rules/test-command.ts'

const detectUsage = 'tocsin detect --rules PATH… [--placeholders FILE] [-- INPUT…] < events.ndjson'
const correlateUsage =
  'tocsin correlate --rules PATH… [--lateness 60] [--placeholders FILE] [-- INPUT…] < events.ndjson'
const publishUsage = 'tocsin rules publish [--dir rules]'

const detect: Command = {
  name: 'detect',
  summary: 'Match events against Sigma rules; one line for every event that matched.',
  usage: detectUsage,
  examples: ['tocsin detect --rules rules < events.ndjson'],
  async run(args, io) {
    const options = readArguments(args, detectUsage)
    const { rules } = await loadOrExplain(options, io, detectUsage)
    const output = new LineWriter(io.stdout)
    const bad = await eachEvent(options, io, async (event) => {
      const line = detectLine(rules, event)
      if (line !== null) await output.write(line)
    })
    await output.flush()
    return bad === 0 ? 0 : 1
  },
}

const correlate: Command = {
  name: 'correlate',
  summary: 'Run Sigma correlations over events in event time; one line for every event at which a condition holds.',
  usage: correlateUsage,
  examples: ['tocsin correlate --rules rules/identity/ssh-guessing-succeeds.yml --lateness 60 < events.ndjson'],
  async run(args, io) {
    const options = readArguments(args, correlateUsage)
    const { rules } = await loadOrExplain(options, io, correlateUsage)
    const output = new LineWriter(io.stdout)
    const late = new LineWriter(io.stderr)
    const run = new CorrelateRun(rules, options.latenessMs)
    const bad = await eachEvent(options, io, async (event) => {
      const step = run.take(event)
      if (step.late) await late.write(event.id)
      for (const line of step.lines) await output.write(line)
    })
    for (const line of run.finish()) await output.write(line)
    await output.flush()
    await late.flush()
    return bad === 0 ? 0 : 1
  },
}

const publish: Command = {
  name: 'rules publish',
  summary: 'Check rule files and publish them to the engine; a refused rule is named and the others are published.',
  usage: publishUsage,
  examples: ['tocsin rules publish', 'tocsin rules publish --dir my-rules'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { dir: { type: 'string', default: 'rules' } } })
    const files = await readRuleFiles([values.dir])
    const { rules, refused } = loadRules(files)
    for (const refusal of refused) io.stderr.write(`${formatRefusal(refusal)}\n`)
    for (const { ruleId, fields } of loadRules(files, {}, ecsMapping).rules.unmapped)
      io.stderr.write(`rule ${ruleId} asks for fields that no event has: ${fields.join(', ')}\n`)
    if (rules.rules.length === 0) throw new TocsinError('no_rules', `No rule could be taken from ${values.dir}.`)
    const kafka = await openKafkaForCommand(io.env)
    try {
      const publisher = await kafka.publisher()
      const sets = ruleSetsOf(values.dir, files, {
        publishedAt: kafka.clock.now(),
        publishedBy: io.env['USER'] ?? 'cli',
      })
      await Promise.all(sets.map((value) => publisher.send({ topic: 'rule-sets', key: value.ruleSetId, value })))
      const counts = `${rules.rules.length} rules and ${rules.correlations.length} correlations in ${sets.length} sets`
      io.stdout.write(`${counts} published, ${refused.length} documents refused\n`)
    } finally {
      await kafka.close()
    }
    return refused.length === 0 ? 0 : 1
  },
}

export const commands: readonly Command[] = [
  detect,
  correlate,
  rulesExport,
  rulesLint,
  rulesTest,
  rulesExplain,
  rulesCoverage,
  rulesBacktest,
  rulesImport,
  publish,
]

async function load(options: RuleArguments, usage: string): Promise<LoadedRules> {
  if (options.rules.length === 0) throw new TocsinError('bad_arguments', `No rules are named. Usage: ${usage}`)
  const placeholders = options.placeholders === null ? {} : await readPlaceholders(options.placeholders)
  return loadRules(await readRuleFiles(options.rules), placeholders)
}

// A refused rule hurts itself only, so the others run; that none is left is a failure.
async function loadOrExplain(options: RuleArguments, io: CommandIo, usage: string): Promise<LoadedRules> {
  const loaded = await load(options, usage)
  for (const refusal of loaded.refused) io.stderr.write(`${formatRefusal(refusal)}\n`)
  if (loaded.rules.rules.length === 0) throw new TocsinError('no_rules', 'No rule could be taken from the files given.')
  return loaded
}

/** Calls `take` for every event in input order. Gives the number of lines that were no event; each is named on standard error. */
async function eachEvent(
  options: RuleArguments,
  io: CommandIo,
  take: (event: FlatEvent) => Promise<void>,
): Promise<number> {
  let bad = 0
  for (const input of inputsOf(options, io)) {
    let number = 0
    for await (const line of linesOf(input)) {
      number++
      const event = parseFlatEvent(line)
      if ('code' in event) {
        bad++
        complain(io.stderr, `line ${number}: ${event.code}: ${event.message}`)
      } else await take(event)
    }
  }
  return bad
}

function inputsOf(options: RuleArguments, io: CommandIo): Readable[] {
  return options.inputs.length === 0 ? [io.stdin] : options.inputs.map((path) => createReadStream(path))
}

function complain(stderr: Writable, text: string): void {
  stderr.write(`${text}\n`)
}
