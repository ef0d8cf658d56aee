import type { Event } from '@tocsin/events'
import { openGeoTable, readAsnTable } from '../src/adapters/ip-tables.ts'
import type { Lookup } from '../src/lookup.ts'
import { AssetIndex } from '../src/lookups/assets.ts'
import { lookupsOf } from '../src/lookups/index.ts'
import { IndicatorIndex } from '../src/lookups/indicators.ts'
import { eventWith, indicatorWith } from '../test/samples.ts'

const INDICATORS = 50_000

/** A login as the normalizer writes it: a public address that changes, an address of the body's own. */
export function loginEvent(n: number): Event {
  return eventWith({
    eventId: n.toString(16).padStart(32, '0'),
    blockId: '019ced7d-0000-7000-8000-000000000000',
    frameIndex: n % 500,
    sourceId: `source-${n % 8}`,
    dataset: 'sshd',
    occurredAt: 1_772_323_200_000 + n,
    receivedAt: 1_772_323_200_000 + n,
    kind: 'event',
    category: ['authentication'],
    type: ['start'],
    outcome: n % 3 === 0 ? 'success' : 'failure',
    event_action: 'ssh_login',
    user_name: `user-${n % 400}`,
    host_name: `web-${n % 50}`,
    process_name: 'sshd',
    source_ip: `${1 + (n % 200)}.${n % 251}.${(n * 7) % 256}.${n % 256}`,
    source_port: 1_024 + (n % 60_000),
    destination_ip: `10.0.${n % 4}.${n % 256}`,
    destination_port: 22,
    logProduct: 'linux',
    logService: 'sshd',
    original: `<38>Mar  1 00:00:00 web-${n % 50} sshd[811]: Failed password for root from 192.0.2.7 port 4711 ssh2`,
    message: 'Failed password for root from 192.0.2.7 port 4711 ssh2',
    extra: { 'event.session': String(n) },
  })
}

/** Addresses that a log names again and again. */
const KNOWN_ADDRESSES = 20_000

/** The mix of the budget: 8 of 10 events carry addresses, 1 of 10 hits an indicator. */
export function mixedEvent(n: number): Event {
  const event = loginEvent(n)
  if (n % 10 < 2) return { ...event, source_ip: null, source_port: null, destination_ip: null, destination_port: null }
  const source_ip =
    n % 10 === 2 ? indicatorAddress(n % INDICATORS) : (loginEvent(n % KNOWN_ADDRESSES).source_ip ?? null)
  return { ...event, source_ip }
}

const indicatorAddress = (n: number): string => `${1 + (n % 200)}.${(n >> 8) % 256}.${n % 256}.${(n * 31) % 256}`

/** Every look-up with its shipped table, and as many indicators as feeds bring. */
export async function realLookups(): Promise<readonly Lookup[]> {
  const geo = await openGeoTable(undefined)
  const asn = readAsnTable()
  const indicators = new IndicatorIndex()
  for (let n = 0; n < INDICATORS; n++) {
    indicators.put(`i-${n}`, indicatorWith({ indicatorId: `i-${n}`, value: indicatorAddress(n) }))
  }
  return lookupsOf({ geo: () => geo, asn: () => asn, assets: new AssetIndex(), indicators, scanners: () => null })
}
