import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { bulkSink, connectElasticsearch, installTemplates } from './adapters/elasticsearch.ts'
import { settings } from './config.ts'
import { indexRecords } from './index-records.ts'
import { plans } from './indices/index.ts'

await runService('indexer', settings, async (context) => {
  const { config, log, signal } = context
  const client = connectElasticsearch({
    url: config.elasticsearchUrl,
    apiKey: config.elasticsearchApiKey,
    caFile: config.elasticsearchCaFile,
  })
  for (;;) {
    try {
      await installTemplates(client, plans, log)
      break
    } catch (error) {
      if (signal.aborted) return
      log.warn({ code: 'elasticsearch_unavailable' }, messageOf(error))
      await pause(1_000)
    }
  }
  const kafka = await openKafka(context)
  const constituents = await kafka.table('registry-constituents')
  const groupOf = (constituent: string | null) =>
    constituent === null || constituent === '' ? 'centre' : (constituents.get(constituent)?.group ?? 'unknown')
  await kafka.runStage(indexRecords(plans, bulkSink(client), groupOf), { delivery: 'at-least-once' })
})
