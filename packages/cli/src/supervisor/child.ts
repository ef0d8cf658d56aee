import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync } from 'node:fs'
import { afterCrash, noCrashes } from './back-off.ts'
import { lastLines, logSize, openLog } from './log-file.ts'
import { identify } from './process-identity.ts'
import type { Program } from './program.ts'
import type { ProgramState } from './run-file.ts'

const probeEveryMs = 200
// A service gives itself ten seconds (packages/runtime); the second on top lets it say why it was too slow.
const killAfterMs = 11_000
const keptLines = 20

/** Keeps one program alive until it is told to stop. `onChange` is called after every change of `state`. */
export class Child {
  readonly state: ProgramState
  readonly #program: Program
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #onChange: () => void
  #process: ChildProcess | null = null
  #history = noCrashes
  #startTimer: NodeJS.Timeout | undefined
  #logFrom = 0
  #isStopping = false
  #hasEnded: Promise<void> = Promise.resolve()

  constructor(
    program: Program,
    options: { logFile: string; env: Readonly<Record<string, string | undefined>>; onChange: () => void },
  ) {
    this.#program = program
    this.#env = options.env
    this.#onChange = options.onChange
    const { name, kind } = program
    this.state = {
      name,
      kind,
      status: 'waiting',
      process: null,
      restarts: 0,
      logFile: options.logFile,
      lastCrash: null,
    }
  }

  get program(): Program {
    return this.#program
  }

  /** Prepares its folders and starts it. Throws where it cannot be prepared; a later crash is handled here, not thrown. */
  async start(): Promise<void> {
    mkdirSync(this.#program.dataFolder, { recursive: true })
    await this.#program.prepare?.()
    this.#spawn()
  }

  /** Ends it with SIGTERM, after eleven seconds with SIGKILL; resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#startTimer)
    const child = this.#process
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      await this.#hasEnded
      clearTimeout(timer)
    }
    this.#change({ status: 'stopped', process: null })
  }

  #spawn(): void {
    const { command, args, workingFolder, env } = this.#program
    const log = openLog(this.state.logFile)
    this.#logFrom = logSize(this.state.logFile)
    const child = spawn(command, args, {
      cwd: workingFolder,
      env: { ...this.#env, ...env },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#process = child
    this.#hasEnded = new Promise((resolve) => {
      child.once('error', (error) => this.#ended(`could not be started: ${error.message}`, resolve))
      child.once('exit', (code, signal) =>
        this.#ended(signal === null ? `exit code ${code}` : `ended by ${signal}`, resolve),
      )
    })
    this.#change({ status: 'starting', process: child.pid === undefined ? null : identify(child.pid) })
    this.#probe(child)
  }

  #probe(child: ChildProcess): void {
    const isCurrent = (): boolean => !this.#isStopping && this.#process === child && this.state.process !== null
    const again = (): void => {
      this.#program.isReady().then(
        (isReady) => {
          if (!isCurrent()) return
          if (isReady) this.#change({ status: 'ready' })
          else setTimeout(again, probeEveryMs)
        },
        () => setTimeout(again, probeEveryMs),
      )
    }
    again()
  }

  #ended(how: string, resolve: () => void): void {
    resolve()
    if (this.#isStopping) return
    const { history, waitMs, isFailing } = afterCrash(this.#history, this.state.status === 'ready', performance.now())
    this.#history = history
    const lines = lastLines(this.state.logFile, keptLines, this.#logFrom)
    this.#change({ status: isFailing ? 'failing' : 'crashed', process: null, lastCrash: { how, lines } })
    this.#startTimer = setTimeout(() => {
      this.state.restarts += 1
      this.#spawn()
    }, waitMs)
  }

  #change(values: Partial<ProgramState>): void {
    // A failing program stays `failing` through its next starts until it is ready.
    if (values.status === 'starting' && this.state.status === 'failing') values = { ...values, status: 'failing' }
    Object.assign(this.state, values)
    this.#onChange()
  }
}
