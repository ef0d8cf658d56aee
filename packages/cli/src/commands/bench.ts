import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from '@tocsin/runtime'
import { readOptionsAndWords } from '../arguments.ts'
import { projectRoot } from '../stack/places.ts'
import { StackError } from '../stack/stack-error.ts'

const options = { json: { type: 'boolean' }, quick: { type: 'boolean' } } as const
const STAGES = [
  'receive',
  'ingest',
  'collect',
  'normalize',
  'codec',
  'enrich',
  'detect',
  'correlate',
  'pass-through',
  'clocks',
  'notices',
  'index',
]

export const bench: Command = {
  name: 'bench',
  summary: 'measure what a stage costs in CPU time, beside its budget and its peer; all stages where none is named',
  usage: `bench [STAGE…] [--quick] | bench STAGE --json [--quick]    stages: ${STAGES.join(', ')}`,
  examples: ['tocsin bench --quick', 'tocsin bench enrich', 'tocsin bench codec --json'],
  async run(args, io) {
    const { values, positionals } = readOptionsAndWords(args, options)
    const unknown = positionals.find((stage) => !STAGES.includes(stage))
    if (unknown !== undefined)
      throw new StackError('bad_argument', `"${unknown}" is no stage; these are: ${STAGES.join(', ')}.`)
    if (values.json === true && positionals.length !== 1)
      throw new StackError('bad_argument', '--json is for one stage: `tocsin bench enrich --json`.')
    const script = values.json === true ? 'stage.ts' : 'run.ts'
    const flags = [...(values.json === true ? ['--json'] : []), ...(values.quick === true ? ['--quick'] : [])]
    // A process of its own: what the command line has loaded and compiled is no part of the figure.
    const child = spawn(process.execPath, [join(projectRoot, 'bench', script), ...positionals, ...flags], {
      env: { ...io.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: io.signal,
    })
    child.stdout.pipe(io.stdout, { end: false })
    child.stderr.pipe(io.stderr, { end: false })
    const [exitCode] = (await once(child, 'close')) as [number | null]
    return exitCode ?? 1
  },
}
