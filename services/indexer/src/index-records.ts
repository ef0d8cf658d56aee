import { schemaOf } from '@tocsin/avro'
import type { TopicName } from '@tocsin/events'
import { drop, emit, type Outcome, type Received, RetryableError, reject, type StageDefinition } from '@tocsin/stage'
import { type Verdict } from './bulk.ts'
import { type BulkDocument, documentsOf } from './document.ts'
import type { IndexPlan } from './index-plan.ts'

/** Where documents go; gives one verdict each, in order. Throws `RetryableError` where the server is away. */
export interface BulkSink {
  write(documents: readonly BulkDocument[]): Promise<Verdict[]>
}

/** Group of a constituent: the unit of isolation in Elasticsearch (design.md 2.6). */
export type GroupOf = (constituent: string | null) => string

/**
 * Every record in, Elasticsearch out; at least once, and idempotent by id. A document that the server refuses becomes a
 * dead letter with the original octets; the others are not held up. A refused dead letter is dropped: an error about an
 * error never re-enters the path (design.md 2.5).
 */
export function indexRecords(
  plans: readonly IndexPlan[],
  sink: BulkSink,
  groupOf: GroupOf,
): StageDefinition<TopicName> {
  const byTopic = new Map(plans.map((plan) => [plan.topic as string, documentsOf(plan, schemaOf(plan.record))]))
  const documentOf = (record: Received<TopicName>): BulkDocument => {
    const value = record.value as unknown as Record<string, unknown>
    const make = byTopic.get(record.topic)
    if (make === undefined) throw new RangeError(`No index plan reads ${record.topic}.`)
    return make(value, groupOf((value['constituent'] as string | null | undefined) ?? null))
  }
  const outcomeOf = (record: Received<TopicName>, verdict: Verdict): Outcome => {
    switch (verdict.kind) {
      case 'done':
        return emit()
      case 'duplicate':
        return drop('duplicate')
      case 'retry':
        throw new RetryableError('elasticsearch_unavailable', `Elasticsearch answered ${verdict.status} to a document.`)
      case 'refused':
        if (record.topic === 'dead-letters') return drop('refused_dead_letter')
        return reject(
          'index_refused',
          `Elasticsearch refused the document (${verdict.status}): ${verdict.reason}`.slice(0, 500),
        )
      default:
        return verdict satisfies never
    }
  }
  return {
    name: 'indexer',
    inputs: plans.map((plan) => plan.topic),
    maxBatchRecords: 2_000,
    create: () => ({
      process: () => reject('unexpected', 'The indexer handles batches only.'),
      processBatch: async (records) => {
        const verdicts = await sink.write(records.map(documentOf))
        return records.map((record, index) => outcomeOf(record, verdicts[index] ?? { kind: 'retry', status: 0 }))
      },
    }),
  }
}
