import { spawn } from 'node:child_process'
import { closeSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, CommandIo } from '@tocsin/runtime'
import { readNames, readNumbers, readOptions } from '../arguments.ts'
import { dataFolderOf, openDataFolder } from '../data-folder.ts'
import { pinnedNode } from '../stack/places.ts'
import { type Plan, portWishes, programsOf, selectServices } from '../stack/plan.ts'
import { choosePorts, movedPorts } from '../stack/ports.ts'
import { StackError } from '../stack/stack-error.ts'
import { lastLines, logSize, openLog } from '../supervisor/log-file.ts'
import { identify, isAlive, type ProcessIdentity } from '../supervisor/process-identity.ts'
import { isRunning, type RunState, readRunState } from '../supervisor/run-file.ts'
import { endLeftProcesses, stopStack } from '../supervisor/stop.ts'
import { addressTable } from './address-table.ts'
import { createProgress } from './progress.ts'

const lookEveryMs = 200

export const up: Command = {
  name: 'up',
  summary: 'start Kafka, the schema registry, Elasticsearch and the services, and keep them running',
  usage:
    'up [--services a,b|none] [--replicas name=2] [--ports name=PORT,…|any] [--data DIR] [--no-steps] [--while-pid PID]',
  examples: [
    'tocsin up',
    'tocsin up --services none',
    'tocsin up --services syslog-ingest,normalizer --replicas normalizer=2',
    'tocsin up --ports kafka=29092,console=8080 --data /var/tmp/tocsin',
  ],
  async run(args, io) {
    const options = readOptions(args, {
      services: { type: 'string' },
      replicas: { type: 'string' },
      ports: { type: 'string' },
      data: { type: 'string' },
      'no-steps': { type: 'boolean' },
      'while-pid': { type: 'string' },
    })
    const dataFolder = dataFolderOf(options.data)
    const running = readRunState(dataFolder)
    if (isRunning(running)) {
      io.stdout.write(`Already running (${running.phase}, since ${running.startedAt}):\n\n${addressTable(running)}`)
      return 0
    }
    openDataFolder(dataFolder)
    const selected = selectServices(readNames(options.services), readNumbers('replicas', options.replicas, 1, 64))
    const anyPorts = options.ports === 'any'
    const given = readNumbers('ports', anyPorts ? undefined : options.ports, 1, 65_535)
    if (running !== null) await endLeftProcesses(running)
    const wishes = anyPorts ? movedPorts(portWishes(selected), process.pid) : portWishes(selected)
    const ports = Object.fromEntries(await choosePorts(wishes, given))
    const livesWith = readProcess(options['while-pid'])
    const plan: Plan = { dataFolder, services: selected, ports, runSteps: options['no-steps'] !== true, livesWith }
    programsOf(plan, process.env) // says now, in one sentence, that Java or the jars are missing
    return await startSupervisor(plan, io)
  },
}

function readProcess(text: string | undefined): ProcessIdentity | null {
  if (text === undefined) return null
  const identity = identify(Number(text))
  if (isAlive(identity)) return identity
  throw new StackError('bad_argument', `--while-pid has "${text}", and no such process runs.`)
}

async function startSupervisor(plan: Plan, io: CommandIo): Promise<number> {
  const { dataFolder } = plan
  writeFileSync(join(dataFolder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`)
  const logFile = join(dataFolder, 'logs', 'supervisor.log')
  const log = openLog(logFile)
  const logFrom = logSize(logFile)
  const main = join(import.meta.dirname, '../supervisor/main.ts')
  const supervisor = spawn(pinnedNode, [main, dataFolder], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  supervisor.unref()
  if (supervisor.pid === undefined) throw new Error('the supervisor could not be started')
  const state = await follow(dataFolder, supervisor.pid, io)
  if (state?.phase === 'ready') {
    io.stdout.write(`\n${addressTable(state)}`)
    return 0
  }
  const lines = state?.problem ?? lastLines(logFile, 20, logFrom).join('\n')
  if (state?.phase === 'degraded') {
    io.stderr.write(`${lines}\nThe rest is running; see \`tocsin status\`, end it with \`tocsin down\`.\n`)
  } else {
    io.stderr.write(`The stack did not start: ${lines === '' ? 'it was stopped' : lines}\n`)
  }
  return 1
}

/** Shows the progress until the start has an end, good or bad; ends the stack when the wish to stop comes first. */
async function follow(dataFolder: string, pid: number, io: CommandIo): Promise<RunState | null> {
  const startedMs = performance.now()
  const progress = createProgress((line) => io.stdout.write(`${line}\n`))
  const isOurs = (state: RunState | null): state is RunState => state !== null && state.supervisor.pid === pid
  for (;;) {
    const identity: ProcessIdentity = { pid, startTicks: null }
    const hasEnded = !isAlive(identity)
    const state = readRunState(dataFolder)
    if (isOurs(state)) {
      progress.show(state, performance.now() - startedMs)
      if (state.phase === 'ready' || state.phase === 'degraded' || hasEnded) return state
    } else if (hasEnded) return null
    if (io.signal.aborted && isOurs(state)) {
      await stopStack(dataFolder, state)
      return readRunState(dataFolder)
    }
    await sleep(lookEveryMs)
  }
}
