import { idFrom } from '@tocsin/events'
import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { loadLaws, refusalText } from './adapters/packs.ts'
import { registryOf } from './adapters/tables.ts'
import { settings } from './config.ts'
import { incidentManager, STAGE } from './manage.ts'

await runService(STAGE, settings, async (context) => {
  const { config, clock, log } = context
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
  await kafka.runStage(
    incidentManager(registryOf(constituents, contacts, systems, sources, laws), {
      keepEndedMs: config.keepClosedDays * 86_400_000,
    }),
  )
})
