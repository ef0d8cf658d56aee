import { idFrom } from '@tocsin/events'
import { runService } from '@tocsin/runtime'
import { partitionOf } from '@tocsin/stage'
import { openKafka } from '@tocsin/stage/kafka'
import { loadReach } from './adapters/filters-file.ts'
import { loadLaws, refusalText } from './adapters/packs.ts'
import { sshFilter } from './adapters/ssh-filter.ts'
import { registryOf } from './adapters/tables.ts'
import { settings } from './config.ts'
import { incidentManager, STAGE } from './manage.ts'
import { responseEffector } from './response/effector.ts'
import { filterGate } from './response/filter-gate.ts'

await runService(STAGE, settings, async (context) => {
  const { config, clock, log } = context
  const reach = loadReach(config.filters)
  const kafka = await openKafka(context)
  const { laws, refused } = loadLaws(config.packs)
  log.info({ packs: laws.names, refused: refused.map(({ folder }) => folder) }, 'packs loaded')

  const publisher = await kafka.publisher()
  for (const { folder, faults } of refused) {
    const message = refusalText(folder, faults)
    log.error({ code: 'pack_refused', pack: folder }, message)
    const at = clock.now()
    await publisher.send({
      topic: 'health-events',
      key: STAGE,
      value: {
        healthId: idFrom(STAGE, 'pack_refused', folder, message),
        code: 'pack_refused',
        service: STAGE,
        slot: String(config.slot),
        constituent: null,
        sourceId: null,
        level: 'critical',
        state: 'raised',
        at,
        message,
        values: { pack: folder, faults: String(faults.length) },
      },
    })
  }
  await publisher.close()

  const [constituents, contacts, systems, sources] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-contacts'),
    kafka.table('registry-systems'),
    kafka.table('registry-sources'),
  ])
  const registry = registryOf(constituents, contacts, systems, sources, laws)
  const partitions = await kafka.partitionCount('incident-commands')
  const keepEndedMs = config.keepClosedDays * 86_400_000
  await Promise.all([
    kafka.runStage(
      incidentManager(registry, { keepEndedMs, reach, partitionOf: (key) => partitionOf(key, partitions) }),
    ),
    ...(reach.isSetUp ? [kafka.runStage(responseEffector(filterGate(reach, sshFilter())))] : []),
  ])
})
