import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { commands } from '../src/commands.ts'

async function run(args: string[], stdin = ''): Promise<{ code: number; out: string; err: string }> {
  const command = commands.find(({ name }) => name === 'clocks simulate')
  assert.ok(command !== undefined)
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await command.run(args, {
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    env: {},
    signal: new AbortController().signal,
  })
  stdout.end()
  stderr.end()
  return { code, out: await text(stdout), err: await text(stderr) }
}

const timeline = JSON.stringify({
  until: '2026-11-20T17:00:00Z',
  cases: [{ caseId: 'a', kind: 'event', facts: [{ at: '2026-11-20T16:00:00Z', name: 'detectedAt' }] }],
})

test('a simulated timeline prints one JSON object a line', async () => {
  const { code, out } = await run(['--pack', 'kz-order-199'], timeline)
  assert.equal(code, 0)
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { clock: string; what: string })
  assert.deepEqual(
    lines.map(({ clock, what }) => `${clock} ${what}`),
    ['C1/event started', 'C2/event started', 'C1/event warned', 'C1/event breached'],
  )
})

test('only would-be breaches are listed when asked for', async () => {
  const { out } = await run(['--pack', 'kz-order-199', '--breaches'], timeline)
  const { at, caseId, clock, to } = JSON.parse(out) as Record<string, unknown>
  assert.deepEqual([at, caseId, clock, to], ['2026-11-20T16:30:00.000Z', 'a', 'C1/event', ['shift']])
})

test('without a pack the call is wrong', async () => {
  assert.equal((await run([], timeline)).code, 2)
})

test('an unknown pack and a wrong timeline are refused with a code and one sentence', async () => {
  await assert.rejects(run(['--pack', 'kz-order-200'], timeline), { code: 'pack_refused', message: /kz-order-200/ })
  await assert.rejects(run(['--pack', 'kz-order-199'], '{"until": 1}'), { code: 'bad_timeline', message: /:1: until/ })
})
