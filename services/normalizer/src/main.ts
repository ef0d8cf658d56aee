import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { settings } from './config.ts'
import { normalizeBlocks } from './normalize-blocks.ts'
import { parsers } from './parsers/index.ts'

await runService('normalizer', settings, async (context) => {
  const kafka = await openKafka(context)
  const sources = await kafka.table('registry-sources')
  await kafka.runStage(normalizeBlocks(parsers, sources, context.config.slot))
})
