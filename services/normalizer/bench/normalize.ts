/**
 * CPU time of the core per event and device: `node services/normalizer/bench/normalize.ts [folder of corpora]`. Without a folder the project's own
 * samples are used. The budget is 30 µs in the mean over all events; `tocsin bench normalize` measures the whole stage.
 */
import { normalizeFrame } from '../src/normalize.ts'
import { parsers } from '../src/parsers/index.ts'
import { corpusFrames, sampleFrames } from './frames.ts'

const receivedAt = Date.UTC(2026, 2, 15)
const warmUpRounds = 4
const rounds = 10

function measure(frames: readonly Buffer[], times: number): number {
  const before = process.cpuUsage()
  for (let round = 0; round < times; round++)
    for (const octets of frames) normalizeFrame({ octets, receivedAt, source: {} }, parsers)
  const used = process.cpuUsage(before)
  return (used.user + used.system) / (times * frames.length)
}

const folder = process.argv[2]
const { devices } = folder === undefined ? sampleFrames() : (corpusFrames(folder) ?? sampleFrames())
const all = [...devices.values()].flat()
measure(all, warmUpRounds)
for (const [name, frames] of [...devices].sort(([a], [b]) => a.localeCompare(b))) {
  const octets = frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length
  console.log(
    `${name.padEnd(28)} ${String(frames.length).padStart(5)} lines ${octets.toFixed(0).padStart(6)} octets ${measure(frames, rounds).toFixed(1).padStart(7)} µs`,
  )
}
console.log(
  `${'all'.padEnd(28)} ${String(all.length).padStart(5)} lines ${''.padStart(14)}${measure(all, rounds).toFixed(1).padStart(7)} µs of CPU per event`,
)
