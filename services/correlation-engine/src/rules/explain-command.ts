import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { ecsMapping, type FlatEvent, parseFlatEvent, parseRules } from '@tocsin/sigma'
import { LineWriter, linesOf } from '../adapters/line-io.ts'
import { readRuleFiles } from '../adapters/rule-files.ts'
import { loadRules } from '../load-rules.ts'
import { explainRule } from './explain.ts'
import { correlationLines, explainCorrelation } from './explain-correlation.ts'
import { explanationLines } from './explain-text.ts'

const usage = 'tocsin rules explain RULE [--rules PATH]… [--event ID] [--plain-names] [--json] < events.ndjson'
const maxEvents = 100_000

/** `tocsin rules explain`: why an event did or did not match. */
export const rulesExplain: Command = {
  name: 'rules explain',
  summary: 'Say step by step why events did or did not match a rule, or why a correlation did not open.',
  usage,
  examples: [
    'tocsin rules explain web_sql_injection < events.ndjson',
    'tocsin rules explain port_scan --json < events.ndjson',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rules: { type: 'string', multiple: true, default: ['rules'] },
        event: { type: 'string' },
        'plain-names': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const [wanted] = positionals
    if (wanted === undefined) throw new TocsinError('bad_arguments', `No rule is named. Usage: ${usage}`)
    const mapping = values['plain-names'] ? null : ecsMapping
    const files = await readRuleFiles(values.rules)
    const { rules } = loadRules(files, {}, mapping)
    const isWanted = ({ id, name, title }: { id: string; name: string | null; title: string }): boolean =>
      [id, name, title].includes(wanted)
    const document = parseRules(files).documents.find(({ metadata }) => isWanted(metadata))
    const correlation = rules.correlations.find(({ metadata }) => isWanted(metadata))
    const events = (await eventsOf(io)).filter(({ id }) => values.event === undefined || id === values.event)
    const output = new LineWriter(io.stdout)
    if (document?.kind === 'rule') {
      for (const event of events) {
        const explanation = explainRule(document, event, { mapping, placeholders: {} })
        if (values.json) await output.write(JSON.stringify({ event: event.id, ...explanation }))
        else for (const line of [`event ${event.id}`, ...explanationLines(explanation)]) await output.write(line)
      }
    } else if (correlation !== undefined) {
      const timed = events.map(({ id, atMs, logSource, view }) => ({ id, atMs: atMs ?? 0, logsource: logSource, view }))
      const explanation = explainCorrelation(
        rules,
        correlation,
        timed.toSorted((a, b) => a.atMs - b.atMs),
      )
      if (values.json) await output.write(JSON.stringify(explanation))
      else for (const line of correlationLines(explanation)) await output.write(line)
    } else throw new TocsinError('unknown_rule', `No rule of these files has the id, name or title "${wanted}".`)
    await output.flush()
    return 0
  },
}

async function eventsOf(io: CommandIo): Promise<FlatEvent[]> {
  const events: FlatEvent[] = []
  let number = 0
  for await (const line of linesOf(io.stdin)) {
    number++
    const event = parseFlatEvent(line)
    if ('code' in event) io.stderr.write(`line ${number}: ${event.code}: ${event.message}\n`)
    else if (events.length < maxEvents) events.push(event)
  }
  return events
}
