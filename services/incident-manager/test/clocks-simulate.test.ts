import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { simulate, unconfirmedOf } from '@tocsin/obligations'
import { loadLaws } from '../src/adapters/packs.ts'
import { commands } from '../src/commands.ts'
import { timelineOfCases } from '../src/replay-cases.ts'
import { HOUR, MINUTE, packsFolder, registry, T0, world } from './world.ts'

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

test('what really happened is run under another law: what it would have missed is listed, what was told in time is not', async () => {
  const w = world()
  const at = (minutes: number) => T0 + minutes * MINUTE
  const grave = { level: 'critical', rsitClass: 'intrusions' }
  for (const [id, toldAfter] of [
    ['a', 10],
    ['b', 25],
  ] as const) {
    const from = w.harness.written('notices').length
    await w.detect({ ...grave, detectionId: id, groupBy: { 'source.ip': `203.0.113.${toldAfter}` } })
    for (const notice of w.notices('constituent', from)) await w.deliver(notice, at(toldAfter))
  }
  await w.until(at(60))
  const { laws } = loadLaws(packsFolder)
  const now = laws.law('kz-order-199', { at: T0 })?.pack
  assert.ok(now)
  const stricter = {
    ...now,
    clocks: now.clocks.map((clock) => (clock.id === 'C1' ? { ...clock, limit: 'PT20M' } : clock)),
  }
  const changes = w.harness.written('incident-changes')
  const wish = { from: T0 - HOUR, until: at(60), of: null }
  const missed = (pack: typeof now, of: string | null = null): string[] =>
    simulate(pack, timelineOfCases(changes, pack, registry, { ...wish, of }).timeline)
      .events.filter(({ what }) => what === 'breached')
      .map(({ clock, at: instant }) => `${clock} ${instant}`)
  assert.deepEqual(missed(now), [])
  assert.deepEqual(missed(stricter), [`C1/incident ${new Date(at(20)).toISOString()}`])
  // Under another country's law its cases are none of that country, unless they are asked for.
  const eu = laws.law('eu-nis2', { at: T0 })?.pack
  assert.ok(eu)
  assert.equal(timelineOfCases(changes, eu, registry, wish).timeline.cases.length, 0)
  assert.equal(timelineOfCases(changes, eu, registry, { ...wish, of: 'kz-order-199' }).timeline.cases.length, 2)
  assert.equal(timelineOfCases([{ ...changes[0], snapshot: '{' } as never], now, registry, wish).unreadable, 1)
})

test('every pack says what a person still has to confirm in it', () => {
  const { laws } = loadLaws(packsFolder)
  for (const { pack } of laws.all) assert.notDeepEqual(unconfirmedOf(pack), [], pack.id)
  const kz = laws.all.find(({ pack }) => pack.id === 'kz-order-199')?.pack
  assert.ok(kz && unconfirmedOf(kz).some((line) => line.startsWith('holidays of 2024, 2025, 2026, 2027')))
})
