import type { Codecs } from '@tocsin/avro/registry'
import type { BaseSettings, Clock, Health, Log, Metrics } from '@tocsin/runtime'

/** What the Kafka side needs of a process; `ServiceContext` of @tocsin/runtime has it all. */
export interface KafkaContext {
  name: string
  config: BaseSettings
  clock: Clock
  log: Log
  metrics: Metrics
  health: Health
  signal: AbortSignal
}

/** The same with the codecs of every record. */
export interface OpenContext extends KafkaContext {
  codecs: Codecs
}
