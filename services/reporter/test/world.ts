import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  ClockEvent,
  Detection,
  HealthEvent,
  Incident,
  IncidentChange,
  RegistryConstituent,
  RegistrySource,
  RegistrySystem,
  SourceCount,
} from '@tocsin/events'
import { loadPackFiles, type Pack } from '@tocsin/obligations'
import type { World } from '../src/law.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
/** 2026-03-01 00:00 in Viet Nam. */
export const DAY0 = Date.UTC(2026, 1, 28, 17)
export const DAY = 24 * HOUR

const folder = join(import.meta.dirname, '../../../regulations/vn-circular-31')
const files = new Map(
  ['pack.yaml', 'taxonomy.yaml', ...readdirSync(join(folder, 'templates')).map((name) => `templates/${name}`)].map(
    (path) => [path, readFileSync(join(folder, path), 'utf8')],
  ),
)
const loaded = loadPackFiles(files, 'vn-circular-31')
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
export const pack: Pack = loaded.pack

export const body: RegistryConstituent = {
  constituentId: 'vn-portal',
  name: 'Cổng dịch vụ công tỉnh Mẫu',
  names: { vi: 'Cổng dịch vụ công tỉnh Mẫu', en: 'Public service portal of Mau province' },
  country: 'VN',
  pack: 'vn-circular-31',
  roles: ['manager'],
  oid: null,
  nationalIds: {},
  systemClass: 3,
  agencyLevel: null,
  sector: null,
  parentId: null,
  legalScope: [],
  integratedWithEgov: null,
  servesEGovernment: true,
  limits: {},
  group: 'vn_portal',
  timeZone: 'Asia/Ho_Chi_Minh',
  languages: ['vi', 'en'],
  validFrom: 0,
  validTo: null,
  changedBy: 'test',
  changedAt: 0,
  reason: 'test',
  deleted: false,
}

export function sourceOf(over: Partial<RegistrySource> = {}): RegistrySource {
  return {
    sourceId: 'vn-web',
    constituent: 'vn-portal',
    name: 'Máy chủ web cổng dịch vụ công',
    addresses: [],
    certificateSubjects: [],
    listeners: [],
    circuit: 'outer',
    kind: 'web-server',
    sourceChannel: 'basic',
    timeZone: 'Asia/Ho_Chi_Minh',
    charset: 'utf-8',
    formatHint: null,
    expectedIntervalSeconds: 900,
    connections: [],
    contactIds: [],
    systemIds: [],
    maintainedBy: null,
    position: null,
    version: null,
    configHash: null,
    legalScope: [],
    deviceName: 'web1 (nginx)',
    exercise: false,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...over,
  }
}

export function systemOf(over: Partial<RegistrySystem> = {}): RegistrySystem {
  return {
    systemId: 'vn-system',
    constituent: 'vn-portal',
    name: 'Cổng dịch vụ công',
    description: '',
    systemClass: 3,
    ips: [],
    domains: [],
    services: [],
    os: [],
    webApps: [],
    monitoringPosition: null,
    linkCapacityMbps: [],
    expectedInputs: [],
    internetConnections: [],
    usesHttps: false,
    httpsMeasure: null,
    surveillanceMode: 'direct',
    performedBy: 'self',
    legalScope: [],
    state: 'active',
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...over,
  }
}

export const world: World = {
  constituent: (id) => (id === 'vn-portal' ? body : undefined),
  pack: (id) => (id === pack.id ? pack : undefined),
  expectedIntervalSeconds: () => 900,
}

export function countOf(over: Partial<SourceCount> = {}): SourceCount {
  return {
    countId: 'c',
    sourceId: 'vn-web',
    constituent: 'vn-portal',
    service: 'syslog-ingest',
    slot: '0',
    minute: DAY0,
    received: 0,
    accepted: 0,
    refused: 0,
    dropped: 0,
    normalized: 0,
    rejected: 0,
    reasons: {},
    lastAt: null,
    skewMs: null,
    ...over,
  }
}

export function detectionOf(over: Partial<Detection> = {}): Detection {
  return {
    detectionId: 'd1',
    detectedAt: DAY0 + HOUR,
    constituent: 'vn-portal',
    severity: 65,
    ruleId: 'rule',
    revision: 0,
    exercise: false,
    tlp: 'amber',
    kind: 'event',
    method: 'direct',
    phase: 'open',
    ruleName: 'Password guessing',
    ruleVersion: '1',
    ruleSetVersion: 'test@1',
    level: 'high',
    tags: [],
    techniques: [],
    rsitClass: 'intrusion-attempts',
    rsitType: 'brute-force',
    titles: {},
    recommendations: {},
    groupKey: '',
    groupBy: {},
    anchorEventId: 'e',
    firstEvent: DAY0,
    lastEvent: DAY0,
    value: null,
    threshold: null,
    eventCount: 1,
    eventIds: [],
    rawRefs: [],
    participants: [],
    assetIds: [],
    systemIds: [],
    sourceIds: [],
    deviceName: null,
    triggeredRuleName: null,
    indicatorIds: [],
    indicatorHits: [],
    approximate: false,
    supersededBy: null,
    description: null,
    ...over,
  }
}

/** The fields of a case that reports read; the others of the schema do not matter here. */
export function incidentOf(over: Partial<Incident> = {}): Incident {
  const fields: Partial<Incident> = {
    caseId: 'case-1',
    revision: 1,
    constituent: 'vn-portal',
    kind: 'incident',
    status: 'new',
    severity: 65,
    exercise: false,
    pack: 'vn-circular-31',
    detectedAt: DAY0 + HOUR,
    createdAt: DAY0 + HOUR,
    modifiedAt: DAY0 + HOUR,
    closedAt: null,
    number: 'VN-2026-000001',
    ruleName: 'Password guessing',
    titles: { vi: 'Dò mật khẩu SSH thành công từ bên ngoài', en: 'SSH password guessing that succeeded' },
    rsitClass: 'intrusion-attempts',
    rsitType: 'brute-force',
    vnKind: null,
    detectionIds: ['d1'],
    detectionCount: 1,
    clocks: [],
    tlp: 'amber',
    restriction: 'need-to-know',
    packVersion: '1.0.0',
    groupKey: '',
    description: '',
    eventCount: 1,
    occurredFirst: DAY0 + HOUR,
    occurredLast: DAY0 + HOUR,
    ruleId: 'ssh-guessing',
    techniques: ['T1110'],
    nationalClass: null,
    participants: [],
    systemIds: [],
    rawRefs: [],
    responses: [],
    visits: [],
    effects: [],
    ...over,
  }
  return fields as Incident
}

export function changeOf(incident: Incident, at: number): IncidentChange {
  return {
    changeId: `${incident.caseId}-${incident.revision}`,
    caseId: incident.caseId,
    constituent: incident.constituent,
    revision: incident.revision,
    at,
    exercise: incident.exercise,
    actor: 'test',
    action: 'created',
    reason: null,
    detail: {},
    pack: incident.pack,
    kind: incident.kind,
    severity: incident.severity,
    snapshot: JSON.stringify(incident),
  }
}

export function clockEventOf(over: Partial<ClockEvent> = {}): ClockEvent {
  return {
    clockEventId: 'ce',
    caseId: 'case-1',
    constituent: 'vn-portal',
    clockId: 'VN-5.1b',
    requirementIds: [],
    pack: 'vn-circular-31',
    exercise: false,
    what: 'met',
    at: DAY0 + HOUR,
    recordedAt: DAY0 + HOUR,
    startAt: DAY0,
    dueAt: DAY0 + HOUR,
    proof: null,
    ...over,
  }
}

export function healthOf(over: Partial<HealthEvent> = {}): HealthEvent {
  return {
    healthId: 'h1',
    code: 'source_silent',
    service: 'normalizer',
    slot: '0',
    constituent: 'vn-portal',
    sourceId: 'vn-web',
    level: 'warning',
    state: 'raised',
    at: DAY0 + 2 * HOUR,
    message: 'silent',
    values: {},
    ...over,
  }
}
