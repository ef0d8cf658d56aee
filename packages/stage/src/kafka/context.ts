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
}

/** Patience of a process with its broker. */
export function patienceOf({ signal, patienceMs = Number.POSITIVE_INFINITY }: KafkaContext): Patience {
  return { patienceMs, signal }
}
