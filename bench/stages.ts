import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { StageBench } from './figures.ts'

const root = join(import.meta.dirname, '..')

/** Where the benchmark of each stage lies: beside the code that it measures. In the order of a log line's way. */
export const STAGES: Readonly<Record<string, string>> = {
  receive: 'services/syslog-ingest/bench/receive.ts',
  ingest: 'services/syslog-ingest/bench/ingest.ts',
  collect: 'services/syslog-ingest/bench/collect.ts',
  normalize: 'services/normalizer/bench/stage.ts',
  codec: 'packages/avro/bench/codec.ts',
  enrich: 'services/enrichment/bench/enrich.ts',
  detect: 'services/correlation-engine/bench/detect.ts',
  correlate: 'services/correlation-engine/bench/correlate.ts',
  'pass-through': 'services/enrichment/bench/pass-through.ts',
  clocks: 'services/incident-manager/bench/clocks.ts',
  notices: 'services/notifier/bench/notices.ts',
  index: 'services/indexer/bench/index-documents.ts',
}

/** Loads the benchmark of a stage. */
export async function benchOf(stage: string): Promise<StageBench> {
  const file = STAGES[stage]
  if (file === undefined) throw new RangeError(`There is no benchmark "${stage}".`)
  return ((await import(pathToFileURL(join(root, file)).href)) as { bench: StageBench }).bench
}
