import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  ClockEvent,
  Delivery,
  Detection,
  HealthEvent,
  Incident,
  IncidentCommand,
  Notice,
  RegistryConstituent,
} from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import { harnessOf } from '@tocsin/stage/testing'
import { loadLaws } from '../src/adapters/packs.ts'
import { incidentManager, type ManagerOptions } from '../src/manage.ts'
import type { Registry } from '../src/registry.ts'

export const packsFolder = join(dirname(fileURLToPath(import.meta.url)), '../../../regulations')
const loaded = loadLaws(packsFolder)

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** T0 of the tests: a Friday evening in Kazakhstan, so that a night and a weekend follow. */
export const T0 = Date.UTC(2026, 10, 20, 17, 30)

const constituent = (constituentId: string, country: string, pack: string): RegistryConstituent => ({
  constituentId,
  name: `Body ${constituentId}`,
  names: {},
  country,
  pack,
  roles: ['state-body'],
  oid: null,
  nationalIds: {},
  systemClass: 3,
  agencyLevel: null,
  sector: null,
  parentId: null,
  legalScope: [],
  integratedWithEgov: null,
  servesEGovernment: null,
  limits: {},
  group: country.toLowerCase(),
  timeZone: 'UTC',
  languages: ['en'],
  validFrom: 0,
  validTo: null,
  changedBy: 'test',
  changedAt: 0,
  reason: 'test',
  deleted: false,
})

const constituents = new Map(
  [
    constituent('kz-ministry', 'KZ', 'kz-order-199'),
    constituent('kz-agency', 'KZ', 'kz-order-199'),
    constituent('vn-province', 'VN', 'vn-circular-31'),
    constituent('tw-agency', 'TW', 'tw-soc-1.3'),
    constituent('lost', 'XX', 'no-such-pack'),
  ].map((one) => [one.constituentId, one]),
)

const contact = (owner: string, role: string, language: string, test = false): Contact => ({
  contactId: `${owner}-${role}${test ? '-test' : ''}`,
  constituent: owner,
  role,
  name: `${role} of ${owner}`,
  language,
  channels: ['mail'],
  test,
})

export const contacts: Contact[] = [
  contact('kz-ministry', 'constituent', 'kk'),
  contact('kz-ministry', 'authorised-person', 'ru'),
  contact('kz-ministry', 'coordinator', 'ru'),
  contact('kz-agency', 'constituent', 'ru'),
  contact('vn-province', 'manager', 'vi'),
  contact('tw-agency', 'constituent', 'zh-Hant'),
  contact('kz-ministry', 'constituent', 'ru', true),
  contact('centre', 'nsc', 'ru'),
  contact('centre', 'authorized-body', 'kk'),
  contact('centre', 'shift', 'en'),
  contact('centre', 'nsc', 'ru', true),
]

export const registry: Registry = {
  constituent: (id) => constituents.get(id),
  constituents: () => [],
  systemsOf: () => [],
  contactRecords: () => [],
  system: () => undefined,
  source: () => undefined,
  contacts: () => contacts,
  law: (packId, edition) => loaded.laws.law(packId, edition),
}

/** A stage with real packs, a registry of five bodies, and the clock by hand. */
export function world(startMs = T0, bodies: Registry = registry, options: ManagerOptions = {}) {
  const harness = harnessOf(incidentManager(bodies, options), startMs)
  let delivered = 0
  const api = {
    harness,
    async detect(change: Partial<Detection> = {}, nowMs = change.detectedAt ?? T0): Promise<string> {
      harness.now(nowMs)
      const value = detection(change)
      const outcome = await harness.give('detections', value.constituent, value)
      return outcome.kind === 'emit' ? 'emitted' : outcome.kind === 'drop' ? outcome.reason : outcome.code
    },
    async command(action: string, at: number, change: Partial<IncidentCommand> = {}) {
      harness.now(at)
      const caseId = harness.written('incidents').at(-1)?.caseId ?? ''
      const value = command(action, at, { caseId, ...change })
      await harness.give('incident-commands', value.constituent, value)
      const result = harness.written('command-results').at(-1)
      if (result === undefined) throw new Error('no answer')
      return result
    },
    async deliver(notice: Notice, at: number, state = 'delivered'): Promise<void> {
      harness.now(at)
      await harness.give('deliveries', notice.constituent, delivery(notice, at, state, ++delivered))
    },
    /** Gives the task its first record, so that it is there and ticks. */
    async begin(): Promise<void> {
      await harness.give('health-events', 'kz-ministry', healthEvent({ level: 'info' }))
    },
    /** Moves the clock to `at` and ticks once there. */
    async until(at: number): Promise<void> {
      await harness.tick(at)
    },
    latest: (caseId?: string): Incident => {
      const all = harness.written('incidents').filter((record) => caseId === undefined || record.caseId === caseId)
      const last = all.at(-1)
      if (last === undefined) throw new Error('no case')
      return last
    },
    notices: (role: string, from = 0): Notice[] =>
      harness.written('notices').filter((notice, index) => index >= from && notice.recipientRole === role),
    events: (clockId: string): ClockEvent[] =>
      harness.written('clock-events').filter((event) => event.clockId === clockId),
    whats: (clockId: string): string[] => api.events(clockId).map((event) => event.what),
  }
  return api
}

export function detection(change: Partial<Detection> = {}): Detection {
  const at = change.detectedAt ?? T0
  return {
    detectionId: 'detection-1',
    detectedAt: at,
    constituent: 'kz-ministry',
    severity: 50,
    ruleId: 'ssh-guessing',
    revision: 0,
    exercise: false,
    tlp: 'amber',
    kind: 'correlation',
    method: 'direct',
    phase: 'open',
    ruleName: 'SSH password guessing',
    ruleVersion: '1',
    ruleSetVersion: 'test@1',
    level: 'medium',
    tags: ['attack.t1110.001'],
    techniques: ['T1110.001'],
    rsitClass: 'intrusion-attempts',
    rsitType: 'login-attempts',
    titles: { en: 'SSH password guessing', ru: 'Подбор пароля SSH' },
    recommendations: {},
    groupKey: '203.0.113.9',
    groupBy: { 'source.ip': '203.0.113.9' },
    anchorEventId: 'event-1',
    firstEvent: at - 30_000,
    lastEvent: at - 1_000,
    value: 20,
    threshold: 10,
    eventCount: 20,
    eventIds: ['event-1'],
    rawRefs: [{ eventId: 'event-1', blockId: 'block-1', frameIndex: 0, original: null }],
    participants: [side('source', '203.0.113.9', 20), side('target', '192.0.2.10', 20)],
    assetIds: ['asset-1'],
    systemIds: [],
    sourceIds: ['source-1'],
    deviceName: 'web-1',
    triggeredRuleName: null,
    indicatorIds: [],
    indicatorHits: [],
    approximate: false,
    supersededBy: null,
    description: '20 failed logins from one address within 30 s.',
    ...change,
  }
}

export function side(role: string, ip: string, count: number): Detection['participants'][number] {
  const unknown = { port: null, protocol: null, host: null, domain: null, account: null }
  return { role, ip, ...unknown, country: null, asn: null, lon: null, lat: null, count }
}

let commands = 0

export function command(action: string, at: number, change: Partial<IncidentCommand> = {}): IncidentCommand {
  commands += 1
  return {
    commandId: `command-${commands}`,
    constituent: 'kz-ministry',
    caseId: '',
    action,
    expectedRevision: null,
    actor: 'anna',
    actorRoles: ['national'],
    channel: 'console',
    issuedAt: at,
    reason: null,
    fields: {},
    ...change,
  }
}

export function delivery(notice: Notice, at: number, state: string, number: number): Delivery {
  return {
    deliveryId: `delivery-${number}`,
    noticeId: notice.noticeId,
    subjectId: notice.noticeId,
    caseId: notice.caseId,
    constituent: notice.constituent,
    contactId: notice.contactId,
    digestId: null,
    recipientRole: notice.recipientRole,
    exercise: notice.exercise,
    channel: 'mail',
    address: 'd***@example.org',
    attempt: 1,
    state,
    at,
    startedAt: at,
    reply: '250 2.0.0 queued',
    proof: '250',
    sha256: null,
    bytes: null,
    clockId: notice.clockId,
    errorCode: null,
  }
}

export function healthEvent(change: Partial<HealthEvent> = {}): HealthEvent {
  return {
    healthId: 'health-1',
    code: 'source_silent',
    service: 'normalizer',
    slot: '0',
    constituent: 'kz-ministry',
    sourceId: 'source-1',
    level: 'warning',
    state: 'raised',
    at: T0,
    message: 'Source source-1 has said nothing for 15 minutes: check its forwarder.',
    values: {},
    ...change,
  }
}
