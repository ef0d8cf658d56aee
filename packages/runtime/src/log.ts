import { type Logger, pino } from 'pino'

export type Log = Logger

/**
 * A JSON logger (pino): one line per batch or happening, never per record, never a payload. Secrets are cut by name,
 * wherever they stand.
 */
export function createLog(service: string, slot: number, level: string): Log {
  return pino({
    level,
    base: { service, slot },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['password', '*.password', 'secret', '*.secret', 'authorization', '*.authorization', 'apiKey', '*.apiKey'],
      censor: '[cut]',
    },
    formatters: { level: (label) => ({ level: label }) },
  })
}
