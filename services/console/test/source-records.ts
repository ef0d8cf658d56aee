import type { CoverageState, Outage, SourceState } from '@tocsin/events'
import type { ConsoleWorld } from './console-world.ts'

const MINUTE = 60_000

/** What the reporter would say of the demonstration's sources: one silent, one with a wrong clock, one well. */
export async function publishSources(world: ConsoleWorld): Promise<void> {
  const now = world.kafka.clock.now()
  const state = (sourceId: string, constituent: string, over: Partial<SourceState>): SourceState => ({
    sourceId,
    constituent,
    state: 'heard',
    since: now - 50 * MINUTE,
    lastSeenAt: now - 20_000,
    limitSeconds: 900,
    limitBasis: 'learned',
    rate: 'usual',
    linesLastHour: 2_410,
    linesUsual: 2_380.4,
    clock: 'right',
    skewMs: -420,
    updatedAt: now,
    ...over,
  })
  const states = [
    state('vn-waf', 'vn-portal', {
      state: 'silent',
      lastSeenAt: now - 47 * MINUTE,
      limitBasis: 'default',
      linesLastHour: 0,
    }),
    state('vn-web', 'vn-portal', { clock: 'wrong', skewMs: 25_197_000, limitBasis: 'declared', limitSeconds: 300 }),
    state('kz-gateway', 'kz-ministry', { rate: 'low', linesLastHour: 12 }),
  ]
  const outage: Outage = {
    outageId: 'outage-1',
    constituent: 'vn-portal',
    subjectKind: 'source',
    subject: 'vn-waf',
    startedAt: now - 47 * MINUTE,
    noticedAt: now - 32 * MINUTE,
    endedAt: null,
    limitSeconds: 900,
    limitBasis: 'default',
  }
  const ended = {
    ...outage,
    outageId: 'outage-2',
    subject: 'vn-web',
    startedAt: now - 900 * MINUTE,
    endedAt: now - 840 * MINUTE,
  }
  const input = (name: string, word: string, ...sourceIds: string[]) => ({
    input: name,
    state: word,
    sourceIds,
    lastSeenAt: sourceIds.length === 0 ? null : now - 47 * MINUTE,
  })
  const base = { constituent: 'vn-portal', systemIds: ['vn-portal-web'], since: now, updatedAt: now, measure: null }
  const coverage: CoverageState[] = [
    {
      ...base,
      coverageId: 'mandatory-inputs:vn-portal-web',
      kind: 'mandatory-inputs',
      subject: 'vn-portal-web',
      requirementIds: ['VN-5.1d', 'XC-8'],
      state: 'missing',
      inputs: [
        input('web-server', 'covered', 'vn-web'),
        input('monitoring', 'silent', 'vn-waf'),
        input('firewall', 'missing'),
      ],
    },
    ...['link-1', 'link-2', 'link-3'].map((link, index) => ({
      ...base,
      coverageId: `internet-connection:vn-portal:${link}`,
      kind: 'internet-connection',
      subject: link,
      requirementIds: ['VN-5.2b', 'XC-8'],
      state: index < 2 ? 'covered' : 'missing',
      inputs: [index < 2 ? input('sensor', 'covered', `vn-ids-${index + 1}`) : input('sensor', 'missing')],
    })),
    {
      ...base,
      coverageId: 'https:vn-portal-web',
      kind: 'https',
      subject: 'vn-portal-web',
      requirementIds: ['VN-5.2d', 'XC-8'],
      state: 'covered',
      inputs: [input('https-measure', 'covered', 'vn-web')],
      measure: 'server-log',
    },
  ]
  await Promise.all([
    ...states.map((value) => world.publisher.send({ topic: 'source-states', key: value.sourceId, value })),
    ...[outage, ended].map((value) => world.publisher.send({ topic: 'outages', key: value.outageId, value })),
    ...coverage.map((value) => world.publisher.send({ topic: 'coverage-states', key: value.coverageId, value })),
  ])
}
