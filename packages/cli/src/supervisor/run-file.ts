import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

export type ProgramStatus = 'waiting' | 'starting' | 'ready' | 'crashed' | 'failing' | 'stopped'

/** What is known of one program; `tocsin status --json` prints these. */
export interface ProgramState {
  name: string
  kind: 'server' | 'service'
  status: ProgramStatus
  process: ProcessIdentity | null
  restarts: number
  logFile: string
  /** How it ended last and its last lines, where it crashed; null otherwise. */
  lastCrash: { how: string; lines: readonly string[] } | null
}

export interface StepState {
  name: string
  status: 'waiting' | 'running' | 'done' | 'skipped' | 'failed'
  message: string
}

/** One address that a person or another program may want, in the order printed. */
export interface Address {
  name: string
  address: string
}

/** The state of one embedded stack: written by its supervisor alone, read by `up`, `down` and `status`. */
export interface RunState {
  version: 1
  phase: 'starting' | 'ready' | 'degraded' | 'stopping' | 'stopped' | 'failed'
  supervisor: ProcessIdentity
  startedAt: string
  addresses: readonly Address[]
  /** KAFKA_BROKERS, REGISTRY_URL, ELASTICSEARCH_URL … as the services get them. */
  env: Readonly<Record<string, string>>
  programs: readonly ProgramState[]
  steps: readonly StepState[]
  /** One sentence where the start failed. */
  problem: string | null
}

/** The state file of the stack whose data lies in `dataFolder`. */
export function runFile(dataFolder: string): string {
  return join(dataFolder, 'run.json')
}

/** Writes the state so that a reader never sees half of it. */
export function writeRunState(dataFolder: string, state: RunState): void {
  const file = runFile(dataFolder)
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.${process.pid}.partial`
  writeFileSync(partial, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(partial, file)
}

/** The last state written, or null where there is none or it is not readable. */
export function readRunState(dataFolder: string): RunState | null {
  try {
    const state = JSON.parse(readFileSync(runFile(dataFolder), 'utf8')) as RunState
    return state.version === 1 ? state : null
  } catch {
    return null
  }
}

/** True when the supervisor that wrote the state still runs. */
export function isRunning(state: RunState | null): state is RunState {
  return state !== null && isAlive(state.supervisor)
}

/** The processes of a state that still run, the supervisor not among them. */
export function leftProcesses(state: RunState): ProcessIdentity[] {
  return state.programs.flatMap((program) =>
    program.process !== null && isAlive(program.process) ? [program.process] : [],
  )
}
