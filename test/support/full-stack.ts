import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** One program of the stack, as `tocsin status --json` tells it. */
export interface ProgramStatus {
  name: string
  kind: 'server' | 'service'
  status: string
  process: { pid: number } | null
  restarts: number
  logFile: string
}

/** How a command of `tocsin` ended. */
export interface CommandOutcome {
  code: number
  stdout: string
  stderr: string
}

/** The whole system, servers and services, started once for a run by `tocsin up`. */
export interface FullStack {
  dataFolder: string
  /** Where the outside world keeps what it got: mail/<n>.eml, webhook/<n>.json, ftps/root/. */
  sinksFolder: string
  /** KAFKA_BROKERS, REGISTRY_URL, ELASTICSEARCH_URL, TOCSIN_CLOCK_FILE, TOCSIN_PROFILE. */
  env: Record<string, string>
  kafka: string
  registry: string
  elasticsearch: string
  /** A port by the name that `tocsin up --ports` uses: `syslog`, `syslog-tls`, `sink-mail`, `normalizer-admin` … */
  port(name: string): number
  /** Now by the clock of the stack (H-CLOCK), UTC ms. */
  nowMs(): number
  programs(): Promise<ProgramStatus[]>
  /** Pid of a program that runs. */
  pidOf(name: string): Promise<number>
  /** What a program wrote into its log so far. */
  logOf(name: string): string
  /** Resolves when every program that was ready at the start is so again. */
  untilReady(timeoutMs?: number): Promise<void>
  /** Runs `tocsin …` against the stack. */
  tocsin(args: readonly string[], timeoutMs?: number): Promise<CommandOutcome>
  /** Lets the next scenario in; the stack itself ends with the run. */
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const cli = join(root, 'packages/cli/bin/tocsin.js')
const startTimeoutMs = 300_000
const turnTimeoutMs = 900_000

/**
 * Gives the whole system: the one whose data folder is named in TOCSIN_TEST_FULL_STACK, else one that is started by the first
 * test file of the run that asks and that ends, data and all, when the process that runs the tests ends, however it ends.
 * Scenarios kill and starve what they share, so that one file at a time has it: `stop` gives it back.
 */
export async function startFullStack(): Promise<FullStack> {
  const dataFolder = process.env['TOCSIN_TEST_FULL_STACK'] ?? (await sharedStack())
  await takeTurn(dataFolder)
  return stackIn(dataFolder)
}

/** Starts a stack in `dataFolder` that lives as long as the process `whilePid`. */
export async function launchFullStack(dataFolder: string, whilePid: number): Promise<void> {
  mkdirSync(dataFolder, { recursive: true })
  const words = ['up', '--ports', 'any', '--data', dataFolder, '--while-pid', String(whilePid)]
  const { code, stdout, stderr } = await run(words, {}, startTimeoutMs)
  if (code !== 0) throw new Error(`The stack did not come up:\n${stdout}\n${stderr}`)
}

async function sharedStack(): Promise<string> {
  // Under `node --test` each file is a child of the runner: the runner's pid is what the files of a run have in common.
  const runner = process.env['NODE_TEST_CONTEXT'] === 'child-v8' ? process.ppid : process.pid
  const dataFolder = join(tmpdir(), `tocsin-full-${runner}`)
  if (isFirst(dataFolder)) {
    await launchFullStack(dataFolder, runner).catch(async (error: unknown) => {
      await rm(dataFolder, { recursive: true, force: true })
      throw error
    })
  }
  return dataFolder
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const turnFile = (dataFolder: string): string => `${dataFolder}.turn`

async function takeTurn(dataFolder: string): Promise<void> {
  const file = turnFile(dataFolder)
  for (const startMs = performance.now(); ; await pause(200)) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      process.once('exit', () => rmSync(file, { force: true }))
      return
    } catch {
      if (!isAlive(Number(read(file)))) rmSync(file, { force: true })
    }
    if (performance.now() - startMs > turnTimeoutMs) throw new Error(`Another test holds the stack: ${file}.`)
  }
}

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

interface Status {
  phase?: string
  env?: Record<string, string>
  programs?: ProgramStatus[]
}

async function stackIn(dataFolder: string): Promise<FullStack> {
  const deadlineMs = performance.now() + startTimeoutMs
  let status = await statusOf(dataFolder)
  while (!['ready', 'degraded'].includes(status.phase ?? '')) {
    if (performance.now() > deadlineMs) throw new Error(`The stack in ${dataFolder} did not become ready.`)
    await pause(500)
    status = await statusOf(dataFolder)
  }
  const env = status.env ?? {}
  const { ports } = JSON.parse(readFileSync(join(dataFolder, 'plan.json'), 'utf8')) as { ports: Record<string, number> }
  const port = (name: string): number => {
    const found = ports[name]
    if (found === undefined) throw new Error(`The stack has no port called ${name}.`)
    return found
  }
  const programs = async (): Promise<ProgramStatus[]> => (await statusOf(dataFolder)).programs ?? []
  const isDown = (program: ProgramStatus): boolean => program.status !== 'ready'
  // A stack that was given with a service that does not come up is used as it is; one of our own is whole.
  const downAtStart = new Set((await programs()).filter(isDown).map(({ name }) => name))
  return {
    dataFolder,
    sinksFolder: join(dataFolder, 'data/sinks'),
    env,
    kafka: env['KAFKA_BROKERS'] ?? '',
    registry: env['REGISTRY_URL'] ?? '',
    elasticsearch: env['ELASTICSEARCH_URL'] ?? '',
    port,
    nowMs: () => Date.now() + Number(read(env['TOCSIN_CLOCK_FILE'] ?? '').trim()),
    programs,
    async pidOf(name) {
      const pid = (await programs()).find((program) => program.name === name)?.process?.pid
      if (pid === undefined) throw new Error(`${name} does not run.`)
      return pid
    },
    logOf: (name) => read(join(dataFolder, 'logs', `${name}.log`)),
    async untilReady(timeoutMs = 120_000) {
      for (const startMs = performance.now(); ; await pause(300)) {
        const waiting = (await programs()).filter(isDown).flatMap(({ name }) => (downAtStart.has(name) ? [] : [name]))
        if (waiting.length === 0) return
        if (performance.now() - startMs > timeoutMs) throw new Error(`Not ready: ${waiting.join(', ')}.`)
      }
    },
    tocsin: (args, timeoutMs = 60_000) => run(args, { ...env, TOCSIN_STACK: dataFolder }, timeoutMs),
    stop: async () => rmSync(turnFile(dataFolder), { force: true }),
  }
}

/** Reads the state file itself: the scenarios ask often, and a command costs a second of a busy machine. */
async function statusOf(dataFolder: string): Promise<Status> {
  const text = read(join(dataFolder, 'run.json'))
  return text === '' ? {} : (JSON.parse(text) as Status)
}

function run(args: readonly string[], env: Record<string, string>, timeoutMs: number): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 << 20 }
    execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
  })
}
