import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from '../stack/plan.ts'
import { StackError } from '../stack/stack-error.ts'
import { isAlive } from './process-identity.ts'
import { Supervisor } from './supervisor.ts'

// The process behind `tocsin up`: detached, one for each data folder. Its only argument is that folder.
const dataFolder = process.argv[2] ?? ''
const plan = JSON.parse(readFileSync(join(dataFolder, 'plan.json'), 'utf8')) as Plan
const supervisor = new Supervisor(plan, process.env, new Date().toISOString())

const stop = (problem: string | null): void => {
  supervisor.stop(problem).then(
    () => {
      if (plan.livesWith !== null) rmSync(dataFolder, { recursive: true, force: true })
      process.exit(problem === null ? 0 : 1)
    },
    (error: unknown) => {
      console.error('stopping failed', error)
      process.exit(1)
    },
  )
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(null))
process.on('SIGHUP', () => {})
setInterval(() => supervisor.boundLogs(), 30_000)
setInterval(() => {
  if (plan.livesWith !== null && !isAlive(plan.livesWith)) stop(null)
}, 500)

try {
  await supervisor.start()
} catch (error) {
  // A service that crashes may come back; without a server or a step nothing can work, and what was started is ended.
  if (!(error instanceof StackError)) console.error(error)
  stop(error instanceof Error ? error.message : String(error))
}
