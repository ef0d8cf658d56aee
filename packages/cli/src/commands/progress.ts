import type { RunState } from '../supervisor/run-file.ts'

const quietMs = 10_000

/**
 * Turns the states of a starting stack into lines: one when something is ready, done, crashed or failed, and one every ten
 * seconds that names what is still waited for. Takes the time since the start, so that it needs no clock.
 */
export function createProgress(write: (line: string) => void): { show(state: RunState, elapsedMs: number): void } {
  const said = new Set<string>()
  let lastLineMs = 0
  const say = (key: string, line: string, elapsedMs: number): void => {
    if (said.has(key)) return
    said.add(key)
    lastLineMs = elapsedMs
    write(`${(elapsedMs / 1000).toFixed(1).padStart(6)} s  ${line}`)
  }
  return {
    show(state, elapsedMs) {
      for (const program of state.programs) {
        const { name, status, restarts, lastCrash } = program
        if (lastCrash !== null) say(`${name} crash ${restarts}`, crashText(name, lastCrash), elapsedMs)
        if (status === 'ready') say(`${name} ready ${restarts}`, `${name} is ready`, elapsedMs)
        if (status === 'failing') say(`${name} failing`, `${name} keeps crashing; it is tried again`, elapsedMs)
      }
      for (const step of state.steps) {
        if (step.status === 'waiting' || step.status === 'running') continue
        say(step.name, `${step.name}: ${step.status}${step.message === '' ? '' : ` (${step.message})`}`, elapsedMs)
      }
      if (elapsedMs - lastLineMs >= quietMs) say(`waiting ${elapsedMs}`, `waiting for ${waitedFor(state)}`, elapsedMs)
    },
  }
}

function crashText(name: string, crash: { how: string; lines: readonly string[] }): string {
  return [`${name} crashed (${crash.how}); its last lines:`, ...crash.lines.map((line) => `          ${line}`)].join(
    '\n',
  )
}

function waitedFor(state: RunState): string {
  const programs = state.programs.filter((program) => program.status !== 'ready' && program.status !== 'waiting')
  const steps = state.steps.filter((step) => step.status === 'running')
  return [...programs, ...steps].map((waited) => waited.name).join(', ') || 'the supervisor'
}
