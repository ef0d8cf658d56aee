import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '@tocsin/runtime'
import { pinnedNode, projectRoot } from '../stack/places.ts'
import { addressesOf, type Plan, programsOf, stackEnvironment } from '../stack/plan.ts'
import { StackError } from '../stack/stack-error.ts'
import { afterServices, beforeServices, isApplicable, type Step } from '../stack/steps.ts'
import { Child } from './child.ts'
import { boundLog } from './log-file.ts'
import { identify } from './process-identity.ts'
import { type RunState, type StepState, writeRunState } from './run-file.ts'

const lookEveryMs = 100

/** Runs one stack: starts its programs in order, keeps them alive, stops them in the reverse order. */
export class Supervisor {
  readonly #plan: Plan
  readonly #children: readonly Child[]
  readonly #steps: StepState[]
  readonly #startedAt: string
  #phase: RunState['phase'] = 'starting'
  #problem: string | null = null
  #isStopping = false
  #stepProcess: ReturnType<typeof spawn> | null = null

  /** Throws where Java or the jars are missing. */
  constructor(plan: Plan, env: NodeJS.ProcessEnv, startedAt: string) {
    this.#plan = plan
    this.#startedAt = startedAt
    this.#children = programsOf(plan, env).map(
      (program) =>
        new Child(program, {
          logFile: join(plan.dataFolder, 'logs', `${program.name}.log`),
          env,
          onChange: () => this.#changed(),
        }),
    )
    const steps = plan.runSteps ? [...beforeServices, ...afterServices] : []
    this.#steps = steps.map((step) => ({ name: step.args.slice(0, 2).join(' '), status: 'waiting', message: '' }))
  }

  /** Brings everything up. Resolves when all of it is ready or `degraded` (a service is not); throws when a server or a step cannot come up. */
  async start(): Promise<void> {
    this.#write()
    const servers = this.#children.filter((child) => child.state.kind === 'server')
    const services = this.#children.filter((child) => child.state.kind === 'service')
    await this.#bringUp(servers)
    await this.#runSteps(beforeServices)
    await this.#bringUp(services).catch((error: unknown) => {
      // The rest works without one service, which is started again and again: left running to be looked at.
      this.#problem = messageOf(error)
    })
    if (this.#problem === null) await this.#runSteps(afterServices)
    if (!this.#isStopping) this.#enter(this.#problem === null ? 'ready' : 'degraded')
  }

  /** Stops everything, last started first; resolves when no child is left. */
  async stop(problem: string | null = null): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#problem = problem
    this.#enter('stopping')
    this.#stepProcess?.kill('SIGTERM')
    const of = (kind: string): Child[] => this.#children.filter((child) => child.state.kind === kind)
    await Promise.all(of('service').map((child) => child.stop()))
    await Promise.all(
      of('server')
        .filter((child) => child.state.name !== 'kafka')
        .map((child) => child.stop()),
    )
    await Promise.all(of('server').map((child) => child.stop()))
    this.#enter(problem === null ? 'stopped' : 'failed')
  }

  /** Keeps the children's logs bounded; called from time to time. */
  boundLogs(): void {
    for (const child of this.#children) boundLog(child.state.logFile)
  }

  async #bringUp(children: readonly Child[]): Promise<void> {
    await Promise.all(children.map((child) => this.#bringUpOne(child)))
  }

  async #bringUpOne(child: Child): Promise<void> {
    const before = this.#children.filter((other) => child.program.after.includes(other.state.name))
    await this.#until(() => before.every((other) => other.state.status === 'ready'))
    if (this.#isStopping) return
    await child.start()
    const deadlineMs = performance.now() + child.program.readyTimeoutMs
    await this.#until(() => {
      const { name, status, logFile } = child.state
      if (status === 'failing')
        throw new StackError('child_crashed', `${name} crashes again and again; see its log ${logFile}.`)
      if (status !== 'ready' && performance.now() > deadlineMs) {
        throw new StackError(
          'not_ready_in_time',
          `${name} was not ready within ${child.program.readyTimeoutMs / 1000} s; see its log ${logFile}.`,
        )
      }
      return status === 'ready'
    })
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!this.#isStopping && !isTrue()) await sleep(lookEveryMs)
  }

  async #runSteps(steps: readonly Step[]): Promise<void> {
    if (!this.#plan.runSteps) return
    for (const step of steps) {
      if (this.#isStopping) return
      const state = this.#steps.find((candidate) => candidate.name === step.args.slice(0, 2).join(' '))
      if (state !== undefined) await this.#runStep(step, state)
    }
  }

  async #runStep(step: Step, state: StepState): Promise<void> {
    const report = (status: StepState['status'], message: string): void => {
      Object.assign(state, { status, message })
      this.#write()
    }
    if (!isApplicable(step)) return report('skipped', `there is no ${step.needs}`)
    report('running', '')
    const { exitCode, output } = await this.#runCommand(step.args)
    const lastLine = output.trimEnd().split('\n').at(-1) ?? ''
    if (exitCode === 2 && output.includes('There is no command')) return report('skipped', lastLine)
    report(exitCode === 0 ? 'done' : 'failed', lastLine)
    if (exitCode !== 0 && !this.#isStopping) {
      throw new StackError(
        'step_failed',
        `\`tocsin ${step.args.join(' ')}\` failed: ${lastLine || `exit code ${exitCode}`}`,
      )
    }
  }

  #runCommand(args: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
    return new Promise((resolve) => {
      const env = { ...process.env, ...stackEnvironment(this.#plan) }
      const child = spawn(pinnedNode, [join(projectRoot, 'packages/cli/bin/tocsin.js'), ...args], {
        cwd: projectRoot,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      this.#stepProcess = child
      let output = ''
      const keep = (data: Buffer): void => {
        output = (output + data.toString('utf8')).slice(-8192)
      }
      child.stdout.on('data', keep)
      child.stderr.on('data', keep)
      child.once('error', (error) => resolve({ exitCode: null, output: error.message }))
      child.once('close', (exitCode) => {
        this.#stepProcess = null
        resolve({ exitCode, output })
      })
    })
  }

  /** A stack that came up without one service is whole again once that service is ready. */
  #changed(): void {
    if (this.#phase === 'degraded' && this.#children.every((child) => child.state.status === 'ready')) {
      this.#phase = 'ready'
      this.#problem = null
    }
    this.#write()
  }

  #enter(phase: RunState['phase']): void {
    this.#phase = phase
    this.#write()
  }

  #write(): void {
    writeRunState(this.#plan.dataFolder, {
      version: 1,
      phase: this.#phase,
      supervisor: identify(process.pid),
      startedAt: this.#startedAt,
      addresses: addressesOf(this.#plan),
      env: stackEnvironment(this.#plan),
      programs: this.#children.map((child) => child.state),
      steps: this.#steps,
      problem: this.#problem,
    })
  }
}
