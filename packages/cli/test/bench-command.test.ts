import assert from 'node:assert/strict'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { bench } from '../src/commands/bench.ts'
import { projectRoot } from '../src/stack/places.ts'

async function run(...words: string[]): Promise<{ exitCode: number; out: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const signal = new AbortController().signal
  const exitCode = await bench.run(words, { stdin, stdout, stderr, env: process.env, signal })
  return { exitCode, out: String(stdout.read() ?? '') }
}

test('a benchmark ends with one line of JSON for machines: the stage, its figure, its peer and the ratio', async () => {
  const { exitCode, out } = await run('codec', '--json', '--quick')
  assert.equal(exitCode, 0)
  const line = JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  assert.deepEqual(Object.keys(line), ['stage', 'value', 'unit', 'peer', 'peerValue', 'ratio'])
  assert.deepEqual([line['stage'], line['unit']], ['codec', 'µs CPU per event'])
  assert.ok(Number(line['value']) > 0 && Number(line['ratio']) > 0)
})

test('a stage that does not exist is refused by name, and --json without one stage too', async () => {
  await assert.rejects(run('enrihc'), { code: 'bad_argument' })
  await assert.rejects(run('--json'), { code: 'bad_argument' })
  await assert.rejects(run('codec', 'index', '--json'), { code: 'bad_argument' })
})

test('the command names every stage that has a benchmark', async () => {
  const { STAGES } = (await import(pathToFileURL(join(projectRoot, 'bench/stages.ts')).href)) as { STAGES: object }
  for (const stage of Object.keys(STAGES)) assert.match(bench.usage, new RegExp(`\\b${stage}\\b`))
})
