import { setTimeout as pause } from 'node:timers/promises'
import { runService, type ServiceContext } from '@tocsin/runtime'
import { type Kafka, openKafka, type Publisher } from '@tocsin/stage/kafka'
import { readFeeds, runFeeds } from './adapters/feed-schedule.ts'
import { readListFile } from './adapters/feed-source.ts'
import { openAsnTable, openGeoTable } from './adapters/ip-tables.ts'
import { ReloadedTable } from './adapters/reloaded-table.ts'
import { settings } from './config.ts'
import { enrichWith } from './enrich.ts'
import { healthEventOf, type Trouble } from './health-alarm.ts'
import { FeedLedger } from './intel/feed-ledger.ts'
import { AssetIndex } from './lookups/assets.ts'
import { lookupsOf } from './lookups/index.ts'
import { IndicatorIndex } from './lookups/indicators.ts'
import { readScanners } from './lookups/scanners.ts'
import { followRegistry, tellListedObjects } from './registered/listed-objects.ts'
import { RegisteredObjects } from './registered/registered-objects.ts'

/** Longer than a committed record takes to reach a table that follows its topic. */
const TABLE_LAG_MS = 500

await runService('enrichment', settings, async (context) => {
  const { config, log, clock, signal } = context
  const kafka = await openKafka(context)
  const publisher = await kafka.publisher()
  const tell = alarmsOf(context, publisher)
  const tellTable = (subject: string, message: string | null): void =>
    tell({
      code: 'table_unreadable',
      subject,
      state: message === null ? 'cleared' : 'raised',
      message: message ?? `The table ${subject} can be read again.`,
    })
  const geo = new ReloadedTable('geo', config.geoFile, () => openGeoTable(config.geoFile), tellTable)
  const asn = new ReloadedTable('asn', config.asnFile, () => openAsnTable(config.asnFile), tellTable)
  const { scannersFile } = config
  const loadScanners = async () => (scannersFile === undefined ? null : readScanners(await readListFile(scannersFile)))
  const scanners = new ReloadedTable('scanners', scannersFile, loadScanners, tellTable)
  await Promise.all([geo.check(), asn.check(), scanners.check()])

  const assets = new AssetIndex()
  const assetTable = await kafka.table('registry-assets')
  for (const [id, asset] of assetTable.entries()) assets.put(id, asset)
  assetTable.onChange((id, asset) => assets.put(id, asset))

  const objects = new RegisteredObjects()
  followRegistry(objects, assetTable, await kafka.table('registry-systems'))

  const feeds = config.feedsFile === undefined || config.slot !== 0 ? [] : await readFeeds(config.feedsFile)
  const ledger = feeds.length === 0 ? null : new FeedLedger()
  const indicators = new IndicatorIndex(config.indicatorsMax)
  await followIndicators(kafka, indicators, ledger, tell)

  const everyMs = config.tableCheckSeconds * 1_000
  const ids = { event: kafka.codecs.codec('event').schemaId, enriched: kafka.codecs.codec('enriched-event').schemaId }
  const tables = {
    geo: () => geo.current,
    asn: () => asn.current,
    assets,
    indicators,
    scanners: () => scanners.current,
  }
  await Promise.all([
    kafka.runStage(enrichWith(lookupsOf(tables), ids, config.slot)),
    kafka.runStage(tellListedObjects({ objects, indicators, settled: () => pause(TABLE_LAG_MS) })),
    geo.watch(everyMs, signal),
    asn.watch(everyMs, signal),
    scanners.watch(everyMs, signal),
    ledger === null
      ? null
      : runFeeds(feeds, ledger, {
          env: process.env,
          signal,
          now: () => clock.now(),
          publish: (indicator) => publisher.send({ topic: 'indicators', key: indicator.indicatorId, value: indicator }),
          tell: async (feed, trouble) =>
            tell({
              code: trouble?.code ?? 'feed_unreachable',
              subject: feed,
              state: trouble === null ? 'cleared' : 'raised',
              message: trouble?.message ?? `The feed ${feed} can be read again.`,
            }),
        }),
  ])
  await publisher.close()
  log.info('tables and feeds are closed')
})

/** Says a trouble to operators: a line in the log and a health event. */
function alarmsOf(
  { log, clock, config }: Pick<ServiceContext<{ slot: number }>, 'log' | 'clock' | 'config'>,
  publisher: Publisher,
): (trouble: Trouble) => void {
  return (trouble) => {
    const { code, subject, state, message } = trouble
    if (state === 'raised') log.error({ code, subject }, message)
    else log.info({ code, subject }, message)
    const value = healthEventOf(trouble, config.slot, clock.now())
    publisher.send({ topic: 'health-events', key: 'enrichment', value }).catch((error: unknown) => {
      log.error({ err: error, subject }, 'A health event could not be written.')
    })
  }
}

/** Indicators go from the topic into columns at once: a table of records would hold each of millions as an object. */
async function followIndicators(
  kafka: Kafka,
  indicators: IndicatorIndex,
  ledger: FeedLedger | null,
  tell: (trouble: Trouble) => void,
): Promise<void> {
  let full = false
  const following = await kafka.follow(['indicators'], { from: 'beginning' }, ({ key, value }) => {
    indicators.put(key, value)
    ledger?.observe(key, value)
    if (full || indicators.refused === 0) return
    full = true
    const message = `There are ${indicators.size} indicators, as many as may be; more are not looked up. Shorten the lists or raise ENRICHMENT_INDICATORS_MAX.`
    tell({ code: 'indicators_full', subject: 'indicators', state: 'raised', message })
  })
  await following.caughtUp
}
