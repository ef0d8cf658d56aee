import { join } from 'node:path'
import { faultText } from '@tocsin/obligations'
import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { loadPacks } from './adapters/packs.ts'
import { reportOutput, warnTo } from './adapters/report-output.ts'
import { settings } from './config.ts'
import { produce } from './produce.ts'
import { reporter, SERVICE } from './reporter.ts'
import { reportKinds } from './reports/index.ts'
import { watchSources } from './sources/watch-sources.ts'

await runService(SERVICE, settings, async (context) => {
  const { config, log } = context
  const { packs, refused } = loadPacks(config.packs)
  for (const { folder, faults } of refused)
    log.error({ code: 'pack_refused', pack: folder }, faults.slice(0, 5).map(faultText).join('; '))
  log.info({ packs: packs.map(({ id }) => id) }, 'packs loaded')

  const kafka = await openKafka(context)
  const [constituents, systems, sources, states, facts, incidents] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-systems'),
    kafka.table('registry-sources'),
    kafka.table('source-states'),
    kafka.table('daily-facts'),
    kafka.table('incidents'),
  ])
  const folder = config.folder ?? join(config.dataDir, 'reports')
  const output = reportOutput(folder, config.chromium, warnTo(log))
  const state = { facts: () => facts.values(), incidents: () => incidents.values(), sources: () => sources.values() }
  const byId = new Map(packs.map((pack) => [pack.id, pack]))
  const world = {
    constituent: (id: string) => constituents.get(id),
    pack: (id: string) => byId.get(id),
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
        kinds: reportKinds,
        constituents: () => constituents.values(),
        make: (order) => produce(order, state, output),
        draftAfterMs: config.draftAfterMinutes * 60_000,
      }),
    ),
    kafka.runStage(watchSources(watched)),
  ])
})
