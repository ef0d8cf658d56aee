import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { ParserFiles } from './adapters/parser-files.ts'
import { settings } from './config.ts'
import { normalizeBlocks } from './normalize-blocks.ts'
import { parsers } from './parsers/index.ts'
import { ReadingTally } from './reading-tally.ts'

await runService('normalizer', settings, async (context) => {
  const { config, log, metrics, signal } = context
  const kafka = await openKafka(context)
  const sources = await kafka.table('registry-sources')
  const tally = new ReadingTally()
  setInterval(() => tally.publish(metrics), 1_000).unref()
  if (config.parsersDir === undefined) {
    await kafka.runStage(normalizeBlocks(() => parsers, sources, config.slot, tally))
    return
  }
  const files = new ParserFiles(config.parsersDir, parsers, (error) => log.error({ err: error }, error.message))
  // A folder that cannot be read at the start stops the process, where a person is watching.
  await files.check()
  await Promise.all([
    kafka.runStage(normalizeBlocks(() => files.current, sources, config.slot, tally)),
    files.watch(config.parsersCheckSeconds * 1_000, signal),
  ])
})
