import { type HealthEvent, idFrom, type RegistrySource } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'

/** Codes of source health (docs/operations/failure-modes.md). */
export type SourceCode = 'source_silent' | 'source_rate_low' | 'source_rate_high' | 'source_clock_wrong'

/**
 * Health event of one source: to its operators, and to whoever runs it; it starts no clock. `startedAt` names the episode,
 * so that its end and every repeat have the same id. The end is a warning as well, or nobody would hear of it.
 */
export function sourceHealth(
  source: Pick<RegistrySource, 'sourceId' | 'constituent' | 'name'>,
  code: SourceCode,
  state: 'raised' | 'cleared',
  startedAt: number,
  at: number,
  message: string,
  values: Readonly<Record<string, string>>,
): OutputTo<'health-events'> {
  const { sourceId, constituent, name } = source
  const value: HealthEvent = {
    healthId: idFrom('reporter', code, sourceId, startedAt),
    code,
    service: 'reporter',
    slot: '',
    constituent,
    sourceId,
    level: 'warning',
    state,
    at,
    message,
    values: { source: name, ...values },
  }
  return { topic: 'health-events', key: constituent, value }
}
