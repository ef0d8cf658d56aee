import type { Incident, Participant, RegistryAsset, Report } from '@tocsin/events'
import { type FactRecord, recount } from '../src/recount.ts'
import { bodyOf, contactOf, type Given, registryChangeOf } from './report-world.ts'
import {
  body,
  countOf,
  DAY,
  DAY0,
  detectionOf,
  HOUR,
  healthOf,
  incidentOf,
  MINUTE,
  sourceOf,
  systemOf,
  world,
} from './world.ts'

/** Monday 2 March 2026, 00:00 in Viet Nam. */
export const MONDAY = DAY0 + DAY
export const WEEK = 7 * DAY

export function sideOf(over: Partial<Participant>): Participant {
  return {
    role: 'source',
    ip: null,
    port: null,
    protocol: null,
    host: null,
    domain: null,
    account: null,
    country: null,
    asn: null,
    lon: null,
    lat: null,
    count: 1,
    ...over,
  }
}

const CLASSES = ['intrusion-attempts', 'malicious-code', 'information-gathering', 'availability'] as const
const PLACES = [
  { country: 'XA', lon: 2.3, lat: 48.8, asn: 64496 },
  { country: 'XB', lon: 116.4, lat: 39.9, asn: 64497 },
  { country: 'XC', lon: -77, lat: 38.9, asn: 64498 },
] as const

/** Twelve attacks of one week, of which two are false and one is an exercise. */
export function weekOfAttacks(): Incident[] {
  return Array.from({ length: 13 }, (_, n) => {
    const place = PLACES[n % 3]
    return incidentOf({
      caseId: `case-${n}`,
      number: `VN-2026-${String(n).padStart(6, '0')}`,
      detectedAt: MONDAY + n * 12 * HOUR,
      occurredFirst: MONDAY + n * 12 * HOUR - 5 * MINUTE,
      occurredLast: MONDAY + n * 12 * HOUR,
      severity: n % 2 === 0 ? 80 : 40,
      kind: n % 2 === 0 ? 'incident' : 'event',
      vnKind: (['intrusion', 'risk', 'incident'] as const)[n % 3] ?? null,
      nationalClass: (['takeover', 'malware', 'dos'] as const)[n % 3] ?? null,
      rsitClass: CLASSES[n % 4] ?? 'other',
      ruleId: `rule-${n % 4}`,
      status: n === 3 || n === 7 ? 'false-positive' : 'confirmed',
      exercise: n === 12,
      titles: { vi: `Tấn công thử nghiệm số ${n % 4}`, en: `Attack ${n % 4}` },
      systemIds: ['vn-system'],
      effects: n === 0 ? ['service-stopped'] : [],
      closedAt: n === 0 ? MONDAY + DAY : null,
      participants: [
        sideOf({ role: 'target', ip: `192.0.2.${10 + (n % 5)}`, count: 3 }),
        sideOf({ ip: `198.51.100.${n % 6}`, domain: 'tan-cong.example', account: 'root', count: 7, ...place }),
      ],
      rawRefs: [{ eventId: `event-${n}`, blockId: `block-${n}`, frameIndex: n, original: `<86>line ${n}` }],
      responses:
        n === 0
          ? [{ at: MONDAY + HOUR, by: 'operator', kind: 'measures', text: 'Đã chặn địa chỉ nguồn', evidence: null }]
          : [],
    })
  })
}

/** Everything that a week's report needs, counted from records. */
export function week(): Given {
  const records: FactRecord[] = [
    ...Array.from(
      { length: 12 },
      (_, n): FactRecord => ({
        topic: 'detections',
        value: detectionOf({
          detectionId: `d${n}`,
          detectedAt: MONDAY + n * 12 * HOUR,
          severity: n % 2 === 0 ? 80 : 40,
          rsitClass: CLASSES[n % 4] ?? 'other',
        }),
      }),
    ),
    { topic: 'source-counts', value: countOf({ minute: MONDAY + HOUR, received: 5000, accepted: 5000 }) },
    { topic: 'health-events', value: healthOf({ at: MONDAY + 2 * HOUR }) },
    {
      topic: 'health-events',
      value: healthOf({ state: 'cleared', level: 'info', at: MONDAY + 2 * HOUR + 17 * MINUTE }),
    },
  ]
  return {
    facts: recount(world, records, MONDAY),
    incidents: weekOfAttacks(),
    sources: [sourceOf()],
    systems: [fullSystem()],
    contacts: [contactOf()],
    changes: [
      registryChangeOf({ changedAt: MONDAY + DAY }),
      registryChangeOf({
        changeId: 'change-2',
        section: 'sources',
        recordId: 'vn-web',
        action: 'created',
        fields: [],
        before: null,
        after: '{"name":"Cảm biến mạng"}',
        changedAt: MONDAY + 2 * DAY,
      }),
    ],
  }
}

/** A system that has every item of Appendix 1. */
export function fullSystem(over: Parameters<typeof systemOf>[0] = {}) {
  return systemOf({
    description: 'Cổng tiếp nhận hồ sơ trực tuyến',
    ips: ['192.0.2.1', '2001:db8::1'],
    domains: ['dichvucong.example.vn'],
    services: ['Tiếp nhận hồ sơ', 'Thanh toán'],
    os: ['Ubuntu Server 24.04'],
    webApps: ['nginx 1.28'],
    monitoringPosition: 'Sau tường lửa biên, sơ đồ mạng SD-01',
    linkCapacityMbps: [200],
    expectedInputs: ['IDS warning:syslog-tls', 'firewall logs:syslog-tls', 'web server logs:relp'],
    ...over,
  })
}

export const kzBodies = [
  bodyOf('kz-a', 'kz-order-199', { names: { ru: 'Министерство образца', kk: 'Үлгі министрлігі' } }),
  bodyOf('kz-b', 'kz-order-199', { names: { ru: 'Агентство образца', kk: 'Үлгі агенттігі' } }),
]
/** Quarter from 1 July 2026 in Almaty. */
export const QUARTER = { from: Date.UTC(2026, 5, 30, 19), to: Date.UTC(2026, 8, 30, 19) }

/** A quarter of two bodies: threats, events and incidents that each have words of their own. */
export function kzQuarter(): Given {
  const incidents = Array.from({ length: 9 }, (_, n) =>
    incidentOf({
      caseId: `kz-${n}`,
      number: `KZ-2026-${String(n).padStart(6, '0')}`,
      constituent: n % 2 === 0 ? 'kz-a' : 'kz-b',
      pack: 'kz-order-199',
      kind: (['threat', 'event', 'incident'] as const)[n % 3] ?? 'event',
      detectedAt: QUARTER.from + n * 5 * DAY,
      occurredFirst: QUARTER.from + n * 5 * DAY,
      rsitClass: (['vulnerable', 'information-gathering', 'intrusions'] as const)[n % 3] ?? 'other',
      severity: n % 3 === 2 ? 85 : 45,
      titles: { ru: ['ТОЛЬКО-УГРОЗА', 'ТОЛЬКО-СОБЫТИЕ', 'Вход с правами администратора'][n % 3] ?? '', en: 'x' },
      responses: [
        {
          at: QUARTER.from + n * 5 * DAY + HOUR,
          by: 'sb',
          kind: 'measures',
          text: ['МЕРА-УГРОЗЫ', 'МЕРА-СОБЫТИЯ', 'Учётная запись заблокирована'][n % 3] ?? '',
          evidence: null,
        },
      ],
      clocks:
        n === 5
          ? [
              {
                clockId: 'C3/incident',
                requirementIds: ['KZ-12e'],
                title: 'answer',
                startMoment: 'noticeReceivedAt',
                startAt: QUARTER.from + 25 * DAY,
                dueAt: QUARTER.from + 27 * DAY,
                state: 'breached',
                metAt: null,
                proof: null,
                recipients: [],
              },
            ]
          : [],
    }),
  )
  return { constituents: kzBodies, incidents }
}

export function assetOf(over: Partial<RegistryAsset>): RegistryAsset {
  return {
    assetId: 'asset-1',
    constituent: 'kz-a',
    circuit: 'inner',
    ip: '10.0.0.5',
    hostname: 'ws-17',
    unit: 'Бухгалтерия',
    floor: '3',
    office: '314',
    responsible: 'Ахметов А. Б.',
    os: 'Windows 11 24H2',
    systemId: null,
    criticality: 20,
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...over,
  }
}

/** The record of a report that was made before. */
export function reportOf(over: Partial<Report>): Report {
  return {
    reportId: 'report-1',
    kind: 'vn-six-month',
    pack: 'vn-circular-31',
    constituent: body.constituentId,
    from: 0,
    to: 0,
    revision: 1,
    exercise: false,
    language: 'vi',
    createdAt: 0,
    dueAt: null,
    files: [],
    totals: {},
    template: '',
    packVersion: '',
    dataSha256: '',
    missedAt: null,
    ...over,
  }
}
