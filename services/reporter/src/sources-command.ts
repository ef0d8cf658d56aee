import { parseArgs } from 'node:util'
import type { CoverageState, Outage, SourceState } from '@tocsin/events'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { type ListedLog, logListOf } from './sources/log-list.ts'

const DAY_MS = 86_400_000
const iso = (at: number | null): string => (at === null ? '-' : new Date(at).toISOString())
const minutes = (ms: number): string => (ms / 60_000).toFixed(1)

/** Columns of each table, as they are printed. */
const ROWS = {
  list: (one: SourceState): string[] => [
    one.sourceId,
    one.constituent,
    one.state,
    iso(one.lastSeenAt),
    `${minutes(one.limitSeconds * 1_000)} min ${one.limitBasis}`,
    `rate ${one.rate}`,
    `clock ${one.clock}${one.skewMs === null ? '' : ` ${Math.round(one.skewMs / 1_000)} s`}`,
  ],
  coverage: (one: CoverageState): string[] => [
    one.coverageId,
    one.constituent,
    one.state,
    one.inputs.map(({ input, state }) => `${input}=${state}`).join(' '),
    one.requirementIds.join(' '),
  ],
  logs: (one: ListedLog): string[] => [
    one.systemId,
    one.sourceId ?? '-',
    one.logType,
    one.format ?? '-',
    `required ${one.required ? 'yes' : 'no'}`,
    one.maintainedBy ?? '-',
    one.state,
  ],
  gaps: (one: Outage, nowMs: number): string[] => [
    one.subject,
    one.constituent,
    iso(one.startedAt),
    one.endedAt === null ? 'lasting' : iso(one.endedAt),
    `${minutes((one.endedAt ?? nowMs) - one.startedAt)} min`,
    one.limitBasis,
  ],
}

/** States of sources, coverage and gaps from the topics: what the console's page shows, for the shell and for reports. */
export const sources: Command = {
  name: 'sources',
  summary: 'how every source does, what is not covered, the logs of each system, and the gaps of a span',
  usage: 'sources list|coverage|logs|gaps [--constituent ID] [--from TIME] [--to TIME] [--json]',
  examples: [
    'tocsin sources list',
    'tocsin sources coverage --constituent vn-portal',
    'tocsin sources logs --constituent kz-ministry',
    'tocsin sources gaps --from 2026-11-01 --to 2026-12-01 --json',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        constituent: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const [what = ''] = positionals
    if (what !== 'list' && what !== 'coverage' && what !== 'logs' && what !== 'gaps') {
      io.stderr.write('Say what to show: tocsin sources list, coverage, logs or gaps.\n')
      return 2
    }
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env, 'tocsin-sources')
    try {
      const now = kafka.clock.now()
      const isWanted = (one: { constituent: string }): boolean =>
        values.constituent === undefined || one.constituent === values.constituent
      switch (what) {
        case 'list': {
          const states = [...(await kafka.table('source-states')).values()].filter(isWanted)
          return print(states, ROWS.list, values.json, io)
        }
        case 'coverage': {
          const rows = [...(await kafka.table('coverage-states')).values()].filter(isWanted)
          return print(rows, ROWS.coverage, values.json, io)
        }
        case 'logs': {
          const [systems, sources, states] = await Promise.all([
            kafka.table('registry-systems'),
            kafka.table('registry-sources'),
            kafka.table('source-states'),
          ])
          const rows = logListOf(systems.values(), sources.values(), (id) => states.get(id)).filter(isWanted)
          return print(rows, ROWS.logs, values.json, io)
        }
        case 'gaps': {
          const span = { from: timeOf(values.from, now - 31 * DAY_MS), to: timeOf(values.to, now) }
          const all = [...(await kafka.table('outages')).values()].filter(isWanted)
          return print(gapsIn(all, span, now), (one) => ROWS.gaps(one, now), values.json, io)
        }
        default:
          return what satisfies never
      }
    } finally {
      await kafka.close()
    }
  },
}

/** Gaps that touch a span, oldest first (VN-3.1). */
export function gapsIn(outages: readonly Outage[], span: { from: number; to: number }, nowMs: number): Outage[] {
  return outages
    .filter(({ startedAt, endedAt }) => startedAt < span.to && (endedAt ?? nowMs) >= span.from)
    .sort((one, other) => one.startedAt - other.startedAt || (one.subject < other.subject ? -1 : 1))
}

function timeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const at = Date.parse(text)
  if (Number.isNaN(at))
    throw new TocsinError('bad_argument', `${text} is no time: write 2026-11-01 or 2026-11-01T00:00:00Z.`)
  return at
}

function print<T>(rows: readonly T[], cellsOf: (row: T) => string[], asJson: boolean, io: CommandIo): number {
  if (asJson) for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`)
  else {
    const table = rows.map(cellsOf)
    const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)))
    for (const cells of table)
      io.stdout.write(
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
      )
  }
  return 0
}
