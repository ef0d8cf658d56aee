/**
 * CPU time of the core per event: `node services/normalizer/bench/normalize.ts [folder of corpora]`. Without a folder the project's own samples are used.
 * The budget is 30 µs in the mean over all events.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { normalizeFrame } from '../src/normalize.ts'
import type { Frame } from '../src/parser.ts'
import { parsers } from '../src/parsers/index.ts'

const receivedAt = Date.UTC(2026, 2, 15)
const warmUpRounds = 4
const rounds = 10

function readCorpus(folder: string): Map<string, Frame[]> {
  const devices = new Map<string, Frame[]>()
  for (const name of readdirSync(folder)) {
    const file = join(folder, name, 'events.ndjson')
    if (!existsSync(file)) continue
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    devices.set(
      name,
      lines.map((line) => frameOf(Buffer.from((JSON.parse(line) as { message?: string }).message ?? ''))),
    )
  }
  return devices
}

function readSamples(): Map<string, Frame[]> {
  const folder = join(import.meta.dirname, '../test/samples')
  const devices = new Map<string, Frame[]>()
  for (const name of readdirSync(folder)) {
    devices.set(
      name,
      readdirSync(join(folder, name))
        .filter((file) => file.endsWith('.log'))
        .map((file) => frameOf(readFileSync(join(folder, name, file)))),
    )
  }
  return devices
}

function frameOf(octets: Buffer): Frame {
  return { octets, receivedAt, source: {} }
}

function measure(frames: readonly Frame[], times: number): number {
  const before = process.cpuUsage()
  for (let round = 0; round < times; round++) for (const frame of frames) normalizeFrame(frame, parsers)
  const used = process.cpuUsage(before)
  return (used.user + used.system) / (times * frames.length)
}

const folder = process.argv[2]
const devices = folder === undefined ? readSamples() : readCorpus(folder)
const all = [...devices.values()].flat()
measure(all, warmUpRounds)
for (const [name, frames] of [...devices].sort(([a], [b]) => a.localeCompare(b))) {
  const octets = frames.reduce((sum, frame) => sum + frame.octets.length, 0) / frames.length
  console.log(
    `${name.padEnd(28)} ${String(frames.length).padStart(5)} lines ${octets.toFixed(0).padStart(6)} octets ${measure(frames, rounds).toFixed(1).padStart(7)} µs`,
  )
}
console.log(
  `${'all'.padEnd(28)} ${String(all.length).padStart(5)} lines ${''.padStart(14)}${measure(all, rounds).toFixed(1).padStart(7)} µs of CPU per event`,
)
