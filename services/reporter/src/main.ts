import { join } from 'node:path'
import { faultText } from '@tocsin/obligations'
import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { loadPacks } from './adapters/packs.ts'
import { reportOutput, warnTo } from './adapters/report-output.ts'
import { openReportSources } from './adapters/report-sources.ts'
import { settings } from './config.ts'
import { currentPack } from './law.ts'
import { produce } from './produce.ts'
import { reporter, SERVICE } from './reporter.ts'
import { watchSources } from './sources/watch-sources.ts'

await runService(SERVICE, settings, async (context) => {
  const { config, log, clock } = context
  const { packs, refused } = loadPacks(config.packs)
  for (const { folder, faults } of refused)
    log.error({ code: 'pack_refused', pack: folder }, faults.slice(0, 5).map(faultText).join('; '))
  log.info({ packs: packs.map(({ pack, templates }) => `${pack.id} (${templates.length})`) }, 'packs loaded')

  const kafka = await openKafka(context)
  const [state, states] = await Promise.all([openReportSources(kafka), kafka.table('source-states')])
  const { constituents, sources, systems } = state.tables
  const folder = config.folder ?? join(config.dataDir, 'reports')
  const output = reportOutput(folder, config.chromium, warnTo(log))
  const world = {
    constituent: (id: string) => constituents.get(id),
    pack: (id: string) => currentPack(packs, id, clock.now()),
    expectedIntervalSeconds: (id: string) => sources.get(id)?.expectedIntervalSeconds ?? null,
  }
  const watched = {
    source: (id: string) => sources.get(id),
    sources: () => sources.values(),
    systems: () => systems.values(),
    constituent: (id: string) => constituents.get(id),
    state: (sourceId: string) => states.get(sourceId),
  }
  await Promise.all([
    kafka.runStage(
      reporter(world, {
        packs,
        constituents: () => constituents.values(),
        systems: state.systems,
        contacts: state.contacts,
        facts: state.facts,
        make: (order) => produce(order, state, output),
        draftAfterMs: config.draftAfterMinutes * 60_000,
        settleAfterMs: config.formAfterMinutes * 60_000,
      }),
    ),
    kafka.runStage(watchSources(watched)),
  ])
})
