import { messageOf, runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { openGeoTable, readAsnTable } from './adapters/ip-tables.ts'
import { settings } from './config.ts'
import { enrichWith } from './enrich.ts'
import { AssetIndex } from './lookups/assets.ts'
import { lookupsOf } from './lookups/index.ts'
import { IndicatorIndex } from './lookups/indicators.ts'

await runService('enrichment', settings, async (context) => {
  const { config, log } = context
  const loaded = async <T>(name: string, load: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await load()
    } catch (error) {
      log.error({ code: 'table_unreadable', table: name, err: error }, messageOf(error))
      return null
    }
  }
  const geo = await loaded('geo', () => openGeoTable(config.geoFile))
  const asn = await loaded('asn', readAsnTable)
  const kafka = await openKafka(context)
  const assets = new AssetIndex()
  const indicators = new IndicatorIndex()
  const assetTable = await kafka.table('registry-assets')
  const indicatorTable = await kafka.table('indicators')
  for (const [id, asset] of assetTable.entries()) assets.put(id, asset)
  for (const [id, indicator] of indicatorTable.entries()) indicators.put(id, indicator)
  assetTable.onChange((id, asset) => assets.put(id, asset))
  indicatorTable.onChange((id, indicator) => indicators.put(id, indicator))
  const ids = { event: kafka.codecs.codec('event').schemaId, enriched: kafka.codecs.codec('enriched-event').schemaId }
  await kafka.runStage(enrichWith(lookupsOf({ geo: () => geo, asn: () => asn, assets, indicators }), ids, config.slot))
})
