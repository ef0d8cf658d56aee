import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SourceState } from '@tocsin/events'
import { coverageOf } from '../src/sources/coverage.ts'
import { logListOf } from '../src/sources/log-list.ts'
import { body, sourceOf, systemOf } from './world.ts'

const kz = { ...body, constituentId: 'kz', country: 'KZ' }
const of = (sourceId: string, kind: string, maintainedBy: string | null = null) =>
  sourceOf({ sourceId, kind, maintainedBy, constituent: 'kz', systemIds: ['egov'] })
const app = of('app', 'application')
const wall = of('wall', 'firewall', 'STS')
const sensor = of('sensor', 'monitoring', 'STS')
const egov = systemOf({
  systemId: 'egov',
  constituent: 'kz',
  systemClass: 1,
  usesHttps: false,
  internetConnections: [],
  expectedInputs: ['application:syslog', 'firewall:syslog', 'web-server:file'],
})

/** Coverage where the sources named are heard. */
function coverage(heard: readonly string[], sources = [app, wall, sensor]) {
  const rows = coverageOf(
    {
      source: (id) => sources.find(({ sourceId }) => sourceId === id),
      sources: () => sources,
      systems: () => [egov],
      constituent: () => kz,
      state: (id) => ({ state: heard.includes(id) ? 'heard' : 'silent', lastSeenAt: 1 }) as SourceState,
    },
    10,
  )
  return new Map(rows.map((row) => [row.coverageId, row]))
}

test('KZ-10.3a the list of an object names source, type, format and duty; a required log that nobody gives is missing', () => {
  const list = logListOf([egov], [app, wall, sensor], () => undefined)
  assert.deepEqual(
    list.map(({ sourceId, logType, format, required, state }) => [sourceId, logType, format, required, state]),
    [
      ['app', 'application', 'syslog', true, 'never-heard'],
      ['wall', 'firewall', 'syslog', true, 'never-heard'],
      ['sensor', 'monitoring', null, false, 'never-heard'],
      [null, 'web-server', 'file', true, 'missing'],
    ],
  )
  const row = coverage(['app', 'wall', 'sensor']).get('required-logs:egov')
  assert.deepEqual([row?.state, row?.requirementIds], ['missing', ['KZ-10.3a', 'XC-8']])
})

test('KZ-10.3b KZ-2.7 the sources that STS maintains are covered while each of them is heard', () => {
  const row = (heard: string[]) => coverage(heard).get('maintained-sources:kz')
  assert.equal(row(['wall', 'sensor'])?.state, 'covered')
  assert.equal(row(['app', 'wall'])?.state, 'silent')
  assert.deepEqual(row(['app', 'wall'])?.requirementIds, ['KZ-10.3b'])
})

test('KZ-10.3d logs of the object and logs of its sources are both asked for', () => {
  const web = of('web', 'web-server')
  const row = (sources = [app, web, wall]) =>
    coverage(['app', 'web', 'wall'], sources).get('object-and-source-logs:egov')
  assert.deepEqual(
    row()?.inputs.map(({ input, state, sourceIds }) => [input, state, sourceIds]),
    [
      ['object-log', 'covered', ['app', 'web']],
      ['source-log', 'covered', ['wall']],
    ],
  )
  assert.equal(row([app])?.state, 'missing')
})
