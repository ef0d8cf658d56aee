import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, runService, TocsinError } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { bulkSink, connectElasticsearch, installTemplates } from './adapters/elasticsearch.ts'
import { lifecyclesInForce, raiseLifecycles } from './adapters/lifecycles.ts'
import { loadPacks } from './adapters/packs.ts'
import { settings } from './config.ts'
import { indexRecords } from './index-records.ts'
import { plans } from './indices/index.ts'
import { eventDaysFault, floorFaults, floorOf, lawsOf, plansWithFloor } from './retention.ts'

await runService('indexer', settings, async (context) => {
  const { config, log, signal, clock } = context
  const client = connectElasticsearch({
    url: config.elasticsearchUrl,
    apiKey: config.elasticsearchApiKey,
    caFile: config.elasticsearchCaFile,
  })
  const packs = loadPacks(config.packs, (folder) =>
    log.error({ code: 'pack_refused', folder }, 'A regulation pack does not load; its retention floor is not known.'),
  )
  const kafka = await openKafka(context)
  const constituents = await kafka.table('registry-constituents')
  /** Templates keep what the law of every registered body asks for; what cannot be raised is refused. */
  const install = async (): Promise<void> => {
    const laws = lawsOf(constituents.values(), packs)
    const floor = floorOf(laws, clock.now())
    const fault = eventDaysFault(config.eventDays, floor)
    if (fault !== null) throw new TocsinError('retention_below_floor', fault)
    const raised = plansWithFloor(plans, floor, config.eventDays)
    await installTemplates(client, raised, log)
    for (const name of await raiseLifecycles(client, raised))
      log.info({ stream: name }, 'a lifecycle was raised to the floor')
    const [first, ...more] = floorFaults(await lifecyclesInForce(client, raised), floor)
    if (first !== undefined)
      throw new TocsinError(
        'retention_below_floor',
        more.length === 0 ? first : `${first} And ${more.length} more: tocsin index check.`,
      )
  }
  for (;;) {
    try {
      await install()
      break
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof TocsinError) throw error
      log.warn({ code: 'elasticsearch_unavailable' }, messageOf(error))
      await pause(1_000)
    }
  }
  const known = new Set([...constituents.values()].map(({ pack }) => pack))
  constituents.onChange((_, constituent) => {
    if (constituent === null || known.has(constituent.pack)) return
    known.add(constituent.pack)
    install().catch((error: unknown) => {
      log.error({ code: 'retention_below_floor', pack: constituent.pack }, messageOf(error))
    })
  })
  const groupOf = (constituent: string | null) =>
    constituent === null || constituent === '' ? 'centre' : (constituents.get(constituent)?.group ?? 'unknown')
  await kafka.runStage(indexRecords(plans, bulkSink(client), groupOf), { delivery: 'at-least-once' })
})
