// A worker for the test of the stop: passes each number on, one process of its own, settings from the environment.
import { noSettings, runService } from '@tocsin/runtime'
import { emit } from '../../src/index.ts'
import { openKafka } from '../../src/kafka/index.ts'
import { matchOf } from '../match-of.ts'

await runService('passer', noSettings, async (context) => {
  const kafka = await openKafka(context)
  await kafka.runStage<'health-events'>({
    name: 'passer',
    inputs: ['health-events'],
    maxBatchRecords: 100,
    create: () => ({
      process: ({ key, value }) => emit({ topic: 'matches', key, value: matchOf(value.healthId, key) }),
    }),
  })
})
