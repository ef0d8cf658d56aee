import { emit, type StageDefinition } from '../../src/index.ts'

/** Counts of one key: how many records came and their sum. */
export interface Tally {
  count: number
  sum: number
}

/** Reads health events whose `healthId` is a number and whose key is a body; writes each on as a match record. */
export const recount: StageDefinition<'health-events'> = {
  name: 'recount',
  inputs: ['health-events'],
  stores: ['tallies'],
  maxBatchRecords: 50,
  create: (task) => {
    const tallies = task.store<Tally>('tallies')
    return {
      process: (record) => {
        const number = Number(record.value.healthId)
        const before = tallies.get(record.key) ?? { count: 0, sum: 0 }
        tallies.set(record.key, { count: before.count + 1, sum: before.sum + number })
        return emit({
          topic: 'matches',
          key: record.key,
          value: {
            kind: 'match',
            constituent: record.key,
            correlationId: '',
            groupKey: '',
            ruleId: '',
            eventId: record.value.healthId,
            occurredAt: record.value.at,
            sourcePartition: task.partition,
            exercise: true,
            groupBy: {},
            fields: {},
          },
        })
      },
    }
  },
}
