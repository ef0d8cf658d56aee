// `make bench`, or `node bench/run.ts [--quick] [STAGE…]`: every stage, one after another, each in a process of its own.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Figure, figureTable, HANG_FACTOR, isHanging, UNIT } from './figures.ts'
import { STAGES } from './stages.ts'

const STAGE_LIMIT_MS = 15 * 60_000
const words = process.argv.slice(2)
const flags = words.filter((word) => word.startsWith('--'))
const chosen = words.filter((word) => !word.startsWith('--'))
const figures: Figure[] = []
let failures = 0

for (const stage of chosen.length > 0 ? chosen : Object.keys(STAGES)) {
  process.stderr.write(`${stage} …\n`)
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'stage.ts'), stage, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    timeout: STAGE_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  })
  if (status !== 0) failures++
  const of = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Figure)
  const headline = of.pop()
  figures.push(...(headline === undefined ? [] : [headline]), ...of)
}

process.stdout.write(`${UNIT}; budgets are of design.md 8 and not asserted\n\n${figureTable(figures).join('\n')}\n`)
for (const { stage, value, budget } of figures.filter(isHanging))
  process.stdout.write(
    `${stage} takes ${value.toFixed(1)} µs, more than ${HANG_FACTOR} times its budget of ${budget}\n`,
  )
process.exitCode = failures > 0 ? 1 : 0
