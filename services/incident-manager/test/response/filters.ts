import type { Incident } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { incidentManager } from '../../src/manage.ts'
import { filtersFileSchema, type ResponseReach, reachOf } from '../../src/response/filters.ts'
import { command, detection, registry, T0 } from '../world.ts'

const filter = (sourceId: string, ...constituents: string[]) => ({
  sourceId,
  constituents,
  host: '192.0.2.1',
  user: 'tocsin',
  keyFile: '/etc/tocsin/key',
  knownHostsFile: '/etc/tocsin/known_hosts',
})

/** One filter for kz-ministry, two for vn-province; the centre's own network is protected. */
export const reach: ResponseReach = reachOf(
  filtersFileSchema.parse({
    filters: [filter('kz-border', 'kz-ministry'), filter('vn-north', 'vn-province'), filter('vn-south', 'vn-province')],
    neverBlock: ['198.51.100.0/24', '2001:db8:ffff::/48'],
  }),
)

/** The stage with filters, one case in it, and commands by name. */
export function responseWorld() {
  const harness = harnessOf(incidentManager(registry, { reach }), T0)
  const api = {
    harness,
    async detect(change: Parameters<typeof detection>[0] = {}): Promise<Incident> {
      const value = detection(change)
      await harness.give('detections', value.constituent, value)
      return api.latest()
    },
    latest: (): Incident => harness.written('incidents').at(-1) as Incident,
    async give(action: string, at: number, change: Parameters<typeof command>[2] = {}) {
      harness.now(at)
      const { caseId, constituent } = api.latest()
      const value = command(action, at, { caseId, constituent, ...change })
      await harness.give('incident-commands', value.constituent, value)
      const result = harness.written('command-results').at(-1)
      if (result === undefined) throw new Error('no answer')
      return { ...result, command: value }
    },
    propose: (at: number, change: Parameters<typeof command>[2] = {}) =>
      api.give('propose-response', at, {
        reason: 'it guesses passwords',
        fields: { kind: 'block-address', target: '203.0.113.9' },
        ...change,
      }),
    actions: () => api.latest().responseActions,
    states: () => harness.written('response-actions').map(({ state }) => state),
  }
  return api
}
