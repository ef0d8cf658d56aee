import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readProof } from './adapters/proof-file.ts'
import { openReportSources } from './adapters/report-sources.ts'
import { type AnyRecord, answer, type QueryTopic, queryText, searchPath } from './document/query.ts'
import type { ReportSources } from './produce.ts'

/** `tocsin report prove`: asks every query of a report again, and says which number is another now. */
export const prove: Command = {
  name: 'report prove',
  summary: 'ask the queries of a report again and compare the numbers',
  usage: 'report prove --file REPORT.json [--query q12]',
  examples: [
    'tocsin report prove --file reports/vn-weekly/vn-portal/2026-03-02_2026-03-08/vn-weekly-vn-portal-2026-03-02_2026-03-08.vi.json',
  ],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { file: { type: 'string' }, query: { type: 'string' } } })
    if (values.file === undefined) throw new TocsinError('usage', `Name the file. Usage: tocsin ${this.usage}`)
    const wanted = readProof(values.file).queries.filter(({ id }) => values.query === undefined || id === values.query)
    if (wanted.length === 0) throw new TocsinError('usage', `${values.file} has no query ${values.query ?? ''}.`)
    const kafka = await openKafkaForCommand(io.env, 'tocsin-report')
    try {
      const state = await openReportSources(kafka)
      let changed = 0
      for (const { id, query, value } of wanted) {
        const now = answer(query, recordsOf(state, query.topic))
        if (now !== value) changed++
        const search = searchPath(query)
        io.stdout.write(
          `${JSON.stringify({ id, same: now === value, printed: value, now, query: queryText(query), ...(search === null ? {} : { search }) })}\n`,
        )
      }
      return changed === 0 ? 0 : 1
    } finally {
      await kafka.close()
    }
  },
}

function recordsOf(state: ReportSources, topic: QueryTopic): Iterable<AnyRecord> {
  const of: Record<QueryTopic, () => Iterable<unknown>> = {
    incidents: state.incidents,
    'daily-facts': state.facts,
    'registry-changes': state.changes,
    'registry-systems': state.systems,
    'registry-assets': state.assets,
    requests: state.requests,
    tickets: state.tickets,
    reports: state.reports,
  }
  return of[topic]() as Iterable<AnyRecord>
}
