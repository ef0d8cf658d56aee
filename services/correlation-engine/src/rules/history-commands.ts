import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { ecsMapping, parseRules, type RuleDocument } from '@tocsin/sigma'
import { readHistory, readSpan } from '../adapters/history.ts'
import { LineWriter } from '../adapters/line-io.ts'
import { readRuleFiles } from '../adapters/rule-files.ts'
import { formatRefusal, loadRules } from '../load-rules.ts'
import { Backtest, differenceOf, type Outcome, outcomeOf } from './backtest.ts'
import { type CoverageCell, CoverageLedger, coverageOf } from './coverage.ts'

const spanOptions = {
  rules: { type: 'string' as const, multiple: true as const, default: ['rules'] },
  from: { type: 'string' as const },
  to: { type: 'string' as const },
  json: { type: 'boolean' as const, default: false },
}

/** `tocsin rules coverage`: the dead-rule matrix. */
export const rulesCoverage: Command = {
  name: 'rules coverage',
  summary: 'Say for each rule and body whether it can fire, is blind, never fired, or its source is silent.',
  usage:
    'tocsin rules coverage [--rules PATH]… [--from TIME] [--to TIME] [--silent-after 3600] [--state STATE] [--json]',
  examples: ['tocsin rules coverage --state blind', 'tocsin rules coverage --from 2026-08-01T00:00:00Z --json'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { ...spanOptions, 'silent-after': { type: 'string', default: '3600' }, state: { type: 'string' } },
    })
    const silentAfterMs = Number(values['silent-after']) * 1_000
    if (!(silentAfterMs > 0)) throw new TocsinError('bad_arguments', '--silent-after takes seconds.')
    const { rules, documents } = await rulesOf(values.rules, io)
    const ledger = new CoverageLedger()
    const span = readSpan(values.from, values.to)
    const { detections, nowMs } = await readHistory(io.env, span, (event) => ledger.event(event))
    for (const { ruleId, constituent } of detections) ledger.detection(ruleId, constituent)
    const cells = coverageOf(documents, rules.correlations, ledger, {
      mapping: ecsMapping,
      nowMs: Math.min(nowMs, span.toMs),
      silentAfterMs,
    })
    const wanted = cells.filter(({ state }) => values.state === undefined || state === values.state)
    const output = new LineWriter(io.stdout)
    for (const cell of wanted) await output.write(values.json ? JSON.stringify(cell) : cellLine(cell))
    if (!values.json) await output.write(countsLine(cells))
    await output.flush()
    return 0
  },
}

const cellLine = ({ constituent, state, title, reason }: CoverageCell): string =>
  `${constituent.padEnd(16)} ${state.padEnd(13)} ${title}: ${reason}`

function countsLine(cells: readonly CoverageCell[]): string {
  const count = (state: string): number => cells.filter((cell) => cell.state === state).length
  const bodies = new Set(cells.map(({ constituent }) => constituent)).size
  return `${bodies} bodies: ${count('can-fire')} fired, ${count('never-fired')} never fired, ${count('blind')} blind, ${count('source-silent')} with a silent source`
}

/** `tocsin rules backtest`: rules over the past beside what production said. */
export const rulesBacktest: Command = {
  name: 'rules backtest',
  summary: 'Run rules over a span of the past, without side effects, and give the difference to what production said.',
  usage: 'tocsin rules backtest [--rules PATH]… [--from TIME] [--to TIME] [--json]',
  examples: ['tocsin rules backtest --rules my-rules --from 2026-08-10T00:00:00Z --to 2026-08-11T00:00:00Z'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: spanOptions })
    const { rules } = await rulesOf(values.rules, io)
    const backtest = new Backtest(rules)
    const span = readSpan(values.from, values.to)
    const { detections } = await readHistory(io.env, span, (event) => backtest.event(event))
    const { events, same, added, gone } = differenceOf(
      backtest.events,
      backtest.outcomes(),
      detections.filter(({ supersededBy }) => supersededBy === null).map(outcomeOf),
    )
    const output = new LineWriter(io.stdout)
    const write = async (sign: string, what: string, outcomes: readonly Outcome[]): Promise<void> => {
      for (const outcome of outcomes)
        await output.write(values.json ? JSON.stringify({ difference: what, ...outcome }) : outcomeLine(sign, outcome))
    }
    await write('+', 'added', added)
    await write('-', 'gone', gone)
    if (values.json) await write('=', 'same', same)
    else
      await output.write(
        `${events} events: ${same.length} detections as production said, ${added.length} more (+), ${gone.length} less (-)`,
      )
    await output.flush()
    return 0
  },
}

function outcomeLine(sign: string, { ruleName, constituent, groupKey, firstEvent, value }: Outcome): string {
  const count = value === null ? '' : `, value ${value}`
  return `${sign} ${new Date(firstEvent).toISOString()} ${constituent} ${ruleName} ${groupKey}${count}`
}

async function rulesOf(paths: readonly string[], io: CommandIo) {
  const files = await readRuleFiles(paths)
  const { rules, refused } = loadRules(files, {}, ecsMapping)
  for (const refusal of refused) io.stderr.write(`${formatRefusal(refusal)}\n`)
  const taken = new Set(rules.rules.map(({ metadata }) => metadata.id))
  const documents = parseRules(files).documents.filter(
    (document): document is RuleDocument => document.kind === 'rule' && taken.has(document.metadata.id),
  )
  if (documents.length === 0) throw new TocsinError('no_rules', 'No rule could be taken from the files given.')
  return { rules, documents }
}
