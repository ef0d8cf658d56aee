import type { Command } from '@tocsin/runtime'
import { readOptions } from '../arguments.ts'
import { dataFolderOf } from '../data-folder.ts'
import { isRunning, leftProcesses, readRunState } from '../supervisor/run-file.ts'
import { stopStack } from '../supervisor/stop.ts'

export const down: Command = {
  name: 'down',
  summary: 'stop everything that `tocsin up` started; the data stays',
  usage: 'down [--data DIR]',
  examples: ['tocsin down', 'tocsin down --data /var/tmp/tocsin'],
  async run(args, io) {
    const dataFolder = dataFolderOf(readOptions(args, { data: { type: 'string' } }).data)
    const state = readRunState(dataFolder)
    if (state === null || (!isRunning(state) && leftProcesses(state).length === 0)) {
      io.stdout.write('Nothing is running.\n')
      return 0
    }
    const left = await stopStack(dataFolder, state)
    if (left.length === 0) {
      io.stdout.write('Stopped; no process is left.\n')
      return 0
    }
    io.stderr.write(`These processes could not be ended: ${left.map((identity) => identity.pid).join(', ')}.\n`)
    return 1
  },
}
