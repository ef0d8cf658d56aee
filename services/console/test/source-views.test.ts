import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CoverageState, Outage, RegistrySource, SourceState } from '@tocsin/events'
import { type SourceBook, sourcesPageOf } from '../src/source-views.ts'

const NOW = Date.UTC(2026, 2, 1)
const DAY = 86_400_000

const source = (sourceId: string, constituent: string) =>
  ({
    sourceId,
    constituent,
    name: `name of ${sourceId}`,
    kind: 'firewall',
    changedAt: 7,
    expectedIntervalSeconds: null,
  }) as RegistrySource
const state = (sourceId: string, constituent: string, word: string, clock = 'right') =>
  ({ sourceId, constituent, state: word, since: 5, lastSeenAt: 4, clock, rate: 'usual' }) as SourceState

function bookOf(over: Partial<SourceBook> = {}): SourceBook {
  const states = new Map([
    ['a-1', state('a-1', 'body-a', 'heard')],
    ['a-2', state('a-2', 'body-a', 'silent')],
    ['a-3', state('a-3', 'body-a', 'heard', 'wrong')],
    ['b-1', state('b-1', 'body-b', 'heard')],
    ['moved', state('moved', 'body-b', 'heard')],
  ])
  return {
    sources: () => [
      ...['a-1', 'a-2', 'a-3', 'a-4', 'moved'].map((id) => source(id, 'body-a')),
      source('b-1', 'body-b'),
    ],
    state: (id) => states.get(id),
    system: () => undefined,
    coverage: () =>
      ['body-a', 'body-b'].map(
        (constituent) =>
          ({ coverageId: `https:${constituent}`, constituent, kind: 'https', subject: 's' }) as CoverageState,
      ),
    outages: () =>
      [
        ['body-a', NOW - DAY, null],
        ['body-a', NOW - 40 * DAY, NOW - 35 * DAY],
        ['body-b', NOW - DAY, NOW],
      ].map(
        ([constituent, startedAt, endedAt]) =>
          ({ outageId: `${constituent}${startedAt}`, constituent, subject: 'a-2', startedAt, endedAt }) as Outage,
      ),
    ...over,
  }
}

test('SEC-S1 a body’s account sees its own sources, coverage and gaps, and nothing of another', () => {
  const view = sourcesPageOf(bookOf(), (constituent) => constituent === 'body-a', NOW)
  assert.doesNotMatch(JSON.stringify(view), /body-b|b-1/)
  assert.deepEqual([view.sources.length, view.coverage.length, view.outages.length], [5, 1, 1])
})

test('the worst comes first; a source that nobody watched yet waits, and one that moved says nothing of its old body', () => {
  const { sources } = sourcesPageOf(bookOf(), (constituent) => constituent === 'body-a', NOW)
  assert.deepEqual(
    sources.map(({ sourceId, state: word }) => `${sourceId} ${word}`),
    ['a-2 silent', 'a-4 waiting', 'moved waiting', 'a-3 heard', 'a-1 heard'],
  )
})

test('a gap that lasts is listed with its source’s name, one that ended long ago is not', () => {
  const { outages } = sourcesPageOf(bookOf(), () => true, NOW)
  assert.deepEqual(
    outages.map(({ name, endedAt }) => [name, endedAt]),
    [
      ['name of a-2', null],
      ['name of a-2', NOW],
    ],
  )
})

test('KZ-6.1 a source says who maintains it, and the page has the totals by each, of visible bodies alone', () => {
  const owned = (id: string, body: string, maintainedBy: string | null) => ({ ...source(id, body), maintainedBy })
  const sources = () => [
    owned('a-1', 'body-a', 'STS'),
    owned('a-2', 'body-a', 'SB'),
    owned('a-3', 'body-a', 'STS'),
    owned('a-4', 'body-a', null),
    owned('b-1', 'body-b', 'STS'),
  ]
  const totals = (isVisible: (body: string) => boolean) =>
    sourcesPageOf(bookOf({ sources }), isVisible, NOW).maintainers.map(({ maintainedBy, count }) => [
      maintainedBy,
      count,
    ])
  assert.deepEqual(
    totals((body) => body === 'body-a'),
    [
      ['STS', 2],
      [null, 1],
      ['SB', 1],
    ],
  )
  assert.deepEqual(totals(() => true)[0], ['STS', 3])
})
