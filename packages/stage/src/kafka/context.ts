import type { Codecs } from '@tocsin/avro/registry'
import type { BaseSettings, Clock, Health, Log, Metrics } from '@tocsin/runtime'
import type { Patience } from './client.ts'

/** What the Kafka side needs of a process; `ServiceContext` of @tocsin/runtime has it all. */
export interface KafkaContext {
  name: string
  config: BaseSettings
  clock: Clock
  log: Log
  metrics: Metrics
  health: Health
  signal: AbortSignal
  /** How long a broker that is away is waited for, milliseconds; for ever by default. */
  patienceMs?: number
  /** A command, not a service: its coming and going is no gap in surveillance. */
  isCommand?: true
}

/** The same with the codecs of every record. */
export interface OpenContext extends KafkaContext {
  codecs: Codecs
  /** What ends after the stop and must have ended before the process: each reader until it is closed. */
  readonly endings: Set<Promise<void>>
}

/** Keeps what runs until the stop; a command waits for it before it ends, because a client must not outlive its process. */
export function endsLater({ endings }: OpenContext, running: Promise<void>): void {
  endings.add(running)
  void running.finally(() => endings.delete(running))
}

/** Patience of a process with its broker. */
export function patienceOf({ signal, patienceMs = Number.POSITIVE_INFINITY }: KafkaContext): Patience {
  return { patienceMs, signal }
}

/** How long a reader is waited for when it closes: a service must stop in ten seconds, a command leaves nothing behind. */
export function closeTimeoutOf({ isCommand }: KafkaContext): number {
  return isCommand === true ? 20_000 : 3_000
}
