import type { RegistryConstituent, RegistrySource, RegistrySystem } from '@tocsin/events'

const CHANGED = { changedBy: 'test', changedAt: 0, reason: 'test', deleted: false }

/** A registered body; `change` says what is special. */
export function constituent(change: Partial<RegistryConstituent> = {}): RegistryConstituent {
  return {
    constituentId: 'body-a',
    name: 'Body A',
    names: {},
    country: 'KZ',
    pack: 'kz-order-199',
    roles: ['state-body'],
    oid: null,
    nationalIds: {},
    systemClass: null,
    agencyLevel: null,
    sector: null,
    parentId: null,
    legalScope: [],
    integratedWithEgov: null,
    servesEGovernment: null,
    limits: {},
    group: 'a',
    timeZone: 'UTC',
    languages: ['en'],
    validFrom: 0,
    validTo: null,
    ...CHANGED,
    ...change,
  }
}

/** A registered sender at 192.0.2.1. */
export function source(change: Partial<RegistrySource> = {}): RegistrySource {
  return {
    sourceId: 'source-a',
    constituent: 'body-a',
    name: 'Source A',
    addresses: ['192.0.2.1'],
    certificateSubjects: [],
    listeners: [],
    circuit: 'outer',
    kind: 'firewall',
    sourceChannel: 'basic',
    timeZone: 'UTC',
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
    deviceName: null,
    exercise: false,
    ...CHANGED,
    ...change,
  }
}

/** A registered information system. */
export function system(change: Partial<RegistrySystem> = {}): RegistrySystem {
  return {
    systemId: 'system-a',
    constituent: 'body-a',
    name: 'System A',
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
    ...CHANGED,
    ...change,
  }
}
