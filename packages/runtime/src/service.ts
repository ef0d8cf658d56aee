import type { z } from 'zod'
import { type Clock, createClock } from './clock.ts'
import { type BaseSettings, loadConfig } from './config.ts'
import { messageOf, Stopped, TocsinError } from './errors.ts'
import { Health, serveAdmin } from './health.ts'
import { createLog, type Log } from './log.ts'
import { Metrics } from './metrics.ts'

/** What every main gets. */
export interface ServiceContext<Config> {
  name: string
  config: Config
  clock: Clock
  log: Log
  metrics: Metrics
  health: Health
  /** Aborted on SIGTERM or SIGINT: stop reading, finish the transaction in hand, return. */
  signal: AbortSignal
}

const STOP_BUDGET_MS = 10_000

/**
 * Runs a service: settings, admin port, signals, exit code. `start` wires the parts and resolves when the service has
 * ended (after `signal`). Any error ends the process with code 1 and one line; the supervisor starts it again
 * (crash-only, design.md 2.2). A stop that takes longer than 10 s ends the process with code 1.
 */
export async function runService<Shape extends z.ZodRawShape>(
  name: string,
  settings: z.ZodObject<Shape>,
  start: (context: ServiceContext<Readonly<BaseSettings & z.infer<z.ZodObject<Shape>>>>) => Promise<void>,
): Promise<never> {
  let log: Log = createLog(name, 0, 'info')
  try {
    const config = loadConfig(settings, process.env, name)
    log = createLog(name, config.slot, config.logLevel)
    const metrics = new Metrics(name, config.slot)
    const health = new Health()
    const stop = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'stopping')
        setTimeout(() => {
          log.error({ code: 'stop_overdue' }, `The stop took longer than ${STOP_BUDGET_MS} ms; ending at once.`)
          process.exit(1)
        }, STOP_BUDGET_MS).unref()
        stop.abort()
      })
    }
    process.on('unhandledRejection', (error) => fail(log, error))
    const admin = await serveAdmin(config.adminHost, config.adminPort, health, metrics)
    log.info({ profile: config.profile, adminPort: admin.port, testClock: config.clockFile !== undefined }, 'started')
    await start({ name, config, clock: createClock(config.clockFile), log, metrics, health, signal: stop.signal })
    await admin.close()
    log.info('stopped')
    process.exit(0)
  } catch (error) {
    if (!(error instanceof Stopped)) return fail(log, error)
    log.info(`stopped: ${error.message}`)
    process.exit(0)
  }
}

function fail(log: Log, error: unknown): never {
  const code = error instanceof TocsinError ? error.code : 'unexpected'
  log.fatal({ code, err: error }, messageOf(error))
  process.exit(1)
}
