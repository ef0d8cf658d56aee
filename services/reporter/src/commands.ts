import { resolve } from 'node:path'
import { type Command, TocsinError } from '@tocsin/runtime'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { loadPacks } from './adapters/packs.ts'
import { reportOutput } from './adapters/report-output.ts'
import { openReportSources } from './adapters/report-sources.ts'
import { readSavedQuery } from './adapters/saved-query.ts'
import { settings } from './config.ts'
import { currentPack } from './law.ts'
import { inputOf, produce, reportIdOf } from './produce.ts'
import { prove } from './prove-command.ts'
import { type FactRecord, recount } from './recount.ts'
import { release } from './release-command.ts'
import {
  askedOf,
  chosen,
  mergeFacts,
  orderFor,
  refuseBlanks,
  sayWritten,
  USAGE,
  wantedBodies,
} from './report-command.ts'
import { FACT_TOPICS } from './reporter.ts'
import { sources } from './sources-command.ts'

const report: Command = {
  name: 'report',
  summary: 'render a statutory report from the topics',
  usage: USAGE,
  examples: [
    'tocsin report --kind vn-daily --from 2026-03-01',
    'tocsin report --kind vn-weekly --from 2026-03-02 --to 2026-03-08 --constituent vn-portal --as docx,xlsx --out reports',
    'tocsin report --kind kz-quarterly-nsc --from 2026-07-01 --to 2026-09-30 --lang kk,ru',
    'tocsin report --kind vn-analysis --from 2026-01-01 --to 2026-06-30 --query scans.json --entered assessment.yaml',
  ],
  async run(args, io) {
    const asked = askedOf(args)
    const { packs, refused } = loadPacks(io.env['REPORTER_PACKS'] ?? settings.shape.packs.parse(undefined))
    if (packs.length === 0)
      throw new TocsinError('pack_missing', `No pack was loaded (${refused.length} refused): look at regulations/.`)
    const choice = chosen(asked, packs)
    const saved = asked.query === undefined ? null : readSavedQuery(asked.query)
    const kafka = await openKafkaForCommand(io.env, 'tocsin-report')
    try {
      const nowMs = kafka.clock.now()
      const state = await openReportSources(kafka)
      const { constituents, sources: registered } = state.tables
      const world = {
        constituent: (id: string) => constituents.get(id),
        pack: (id: string) => currentPack(packs, id, nowMs),
        expectedIntervalSeconds: (id: string) => registered.get(id)?.expectedIntervalSeconds ?? null,
      }
      const facts = mergeFacts(recount(world, await readAll(kafka), nowMs), state.facts(), choice.pack, nowMs)
      const counted = { ...state, facts: () => facts }
      const chromium = io.env['REPORTER_CHROMIUM'] ?? settings.shape.chromium.parse(undefined)
      const warn = (code: string, message: string): void => void io.stderr.write(`${code}: ${message}\n`)
      const output = reportOutput(asked.out, chromium, warn, asked.entered && resolve(asked.entered))
      for (const constituent of wantedBodies(asked, choice, constituents.values())) {
        const order = orderFor(asked, choice, constituent, nowMs, saved)
        refuseBlanks(order, inputOf(order, counted, order.languages[0] ?? 'en').data)
        const before = [...state.reports()].find(({ reportId }) => reportId === reportIdOf(order))
        const made = await produce({ ...order, before }, counted, output)
        sayWritten(
          io,
          asked.out,
          made.files.map(({ path }) => path),
        )
      }
      return 0
    } finally {
      await kafka.close()
    }
  },
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

/** Commands of the reporter. */
export const commands: Command[] = [report, prove, release, sources]
