import { readFileSync } from 'node:fs'
import type { Detection, Incident, IncidentChange, RegistryConstituent, RegistrySource, RuleSet } from '@tocsin/events'
import { loadContracts } from '../src/feeds/agency/contract.ts'
import { buildLists, type Lists } from '../src/feeds/tw-nccst-1.3/lists.ts'
import { type Profile, tenLevels } from '../src/feeds/tw-nccst-1.3/profile.ts'
import { DEFAULT_READINGS } from '../src/feeds/tw-nccst-1.3/readings.ts'
import { openValidator, type SchemaValidator } from '../src/feeds/tw-nccst-1.3/validate.ts'

/** 2026-11-22 09:20:45 in Taipei. */
export const NOW = Date.parse('2026-11-22T01:20:45.500Z')
export const RULE_ID = '6f1e5a0c-0a7e-4c1e-9d0c-6d7f6a1b2c3d'
export const RULE_NAME = 'ssh-bruteforce-v3'

const XSD_URL = new URL('../../../regulations/tw-soc-1.3/incident.xsd', import.meta.url)
const CONTRACTS_URL = new URL('../src/feeds/agency/contracts.yaml', import.meta.url)

export const xsd = (): string => readFileSync(XSD_URL, 'utf8')
export const validator = (): SchemaValidator => openValidator(xsd())
export const contracts = () => loadContracts(readFileSync(CONTRACTS_URL, 'utf8'))

export const profile: Profile = {
  organization: 'EXAMPLE-SOC',
  prefix: 'EXSOC',
  timeDigits: 1,
  readings: DEFAULT_READINGS,
  severityCode: tenLevels,
  isTicket: (detection) => detection.kind === 'correlation' && ['medium', 'high', 'critical'].includes(detection.level),
}

export function constituent(changes: Partial<RegistryConstituent> = {}): RegistryConstituent {
  return {
    constituentId: 'tw-ey',
    name: '行政院',
    names: {},
    country: 'TW',
    pack: 'tw-soc-1.3',
    roles: ['agency'],
    oid: '2.16.886.101.20003',
    nationalIds: {},
    systemClass: null,
    agencyLevel: 'A',
    sector: null,
    parentId: null,
    legalScope: [],
    integratedWithEgov: null,
    servesEGovernment: null,
    limits: {},
    group: 'tw',
    timeZone: 'Asia/Taipei',
    languages: ['zh-Hant'],
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...changes,
  }
}

export function source(changes: Partial<RegistrySource> = {}): RegistrySource {
  return {
    sourceId: 'C017',
    constituent: 'tw-ey',
    name: 'dmz-collector',
    addresses: [],
    certificateSubjects: [],
    listeners: [],
    circuit: 'outer',
    kind: 'security-device',
    sourceChannel: 'basic',
    timeZone: 'Asia/Taipei',
    charset: 'utf-8',
    formatHint: null,
    expectedIntervalSeconds: null,
    connections: [],
    contactIds: [],
    systemIds: [],
    maintainedBy: null,
    position: null,
    version: null,
    configHash: null,
    legalScope: [],
    deviceName: 'IDS-03 (Suricata 7)',
    exercise: false,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...changes,
  }
}

const side = (role: string, ip: string | null, port: number | null, changes: object = {}) => ({
  role,
  ip,
  port,
  protocol: 'tcp',
  host: null,
  domain: null,
  account: null,
  country: null,
  asn: null,
  lon: null,
  lat: null,
  count: 128,
  ...changes,
})

export function detection(changes: Partial<Detection> = {}): Detection {
  return {
    detectionId: 'd-1',
    detectedAt: NOW - 2_000,
    constituent: 'tw-ey',
    severity: 60,
    ruleId: RULE_ID,
    revision: 0,
    exercise: false,
    tlp: 'amber',
    kind: 'correlation',
    method: 'direct',
    phase: 'open',
    ruleName: RULE_NAME,
    ruleVersion: '3',
    ruleSetVersion: 'test@1',
    level: 'medium',
    tags: ['attack.t1110', 'cve.2024-6387'],
    techniques: ['T1110'],
    rsitClass: 'Intrusion Attempts',
    rsitType: 'Login attempts',
    titles: { 'zh-Hant': '疑似密碼猜測攻擊', en: 'Password guessing' },
    recommendations: { 'zh-Hant': '建議封鎖來源並檢查帳號' },
    groupKey: '203.0.113.9',
    groupBy: {},
    anchorEventId: 'e-1',
    firstEvent: Date.parse('2026-11-22T01:14:03.000Z'),
    lastEvent: Date.parse('2026-11-22T01:20:41.000Z'),
    value: 128,
    threshold: 10,
    eventCount: 128,
    eventIds: ['01jd00a7', '01jd00b2'],
    rawRefs: [],
    participants: [
      side('source', '203.0.113.9', 51_544, { lon: 121.5319, lat: 25.0478 }),
      side('target', '192.0.2.10', 22, { lon: 120.6839, lat: 24.1388 }),
    ],
    assetIds: [],
    systemIds: [],
    sourceIds: ['C017'],
    deviceName: null,
    triggeredRuleName: 'ET SCAN SSH BruteForce',
    indicatorIds: [],
    indicatorHits: [],
    approximate: false,
    supersededBy: null,
    description: null,
    ...changes,
  }
}

export { side }

export function ruleSet(...rules: readonly { id: string; title: string; level?: string }[]): RuleSet {
  const files = rules.map(({ id, title, level = 'medium' }, index) => ({
    path: `rules/${index}.yml`,
    content: `title: ${JSON.stringify(title)}\nid: ${JSON.stringify(id)}\nlevel: ${level}\ncorrelation:\n  type: event_count\n`,
  }))
  return { ruleSetId: 'default', version: 'v1', publishedAt: 0, publishedBy: 'test', files, placeholders: {} }
}

export const defaultRuleSet = (): RuleSet => ruleSet({ id: RULE_ID, title: RULE_NAME })

export const defaultLists = (): Lists => buildLists(profile.organization, [constituent()], [defaultRuleSet()])

export function incident(changes: Partial<Incident> = {}): Incident {
  return {
    caseId: 'case-1',
    revision: 1,
    constituent: 'tw-ey',
    kind: 'event',
    status: 'new',
    severity: 60,
    exercise: false,
    tlp: 'TLP:AMBER',
    restriction: 'none',
    pack: 'tw-soc-1.3',
    packVersion: '1.0.0',
    detectedAt: NOW - 2_000,
    createdAt: NOW,
    modifiedAt: NOW,
    occurredFirst: NOW - 400_000,
    occurredLast: NOW - 4_000,
    groupKey: 'g',
    number: 'TW-2026-000001',
    ruleId: RULE_ID,
    ruleName: RULE_NAME,
    titles: { 'zh-Hant': '疑似密碼猜測攻擊' },
    recommendations: {},
    description: 'Password guessing',
    rsitClass: 'Intrusion Attempts',
    rsitType: 'Login attempts',
    techniques: ['T1110'],
    effects: [],
    detectionIds: ['d-1'],
    detectionCount: 1,
    eventCount: 128,
    rawRefs: [],
    participants: [side('source', '203.0.113.9', 51_544, { account: 'root' }), side('target', '192.0.2.10', 22)],
    assetIds: [],
    systemIds: [],
    sourceIds: ['C017'],
    indicatorIds: [],
    related: [],
    clocks: [],
    notices: [],
    history: [],
    verification: 'unverified',
    confidence: null,
    reportedBy: null,
    responses: [],
    visits: [],
    shares: [],
    responseActions: [],
    promotedAt: null,
    verifiedAt: null,
    acknowledgedAt: null,
    noticeReceivedAt: null,
    answeredAt: null,
    causesEliminatedAt: null,
    consequencesEliminatedAt: null,
    closedAt: null,
    primaryAnalysis: null,
    conclusion: null,
    nationalClass: null,
    nationalSeverity: null,
    serial: null,
    vnKind: null,
    measuresPossible: null,
    measuresReason: null,
    assignee: null,
    triggeredRuleName: null,
    deviceName: null,
    ...changes,
  }
}

export function change(snapshot: Incident): IncidentChange {
  return {
    changeId: `${snapshot.caseId}-${snapshot.revision}`,
    caseId: snapshot.caseId,
    constituent: snapshot.constituent,
    revision: snapshot.revision,
    at: snapshot.modifiedAt,
    exercise: snapshot.exercise,
    actor: 'incident-manager',
    action: 'created',
    reason: null,
    detail: {},
    pack: snapshot.pack,
    kind: snapshot.kind,
    severity: snapshot.severity,
    snapshot: JSON.stringify(snapshot),
  }
}
