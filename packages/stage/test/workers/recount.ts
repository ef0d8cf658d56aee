// A stateful worker for the kill test: sums the numbers that arrive for each key, in its store, and passes each on.
// Run as a process of its own: recount.ts <exactly-once|at-least-once>; says begin, written and committed.
import { setTimeout as pause } from 'node:timers/promises'
import { noSettings, runService } from '@tocsin/runtime'
import { openKafka } from '../../src/kafka/index.ts'
import { recount } from './recount-stage.ts'

const delivery = process.argv[2] === 'at-least-once' ? 'at-least-once' : 'exactly-once'

await runService('recount', noSettings, async (context) => {
  const kafka = await openKafka(context)
  await kafka.runStage(recount, {
    delivery,
    onTransaction: async (phase) => {
      process.stdout.write(`${phase}\n`)
      // A slow broker, so that kills meet batches whose records are written and whose offsets are not.
      if (phase === 'written') await pause(15)
    },
  })
})
