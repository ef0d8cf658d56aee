import type { Command } from '@tocsin/runtime'
import { readOptions } from '../arguments.ts'
import { dataFolderOf } from '../data-folder.ts'
import { isRunning, type RunState, readRunState } from '../supervisor/run-file.ts'
import { addressTable } from './address-table.ts'

export const status: Command = {
  name: 'status',
  summary: 'say what runs, what crashed and where everything listens',
  usage: 'status [--json] [--data DIR]',
  examples: ['tocsin status', 'tocsin status --json | jq .env'],
  async run(args, io) {
    const options = readOptions(args, { json: { type: 'boolean' }, data: { type: 'string' } })
    const state = readRunState(dataFolderOf(options.data))
    const running = isRunning(state)
    if (options.json === true) {
      io.stdout.write(`${JSON.stringify(running ? { running, ...state } : { running }, null, 2)}\n`)
    } else {
      io.stdout.write(running ? statusText(state) : 'Nothing is running; start it with `tocsin up`.\n')
    }
    return running && state.phase !== 'degraded' ? 0 : 1
  },
}

/** The state for a reader: a line for each program, the last lines of those that are down, the addresses. */
export function statusText(state: RunState): string {
  const width = Math.max(...state.programs.map((program) => program.name.length))
  const programs = state.programs.flatMap(({ name, status: is, process, restarts, lastCrash }) => {
    const pid = process === null ? '' : `pid ${process.pid}`
    const line = `  ${name.padEnd(width)}  ${is.padEnd(8)}  ${pid.padEnd(11)}  restarts ${restarts}`
    if (is === 'ready' || lastCrash === null) return [line]
    return [line, `    ${lastCrash.how}; its last lines:`, ...lastCrash.lines.map((text) => `      ${text}`)]
  })
  return `${state.phase}, since ${state.startedAt}\n\n${programs.join('\n')}\n\n${addressTable(state)}`
}
