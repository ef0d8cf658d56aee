// One stage in a process of its own: `node bench/stage.ts STAGE [--quick] [--json]`. Figures as NDJSON on standard output
// (with --json the line of design.md 8, the headline last; without, whole figures for run.ts), what was left out on standard error.
import { figureLine, isHanging } from './figures.ts'
import { benchOf } from './stages.ts'

// kafkajs 2.2.4 counts a delay from a time that is past; Node 24 warns of it and waits 1 ms, which is right.
process.removeAllListeners('warning')

const [stage = '', ...flags] = process.argv.slice(2)
const bench = await benchOf(stage)
const { figures, skipped } = await bench.run({ quick: flags.includes('--quick'), env: process.env })
for (const reason of skipped) process.stderr.write(`${stage}: left out: ${reason}\n`)
const [headline, ...others] = figures
for (const figure of [...others, ...(headline === undefined ? [] : [headline])])
  process.stdout.write(`${flags.includes('--json') ? figureLine(figure) : JSON.stringify(figure)}\n`)
// Clients of Kafka may keep threads; what was asked for is done.
process.exit(figures.some(isHanging) ? 1 : 0)
