import { readFileSync } from 'node:fs'
import {
  type CommandIo,
  createClock,
  createLog,
  Health,
  Metrics,
  messageOf,
  serveAdmin,
  TocsinError,
} from '@tocsin/runtime'
import type { CollectConfig } from '../../collect/config.ts'
import { readCollectConfig } from '../../collect/config-file.ts'
import { Collector } from './collector.ts'
import { lockFolder } from './store-lock.ts'

/** Reads a configuration file. Throws `bad_collect_config`. */
export function loadCollectConfig(file: string): CollectConfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new TocsinError('bad_collect_config', `${file} cannot be read: ${messageOf(error)}.`, error)
  }
  return readCollectConfig(text, file)
}

/** Runs a collector until the stop. Throws what its parts throw at the start; gives the exit code. */
export async function runCollector(config: CollectConfig, io: CommandIo): Promise<number> {
  const log = createLog('collect', 0, config.logLevel).child({ collector: config.collector, circuit: config.circuit })
  // The test clock is for tests and demos only.
  const clock = createClock(io.env['TOCSIN_PROFILE'] === 'embedded' ? io.env['TOCSIN_CLOCK_FILE'] : undefined)
  const metrics = new Metrics('collect', 0)
  const health = new Health()
  const unlock = await lockFolder(config.store.folder)
  const monotonicMs = () => performance.now()
  const collector = await Collector.start({ config, clock, log, metrics, health, monotonicMs })
  const admin = await serveAdmin(config.admin.host, config.admin.port, health, metrics).catch(
    async (error: unknown) => {
      await collector.stop()
      throw new TocsinError(
        'listen_failed',
        `The health port ${config.admin.host}:${config.admin.port} of the collector cannot be had: free it or change admin.port.`,
        error,
      )
    },
  )
  const { collectorId } = collector.store.identity
  log.info({ collectorId, adminPort: admin.port, ports: collector.ports() }, 'started')
  if (!io.signal.aborted) {
    await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  log.info('stopping')
  const written = await collector.stop()
  await admin.close()
  await unlock()
  if (!written) {
    throw new TocsinError(
      'collector_unwritten_at_stop',
      'The store had no room for the last lines within 5 s of the stop: streams were not answered for them, datagrams are lost. Make room before the next start.',
    )
  }
  log.info('stopped')
  return 0
}
