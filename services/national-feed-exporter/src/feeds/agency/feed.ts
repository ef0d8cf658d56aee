import { type FeedRecord, type Incident, idFrom, type RegistryConstituent } from '@tocsin/events'
import {
  canonicalJson,
  originOf,
  SHARED_FIELDS,
  type SharedCase,
  type SharedField,
  sharedCaseOf,
  tlpOf,
} from '@tocsin/exchange'
import type { Output, Store } from '@tocsin/stage'
import type { Issued } from '../../state.ts'
import type { Lookup } from '../../ticket-desk.ts'
import { type Contract, markingFor, maySee } from './contract.ts'

/** What an agency gets of a case: what may leave, without the notes of our own analysts (operations.md S-19). */
const NOTES: readonly SharedField[] = ['primaryAnalysis', 'conclusion', 'measuresPossible']
const AGENCY_FIELDS = SHARED_FIELDS.filter((field) => !NOTES.includes(field))

/** Cases that were wrong or went into another one are taken back. */
const WITHDRAWN = new Set(['false-positive', 'merged'])

/**
 * What a case means for the agencies: issue the first time, replace when what they may see has changed, revoke when it was
 * wrong or they may see it no more. Takes one snapshot; gives the records, each on `feed-records` and on `feed.<agency>`.
 */
export function feedOutputs(
  incident: Incident,
  contracts: readonly Contract[],
  constituents: Lookup<RegistryConstituent>,
  issued: Store<Issued>,
  deployment: string,
): Output[] {
  const country = constituents.get(incident.constituent)?.country
  const outputs: Output[] = []
  for (const contract of contracts) {
    const key = `${contract.agency}/${incident.caseId}`
    const last = issued.get(key)
    const isTheirs = originOf(incident)?.startsWith(`${contract.agency}/`) === true
    // A case is not told to the deployment that it came from.
    const visible = maySee(contract, incident, country) && !WITHDRAWN.has(incident.status) && !isTheirs
    const record = visible
      ? projected(incident, contract, deployment)
      : last === undefined
        ? null
        : emptied(incident, contract, deployment)
    if (record === null) continue
    const contentHash = hashOf(record)
    const known = last !== undefined && !last.revoked
    if (!visible && !known) continue
    if (visible && known && last.contentHash === contentHash) continue
    const value: FeedRecord = { ...record, verb: visible ? (known ? 'replace' : 'issue') : 'revoke' }
    issued.set(key, { feedId: value.feedId, contentHash, revoked: !visible })
    outputs.push(
      { topic: 'feed-records', key: contract.agency, value },
      { topic: 'feed-records', key: incident.caseId, value, toTopic: `feed.${contract.agency}` },
    )
  }
  return outputs
}

/** What an agency sees of a case: these fields and no other (operations.md S-19). Accounts, hosts and raw lines stay here. */
function projected(incident: Incident, contract: Contract, deployment: string): FeedRecord {
  const addresses = (...roles: readonly string[]) => [
    ...new Set(incident.participants.flatMap(({ role, ip }) => (ip !== null && roles.includes(role) ? [ip] : []))),
  ]
  return {
    ...emptied(incident, contract, deployment),
    kind: incident.kind,
    severity: incident.severity,
    rsitClass: incident.rsitClass,
    rsitType: incident.rsitType,
    titles: incident.titles,
    description: incident.description,
    recommendations: incident.recommendations,
    techniques: incident.techniques,
    sourceIps: addresses('source', 'c2', 'relay'),
    targetIps: addresses('target'),
    indicators: incident.indicatorIds,
    sharedCase: canonicalJson(sharedCaseOf(marked(incident, contract), deployment, AGENCY_FIELDS)),
  }
}

const marked = (incident: Incident, contract: Contract): Incident => ({
  ...incident,
  tlp: markingFor(contract, incident),
})

/** The frame of a record without its content: all that a revocation says. */
function emptied(incident: Incident, contract: Contract, deployment: string): FeedRecord {
  return {
    feedId: idFrom(contract.agency, incident.caseId, incident.revision),
    agency: contract.agency,
    verb: 'revoke',
    caseId: incident.caseId,
    revision: incident.revision,
    constituent: incident.constituent,
    exercise: incident.exercise,
    tlp: tlpOf(markingFor(contract, incident)),
    restriction: incident.restriction,
    issuedAt: incident.modifiedAt,
    detectedAt: incident.detectedAt,
    kind: incident.kind,
    severity: 0,
    rsitClass: '',
    rsitType: '',
    titles: {},
    description: '',
    recommendations: {},
    techniques: [],
    sourceIps: [],
    targetIps: [],
    indicators: [],
    contractVersion: contract.version,
    sharedCase: canonicalJson(sharedCaseOf(marked(incident, contract), deployment, [])),
  }
}

/** Hash of what the agency sees, without what changes with every revision. */
function hashOf(record: FeedRecord): string {
  const { feedId: _id, verb: _verb, revision: _revision, issuedAt: _at, sharedCase, ...content } = record
  const shared = JSON.parse(sharedCase) as SharedCase
  return idFrom(canonicalJson({ ...content, shared: { ...shared, revision: 0, modifiedAt: 0 } }))
}
