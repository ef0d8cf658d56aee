// Silence, recovery, rate and clock of sources in event time; each test moves the clock by hand.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CoverageState, HealthEvent, Outage, RegistrySource, RegistrySystem, SourceState } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { watchSources } from '../src/sources/watch-sources.ts'
import { body, countOf, DAY, DAY0, HOUR, MINUTE, sourceOf, systemOf } from './world.ts'

const SECOND = 1_000

/** The stage with a registry that tests change; published states come back as the table gives them. */
function watching(sources: RegistrySource[], systems: RegistrySystem[] = [], startMs = DAY0) {
  const states = new Map<string, SourceState>()
  const stage = harnessOf(
    watchSources({
      source: (id) => sources.find(({ sourceId }) => sourceId === id),
      sources: () => sources,
      systems: () => systems,
      constituent: (id) => (id === body.constituentId ? body : undefined),
      state: (id) => states.get(id),
    }),
    startMs,
  )
  const follow = () => {
    for (const output of stage.outputs()) {
      if (output.topic !== 'source-states') continue
      if (output.value === null) states.delete(output.key)
      else states.set(output.key, output.value as SourceState)
    }
  }
  let nowMs = startMs
  const opened = {
    stage,
    sources,
    systems,
    states,
    now: () => nowMs,
    /** Moves the clock in steps in which a running service ticks. */
    async pass(durationMs: number, stepMs = 10 * SECOND) {
      for (const end = nowMs + durationMs; nowMs < end; ) {
        nowMs = Math.min(end, nowMs + stepMs)
        await stage.tick(nowMs)
        follow()
      }
    },
    async lines(sourceId: string, count: number, at = nowMs) {
      stage.now(nowMs)
      const minute = Math.floor(at / MINUTE) * MINUTE
      await stage.give(
        'source-counts',
        sourceId,
        countOf({ sourceId, minute, received: count, accepted: count, lastAt: at }),
      )
      follow()
    },
    async skew(sourceId: string, skewMs: number) {
      stage.now(nowMs)
      const minute = Math.floor(nowMs / MINUTE) * MINUTE
      const count = countOf({ sourceId, service: 'normalizer', minute, received: 1, normalized: 1, skewMs })
      await stage.give('source-counts', sourceId, count)
      follow()
    },
    told: (code: string) =>
      (stage.written('health-events') as HealthEvent[])
        .filter((event) => event.code === code)
        .map(({ state }) => state),
    outages: () => stage.written('outages') as Outage[],
    coverage: (id: string) =>
      (stage.written('coverage-states') as CoverageState[]).filter(({ coverageId }) => coverageId === id).at(-1),
  }
  return opened
}

describe('silence', () => {
  test('VN-5.3c-1 a source that stops, a sensor as any other, is told once after its limit, and its return is told', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: null })])
    await w.pass(2 * MINUTE)
    for (let minute = 0; minute < 5; minute++) {
      await w.lines('vn-web', 10)
      await w.pass(MINUTE)
    }
    const last = w.now() - MINUTE
    await w.pass(13 * MINUTE)
    assert.deepEqual(w.told('source_silent'), [], 'the default of 15 minutes has not passed')
    await w.pass(2 * MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised'])
    assert.equal(w.states.get('vn-web')?.state, 'silent')
    assert.deepEqual([w.outages()[0]?.startedAt, w.outages()[0]?.endedAt], [last, null])
    await w.pass(20 * MINUTE)
    await w.lines('vn-web', 1)
    await w.pass(MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised', 'cleared'])
    assert.equal(w.states.get('vn-web')?.state, 'heard')
    const [opened, closed] = w.outages()
    assert.equal(closed?.outageId, opened?.outageId)
    assert.equal(closed?.endedAt, w.now() - MINUTE)
    const ids = (w.stage.written('health-events') as HealthEvent[]).map(({ healthId }) => healthId)
    assert.equal(new Set(ids).size, 1, 'the end names the episode that it ends')
  })

  test('a declared limit wins over what was learned', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 120 })])
    await w.pass(2 * MINUTE)
    await w.lines('vn-web', 1)
    await w.pass(2 * MINUTE)
    assert.deepEqual(w.told('source_silent'), [])
    await w.pass(20 * SECOND)
    assert.deepEqual(w.told('source_silent'), ['raised'])
  })

  test('a source that sends every two hours is let be once its rhythm is known, and then missed', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: null })])
    for (let beat = 0; beat < 5 * 12; beat++) {
      await w.lines('vn-web', 3)
      await w.pass(2 * HOUR, 20 * SECOND)
    }
    const before = w.told('source_silent').length
    await w.lines('vn-web', 3)
    await w.pass(3 * HOUR, 20 * SECOND)
    assert.equal(w.states.get('vn-web')?.limitBasis, 'learned')
    assert.equal(w.told('source_silent').length, before)
    await w.pass(90 * MINUTE, 20 * SECOND)
    assert.equal(w.told('source_silent').at(-1), 'raised')
  })

  test('a registered source that never sends is told, and its first line ends that', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 600, changedAt: DAY0 })])
    await w.lines('other', 1)
    await w.pass(9 * MINUTE)
    assert.deepEqual(w.told('source_silent'), [])
    await w.pass(3 * MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised'])
    assert.equal(w.states.get('vn-web')?.state, 'never-heard')
    await w.lines('vn-web', 1)
    await w.pass(MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised', 'cleared'])
    assert.equal(w.states.get('vn-web')?.state, 'heard')
  })

  test('nobody waits for a source that the door refuses by its legal scope', async () => {
    const w = watching([sourceOf({ legalScope: ['mnd'] }), sourceOf({ sourceId: 'stranger', constituent: 'nobody' })])
    await w.lines('other', 1)
    await w.pass(2 * HOUR)
    assert.deepEqual(w.told('source_silent'), [])
  })

  test('a gap that passed while the reporter was away is an outage with its start and end, without an alarm', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 300 })])
    await w.lines('vn-web', 1, DAY0 - 4 * HOUR)
    await w.lines('vn-web', 1, DAY0 - 3 * HOUR)
    await w.lines('vn-web', 1, DAY0)
    await w.pass(MINUTE)
    assert.deepEqual(
      w.outages().map(({ startedAt, endedAt }) => [startedAt, endedAt]),
      [
        [DAY0 - 4 * HOUR, DAY0 - 3 * HOUR],
        [DAY0 - 3 * HOUR, DAY0],
      ],
    )
    assert.deepEqual(w.told('source_silent'), [])
  })

  test('a step of the clock or a backlog calls nobody silent before what is on its way was read', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 300 })])
    await w.pass(2 * MINUTE)
    await w.lines('vn-web', 1)
    await w.pass(HOUR, HOUR)
    await w.pass(30 * SECOND)
    assert.deepEqual(w.told('source_silent'), [])
    await w.lines('vn-web', 1)
    await w.pass(2 * MINUTE)
    assert.deepEqual(w.told('source_silent'), [])
  })

  test('a crash forgets nothing: the silence is told once and its end is known', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 300 })])
    await w.pass(2 * MINUTE)
    await w.lines('vn-web', 1)
    await w.pass(6 * MINUTE)
    w.stage.crash()
    await w.pass(5 * MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised'])
    w.stage.crash()
    await w.lines('vn-web', 1)
    assert.deepEqual(w.told('source_silent'), ['raised', 'cleared'])
  })

  test('forty sources that fall silent at once are five notices and one, and one when the last is back', async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `s-${n}`)
    const w = watching(ids.map((sourceId) => sourceOf({ sourceId, expectedIntervalSeconds: 300 })))
    await w.pass(2 * MINUTE)
    for (const id of ids) {
      await w.lines(id, 1)
      await w.pass(SECOND, SECOND)
    }
    await w.pass(10 * MINUTE)
    const told = () => (w.stage.written('health-events') as HealthEvent[]).filter(({ level }) => level !== 'info')
    assert.deepEqual(
      told()
        .map(({ code }) => code)
        .sort(),
      [...Array(5).fill('source_silent'), 'sources_silent'],
    )
    assert.equal(w.outages().length, 40, 'every gap is recorded')
    assert.ok(ids.every((id) => w.states.get(id)?.state === 'silent'))
    w.stage.crash()
    for (const id of ids.slice(0, 39)) await w.lines(id, 1)
    assert.deepEqual(w.told('sources_silent'), ['raised'])
    await w.lines('s-39', 1)
    assert.deepEqual(w.told('sources_silent'), ['raised', 'cleared'])
    assert.equal(told().length, 12)
    await w.pass(MINUTE)
    assert.ok(ids.every((id) => w.states.get(id)?.state === 'heard'))
  })

  test('a source that is withdrawn is forgotten, its silence ends', async () => {
    const w = watching([sourceOf({ expectedIntervalSeconds: 300 })])
    await w.pass(2 * MINUTE)
    await w.lines('vn-web', 1)
    await w.pass(6 * MINUTE)
    w.sources.pop()
    await w.pass(MINUTE)
    assert.deepEqual(w.told('source_silent'), ['raised', 'cleared'])
    assert.equal(w.states.has('vn-web'), false)
  })

  test('SEC-S1 counts under the name of another body change nothing', async () => {
    const w = watching([sourceOf()])
    await w.stage.give(
      'source-counts',
      'vn-web',
      countOf({ constituent: 'kz-ministry', accepted: 5, received: 5, lastAt: DAY0 }),
    )
    await w.pass(2 * MINUTE)
    assert.equal(w.states.get('vn-web')?.lastSeenAt ?? null, null)
    assert.deepEqual(w.outages(), [])
  })
})

describe('rate', () => {
  /** Four working days with 600 lines every hour. */
  async function taught() {
    const w = watching([sourceOf({ expectedIntervalSeconds: 7_200 })], [], DAY0 + DAY + 2 * HOUR)
    for (let hour = 0; hour < 3 * 24 + 1; hour++) {
      for (let part = 0; part < 4; part++) {
        await w.lines('vn-web', 150)
        await w.pass(15 * MINUTE, 20 * SECOND)
      }
    }
    return w
  }

  test('an hour with a twentieth or twentyfold of what is usual is told, and what is usual again as well', async () => {
    const w = await taught()
    assert.deepEqual(w.told('source_rate_low'), [])
    await w.lines('vn-web', 30)
    await w.pass(HOUR, 20 * SECOND)
    await w.lines('vn-web', 600)
    await w.pass(HOUR, 20 * SECOND)
    await w.lines('vn-web', 12_000)
    await w.pass(HOUR, 20 * SECOND)
    await w.lines('vn-web', 600)
    await w.pass(HOUR + 5 * MINUTE, 20 * SECOND)
    assert.deepEqual(w.told('source_rate_low'), ['raised', 'cleared'])
    assert.deepEqual(w.told('source_rate_high'), ['raised', 'cleared'])
    assert.equal(w.states.get('vn-web')?.rate, 'usual')
    assert.ok(Math.abs((w.states.get('vn-web')?.linesUsual ?? 0) - 600) < 400)
  })
})

describe('clock', () => {
  test('a clock seven hours ahead is flagged with its skew and the likely zone, and cleared when it is set', async () => {
    const w = watching([sourceOf()])
    for (let minute = 0; minute < 6; minute++) {
      await w.lines('vn-web', 1)
      await w.skew('vn-web', 7 * HOUR - 2_000 - minute)
      await w.pass(MINUTE)
    }
    assert.deepEqual(w.told('source_clock_wrong'), ['raised'])
    const [event] = w.stage.written('health-events') as HealthEvent[]
    assert.equal(event?.values['zone'], '+7 h')
    assert.equal(w.states.get('vn-web')?.clock, 'wrong')
    for (let minute = 0; minute < 12; minute++) {
      await w.lines('vn-web', 1)
      await w.skew('vn-web', -500)
      await w.pass(MINUTE)
    }
    assert.deepEqual(w.told('source_clock_wrong'), ['raised', 'cleared'])
    assert.equal(w.states.get('vn-web')?.clock, 'right')
  })

  test('a buffer that is being emptied is no wrong clock', async () => {
    const w = watching([sourceOf()])
    for (let minute = 0; minute < 10; minute++) {
      await w.lines('vn-web', 1)
      await w.skew('vn-web', -3 * HOUR + minute * 15 * MINUTE)
      await w.pass(MINUTE)
    }
    assert.deepEqual(w.told('source_clock_wrong'), [])
  })
})

describe('coverage', () => {
  const web = sourceOf({ sourceId: 'vn-web', kind: 'web-server', systemIds: ['portal'], expectedIntervalSeconds: 900 })
  const ids = sourceOf({ sourceId: 'vn-ids', kind: 'monitoring', systemIds: ['portal'], connections: ['link-1'] })
  const wall = sourceOf({ sourceId: 'vn-fw', kind: 'firewall', systemIds: ['portal'] })

  test('three inputs of a class-3 system: an empty column is missing, a stopped source is silent', async () => {
    const w = watching([web, ids], [systemOf({ systemId: 'portal', systemClass: 3 })])
    const row = () => w.coverage('mandatory-inputs:portal')
    const cells = () => Object.fromEntries((row()?.inputs ?? []).map(({ input, state }) => [input, state]))
    for (const { sourceId } of [web, ids]) await w.lines(sourceId, 1)
    await w.pass(MINUTE)
    assert.deepEqual(row()?.requirementIds, ['VN-5.1d', 'XC-8'])
    assert.equal(row()?.state, 'missing')
    assert.deepEqual(cells(), { 'web-server': 'covered', monitoring: 'covered', firewall: 'missing' })
    w.sources.push(wall)
    await w.lines('vn-fw', 1)
    await w.pass(MINUTE)
    assert.equal(row()?.state, 'covered')
    for (let minute = 0; minute < 18; minute++) {
      await w.lines('vn-ids', 1)
      await w.lines('vn-fw', 1)
      await w.pass(MINUTE)
    }
    assert.deepEqual(cells(), { 'web-server': 'silent', monitoring: 'covered', firewall: 'covered' })
    assert.equal(row()?.state, 'silent')
    assert.equal(row()?.inputs.find(({ input }) => input === 'web-server')?.lastSeenAt, DAY0)
    const raised = (w.stage.written('health-events') as HealthEvent[]).filter(({ state }) => state === 'raised')
    assert.deepEqual(
      raised.map(({ sourceId }) => sourceId),
      ['vn-web'],
    )
  })

  test('a log that an object must hand over and no source gives is missing and told, once, until a source comes', async () => {
    const system = systemOf({ systemId: 'portal', expectedInputs: ['web-server:syslog', 'application:file'] })
    const w = watching([web], [system])
    await w.lines('vn-web', 1)
    await w.pass(MINUTE)
    const row = () => w.coverage('required-logs:portal')
    const told = () =>
      (w.stage.written('health-events') as HealthEvent[])
        .filter(({ code }) => code === 'required_log_missing')
        .map(({ state, values }) => `${state} ${values['logs']}`)
    assert.deepEqual(
      row()?.inputs.map(({ input, state }) => `${input} ${state}`),
      ['web-server:syslog covered', 'application:file missing'],
    )
    await w.pass(MINUTE)
    assert.deepEqual(told(), ['raised application:file'])
    w.sources.push(sourceOf({ sourceId: 'vn-app', kind: 'application', systemIds: ['portal'] }))
    await w.lines('vn-app', 1)
    await w.pass(MINUTE)
    assert.equal(row()?.state, 'covered')
    assert.deepEqual(told(), ['raised application:file', 'cleared '])
  })

  test('of three connections with two sensors two are covered, the third when its sensor was heard within a day', async () => {
    const second = sourceOf({ sourceId: 'vn-ids-2', kind: 'monitoring', connections: ['link-2'] })
    const third = sourceOf({ sourceId: 'vn-ids-3', kind: 'monitoring', connections: ['link-3'], changedAt: DAY0 })
    const w = watching([ids, second], [systemOf({ internetConnections: ['link-1', 'link-2', 'link-3'] })])
    const states = () =>
      ['link-1', 'link-2', 'link-3'].map((link) => w.coverage(`internet-connection:vn-portal:${link}`)?.state)
    await w.lines('vn-ids', 1)
    await w.lines('vn-ids-2', 1)
    await w.pass(MINUTE)
    assert.deepEqual(states(), ['covered', 'covered', 'missing'])
    w.sources.push(third)
    await w.pass(MINUTE)
    assert.deepEqual(states(), ['covered', 'covered', 'silent'], 'registered is not yet heard')
    await w.lines('vn-ids-3', 1)
    await w.pass(2 * MINUTE)
    assert.deepEqual(states(), ['covered', 'covered', 'covered'])
    await w.pass(DAY, 20 * SECOND)
    assert.deepEqual(states(), ['silent', 'silent', 'silent'])
  })

  test('a system reached by https names its measure, or is not compliant', async () => {
    const w = watching([web], [systemOf({ systemId: 'portal', usesHttps: true, httpsMeasure: null })])
    await w.lines('vn-web', 1)
    await w.pass(MINUTE)
    assert.equal(w.coverage('https:portal')?.state, 'missing')
    w.systems[0] = systemOf({ systemId: 'portal', usesHttps: true, httpsMeasure: 'server-log' })
    await w.pass(MINUTE)
    assert.deepEqual(
      [w.coverage('https:portal')?.state, w.coverage('https:portal')?.inputs[0]?.sourceIds],
      ['covered', ['vn-web']],
    )
    w.systems[0] = systemOf({ systemId: 'portal', usesHttps: true, httpsMeasure: 'decrypting-mirror' })
    await w.pass(MINUTE)
    assert.equal(w.coverage('https:portal')?.state, 'missing', 'the measure has no source')
  })

  test('a system that is taken out of the registry leaves the table', async () => {
    const w = watching([web], [systemOf({ systemId: 'portal' })])
    await w.lines('vn-web', 1)
    await w.pass(MINUTE)
    w.systems.pop()
    await w.pass(MINUTE)
    assert.equal(
      w.stage.outputs().filter(({ topic, value }) => topic === 'coverage-states' && value === null).length,
      1,
    )
  })
})
