import type { Metrics } from '@tocsin/runtime'
import type { GroupConsumer } from './group.ts'
import type { NextOffset } from './transaction.ts'

/** What every stage counts: batches are measured, never single records. */
export class StageTelemetry {
  readonly #stage: string
  readonly #in
  readonly #out
  readonly #outcomes
  readonly #seconds
  readonly #lag
  readonly #age
  readonly #batchRecords

  constructor(metrics: Metrics, stage: string) {
    this.#stage = stage
    this.#in = metrics.counter('tocsin_stage_records_in_total', 'Records read', ['stage', 'topic'])
    this.#out = metrics.counter('tocsin_stage_records_out_total', 'Records written', ['stage', 'topic'])
    this.#outcomes = metrics.counter('tocsin_stage_outcomes_total', 'Records by outcome and reason', [
      'stage',
      'outcome',
      'reason',
    ])
    this.#seconds = metrics.histogram('tocsin_stage_batch_seconds', 'Time of a batch by phase', ['stage', 'phase'])
    this.#lag = metrics.gauge('tocsin_stage_lag_records', 'Records not yet committed', ['stage', 'topic', 'partition'])
    this.#age = metrics.gauge('tocsin_stage_lag_seconds', 'Age of the last record that was handled', ['stage'])
    this.#batchRecords = metrics.gauge('tocsin_stage_batch_records', 'Records of the last batch', ['stage'])
  }

  recordsIn(topic: string, count: number): void {
    this.#in.inc({ stage: this.#stage, topic }, count)
  }

  recordOut(topic: string): void {
    this.#out.inc({ stage: this.#stage, topic })
  }

  outcome(outcome: string, reason: string): void {
    this.#outcomes.inc({ stage: this.#stage, outcome, reason })
  }

  batch(phase: 'handle' | 'commit', seconds: number): void {
    this.#seconds.observe({ stage: this.#stage, phase }, seconds)
  }

  size(records: number, newestAgeMs: number): void {
    this.#batchRecords.set({ stage: this.#stage }, records)
    this.#age.set({ stage: this.#stage }, Math.max(0, newestAgeMs) / 1_000)
  }

  /** Lag from the marks that the last fetch brought: no request of its own. */
  lag(group: GroupConsumer, positions: Iterable<NextOffset>): void {
    for (const { topic, partition, offset } of positions) {
      try {
        const { highOffset } = group.consumer.getWatermarkOffsets(topic, partition)
        if (highOffset >= 0)
          this.#lag.set({ stage: this.#stage, topic, partition: String(partition) }, Math.max(0, highOffset - offset))
      } catch {
        // The partition has just moved away.
      }
    }
  }
}
