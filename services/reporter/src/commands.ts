import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type DailyFact, LANGUAGES, type Language } from '@tocsin/events'
import { DAY_MS, dateOf, dayOf, instantOf, localDayAt, type Pack } from '@tocsin/obligations'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { loadPacks } from './adapters/packs.ts'
import { reportOutput } from './adapters/report-output.ts'
import { settings } from './config.ts'
import { produce } from './produce.ts'
import { type FactRecord, recount } from './recount.ts'
import type { ReportKind } from './report-kind.ts'
import { FACT_TOPICS } from './reporter.ts'
import { reportKind, reportKinds } from './reports/index.ts'
import { sources } from './sources-command.ts'

/** source-counts are kept for 30 days: facts of older days come from daily-facts. */
const RECOUNT_DAYS = 29

const report: Command = {
  name: 'report',
  summary: 'render a statutory report from the topics',
  usage: 'report --kind KIND --from DAY [--to DAY] [--lang vi] [--constituent ID] [--out DIR]',
  examples: [
    'tocsin report --kind vn-daily --from 2026-03-01 --lang vi',
    'tocsin report --kind vn-daily --from 2026-03-01 --to 2026-03-07 --constituent vn-portal --out reports',
  ],
  async run(args, io) {
    const order = orderOf(args)
    const packs = loadPacks(io.env['REPORTER_PACKS'] ?? settings.shape.packs.parse(undefined)).packs
    const pack = packs.find(({ id }) => id === order.kind.pack)
    if (pack === undefined)
      throw new TocsinError('pack_missing', `The pack ${order.kind.pack} is missing or refused: look at regulations/.`)
    const kafka = await openKafkaForCommand(io.env, 'tocsin-report')
    try {
      return await render(kafka, kafka.clock.now(), pack, packs, order, io)
    } finally {
      await kafka.close()
    }
  },
}

interface Order {
  kind: ReportKind
  from: number
  to: number
  language: Language
  constituent: string | undefined
  out: string
}

/** Reads the words of the command; days are local days of the pack, `--to` is the last one. */
function orderOf(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kind: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      lang: { type: 'string', default: 'vi' },
      constituent: { type: 'string' },
      out: { type: 'string', default: 'reports' },
    },
  })
  const usage = (why: string): TocsinError => new TocsinError('usage', `${why} Usage: tocsin ${report.usage}`)
  const kind = reportKind(values.kind ?? '')
  if (kind === undefined) throw usage(`Say which report: --kind ${reportKinds.map(({ id }) => id).join(' | ')}.`)
  const from = dayOf(values.from ?? '')
  const to = values.to === undefined ? from : dayOf(values.to)
  if (from === null || to === null || to < from)
    throw usage('Say the days as YYYY-MM-DD, the first not after the last.')
  if (to - from > 366) throw usage('A report covers at most a year.')
  const language = LANGUAGES.find((known) => known === values.lang)
  if (language === undefined) throw usage(`Say the language: --lang ${LANGUAGES.join(' | ')}.`)
  return { kind, from, to, language, constituent: values.constituent, out: resolve(values.out) }
}

async function render(
  kafka: Kafka,
  nowMs: number,
  pack: Pack,
  packs: readonly Pack[],
  order: Order,
  io: CommandIo,
): Promise<number> {
  const [constituents, sources, incidents, stored] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-sources'),
    kafka.table('incidents'),
    kafka.table('daily-facts'),
  ])
  const wanted = [...constituents.values()].filter(
    ({ constituentId, pack: own, roles }) =>
      own === pack.id &&
      (order.constituent === undefined ? !roles.includes('centre') : constituentId === order.constituent),
  )
  if (wanted.length === 0)
    throw new TocsinError(
      'unknown_constituent',
      `No constituent under ${pack.id} fits: look at \`tocsin registry export\`.`,
    )
  const world = {
    constituent: (id: string) => constituents.get(id),
    pack: (id: string) => packs.find((known) => known.id === id),
    expectedIntervalSeconds: (id: string) => sources.get(id)?.expectedIntervalSeconds ?? null,
  }
  const fresh = recount(world, await readAll(kafka), nowMs)
  const facts = mergeFacts(fresh, stored.values(), dateOf(localDayAt(pack.timeZone, nowMs - RECOUNT_DAYS * DAY_MS)))
  const chromium = io.env['REPORTER_CHROMIUM'] ?? settings.shape.chromium.parse(undefined)
  const output = reportOutput(order.out, chromium, (code, message) => io.stderr.write(`${code}: ${message}\n`))
  const state = { facts: () => facts, incidents: () => incidents.values(), sources: () => sources.values() }
  const period = { from: instantOf(pack.timeZone, order.from), to: instantOf(pack.timeZone, order.to + 1) }
  for (const constituent of wanted) {
    const made = await produce(
      { ...order, ...period, pack, constituent, revision: 1, createdAt: nowMs, dueAt: null },
      state,
      output,
    )
    for (const { path } of made.files) io.stdout.write(`${resolve(order.out, path)}\n`)
  }
  return 0
}

async function readAll(kafka: Kafka): Promise<FactRecord[]> {
  const records: FactRecord[] = []
  const following = await kafka.follow(FACT_TOPICS, { from: 'beginning' }, (record) => {
    if (record.value !== null) records.push({ topic: record.topic, value: record.value } as FactRecord)
  })
  await following.caughtUp
  await following.close()
  return records
}

function mergeFacts(fresh: readonly DailyFact[], stored: Iterable<DailyFact>, firstFreshDay: string): DailyFact[] {
  const old = [...stored].filter(({ day }) => day < firstFreshDay)
  return [...old, ...fresh.filter(({ day }) => day >= firstFreshDay)]
}

/** Commands of the reporter. */
export const commands: Command[] = [report, sources]
