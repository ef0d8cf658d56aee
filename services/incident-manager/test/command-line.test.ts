import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import type { CommandIo } from '@tocsin/runtime'
import { ACTION_HELP } from '../src/action-help.ts'
import { commands } from '../src/commands.ts'
import { incidentTable, totalsLine } from '../src/incident-text.ts'
import { ACTIONS } from '../src/permissions.ts'
import { MINUTE, T0, world } from './world.ts'

function ioOf(stdin: string, env: Record<string, string> = {}): CommandIo & { out: () => string; err: () => string } {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  return {
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    env,
    signal: new AbortController().signal,
    out: () => String(stdout.read() ?? ''),
    err: () => String(stderr.read() ?? ''),
  }
}

async function run(name: string, args: string[], io: CommandIo): Promise<number> {
  const command = commands.find((one) => one.name === name)
  assert.ok(command)
  return command.run(args, io)
}

const timeline = JSON.stringify({
  until: '2026-11-20T19:00:00Z',
  cases: [
    {
      caseId: 'one',
      kind: 'event',
      facts: [{ name: 'detectedAt', at: '2026-11-20T17:30:00Z' }],
    },
  ],
})

test('KZ-10.3g a timeline run under a pack prints its clock events, with the breach at 30 minutes', async () => {
  const io = ioOf(timeline)
  assert.equal(await run('clocks simulate', ['--pack', 'kz-order-199', '--breaches'], io), 0)
  const [breach] = io
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { at: string; clock: string })
  assert.deepEqual([breach?.at, breach?.clock], ['2026-11-20T18:00:00.000Z', 'C1/event'])
})

test('a timeline that is wrong, and a pack that is not there, are refused in one sentence', async () => {
  await assert.rejects(run('clocks simulate', ['--pack', 'kz-order-199'], ioOf('{"until": 1}')), {
    code: 'bad_timeline',
  })
  await assert.rejects(run('clocks simulate', ['--pack', 'nowhere'], ioOf(timeline)), { code: 'pack_refused' })
})

test('the test clock moves in the embedded profile and is refused elsewhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  try {
    const file = join(folder, 'clock')
    const io = ioOf('', { TOCSIN_PROFILE: 'embedded', TOCSIN_CLOCK_FILE: file })
    assert.equal(await run('clock advance', ['48h'], io), 0)
    assert.equal(await run('clock advance', ['PT1S'], io), 0)
    assert.equal(readFileSync(file, 'utf8').trim(), String(48 * 3_600_000 + 1000))
    await assert.rejects(
      run('clock advance', ['1h'], ioOf('', { TOCSIN_PROFILE: 'production', TOCSIN_CLOCK_FILE: file })),
      { code: 'clock_refused' },
    )
    assert.equal(await run('clock advance', ['soon'], ioOf('')), 2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('VN-4.2b-4 the list shows a false positive and leaves it out of the totals; control characters do not reach the terminal', async () => {
  const w = world()
  await w.detect({ titles: { en: 'Guess\u001b[2Jing' } })
  assert.equal(totalsLine([w.latest()]), '1 events, 0 incidents, 0 threats; 0 not counted')
  await w.command('mark-false-positive', T0 + MINUTE, { reason: 'our own scanner' })
  assert.equal(totalsLine([w.latest()]), '0 events, 0 incidents, 0 threats; 1 not counted')
  const table = incidentTable([w.latest()])
  assert.match(table, /false-positive/)
  assert.ok(!table.includes('\u001b'))
})

test('every command on a case has help with an example, and a place in the README', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  for (const action of ACTIONS) {
    const io = ioOf('')
    assert.equal(await run('incident', ['help', action], io), 0)
    const printed = io.out()
    assert.ok(printed.startsWith(`${action}: ${ACTION_HELP[action].summary}`), action)
    assert.ok(ACTION_HELP[action].example.startsWith(`tocsin incident ${action}`), action)
    assert.ok(readme.includes(`\`${action}\``), `${action} in the README`)
  }
  assert.equal(await run('incident', ['help', 'explode'], ioOf('')), 2)
})
