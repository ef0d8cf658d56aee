import { isIPv4, isIPv6 } from 'node:net'
import { inLanguage } from '@tocsin/events'
import { canonicalJson } from '../canonical-json.ts'
import type { SharedCase, SharedParticipant } from '../shared-case.ts'
import { tlpOf } from '../tlp.ts'
import { OWN_NAMESPACE, uuidV5 } from '../uuid.ts'
import { attackPatternOf, CASE_EXTENSION, identityOf, markingOf } from './fixed-objects.ts'
import type { Bundle, IncidentObject, Observable, StixId, StixObject } from './types.ts'

/** Namespace of the ids of observables (STIX 2.1 section 2.9): everybody gives an address the same id. */
const SCO_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** Greatest `number_observed` (STIX 2.1 section 4.14). */
const MAX_OBSERVED = 999_999_999

const iso = (ms: number): string => new Date(ms).toISOString()

/** Id of the incident object of a case: from its origin, so that it is one object wherever it comes by. */
export const incidentIdOf = (origin: string): StixId => `incident--${uuidV5(`case/${origin}`, OWN_NAMESPACE)}`

/**
 * A case as STIX objects, each before what refers to it: markings and identities, what was seen, techniques and measures, the
 * incident, its relationships. `deployment` says who tells it. A case that is taken back is the incident alone, revoked.
 */
export function stixObjectsOf(shared: SharedCase, deployment: string, isRevoked = false): StixObject[] {
  const creator = identityOf(deployment)
  const marking = markingOf(tlpOf(shared.tlp))
  const times = { created: iso(shared.createdAt), modified: iso(Math.max(shared.createdAt, shared.modifiedAt)) }
  const frame = {
    spec_version: '2.1',
    ...times,
    created_by_ref: creator.id,
    object_marking_refs: [marking.id],
  } as const
  const own = <Type extends string>(type: Type, what: string) => ({
    type,
    id: `${type}--${uuidV5(`${what}/${shared.origin}`, OWN_NAMESPACE)}` as StixId,
    ...frame,
  })
  const incident: IncidentObject = {
    ...frame,
    type: 'incident',
    id: incidentIdOf(shared.origin),
    name: inLanguage(shared.titles) || shared.ruleName || shared.caseId,
    ...(shared.description === '' ? {} : { description: shared.description }),
    ...(shared.confidence === null ? {} : { confidence: Math.min(100, Math.max(0, Math.round(shared.confidence))) }),
    labels: labelsOf(shared),
    external_references: [{ source_name: shared.origin.split('/')[0] || deployment, external_id: shared.caseId }],
    ...(isRevoked ? { revoked: true } : {}),
    extensions: { [CASE_EXTENSION.id]: { extension_type: 'property-extension', ...told(shared) } },
  }
  const before = [identityOf('tocsin'), CASE_EXTENSION, creator, marking]
  if (isRevoked) return [...before, incident]

  const victim = shared.constituent === '' ? [] : [identityOf(shared.constituent)]
  const observables = observablesOf(shared.participants)
  const [first, last] = [
    Math.min(shared.occurredFirst, shared.occurredLast),
    Math.max(shared.occurredFirst, shared.occurredLast),
  ]
  const observed: StixObject[] =
    observables.length === 0
      ? []
      : [
          ...observables,
          {
            ...own('observed-data', 'observed'),
            first_observed: iso(first),
            last_observed: iso(last),
            number_observed: Math.min(MAX_OBSERVED, Math.max(1, Math.trunc(shared.eventCount))),
            object_refs: observables.map(({ id }) => id),
          },
        ]
  const patterns = [...new Set(shared.techniques)].filter((technique) => technique !== '').map(attackPatternOf)
  const measures = inLanguage(shared.recommendations)
  const measure: StixObject[] =
    measures === ''
      ? []
      : [{ ...own('course-of-action', 'measures'), name: 'Recommended measures', description: measures }]
  const targets = [...victim, ...patterns, ...measure, ...observed.filter(({ type }) => type === 'observed-data')]
  const relationships = targets.map(
    ({ id, type }): StixObject => ({
      ...own('relationship', `related/${id}`),
      relationship_type: type === 'identity' ? 'targets' : 'related-to',
      source_ref: incident.id,
      target_ref: id,
    }),
  )
  return [...before, ...victim, ...observed, ...patterns, ...measure, incident, ...relationships]
}

/** STIX knows neither null nor an empty list (2.1, section 2): what is not told is left out, and put back by the reader. */
function told(shared: SharedCase): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean =>
    value === null || (typeof value === 'object' && Object.keys(value as object).length === 0)
  const members = ({ participants, ...rest }: SharedCase) => ({
    ...rest,
    participants: participants.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null)),
    ),
  })
  return Object.fromEntries(Object.entries(members(shared)).filter(([, value]) => !isEmpty(value)))
}

function labelsOf({ kind, rsitClass, rsitType, exercise, verification }: SharedCase): string[] {
  return [
    ...(kind === '' ? [] : [`kind:${kind}`]),
    `rsit:${rsitClass}/${rsitType}`,
    `verification:${verification}`,
    ...(exercise ? ['exercise'] : []),
  ]
}

/** Addresses and domains of those who took part, and the traffic between the first source and the first target. */
function observablesOf(participants: readonly SharedParticipant[]): Observable[] {
  const found = new Map<StixId, Observable>()
  const add = (observable: Observable): StixId => {
    found.set(observable.id, observable)
    return observable.id
  }
  const refOf = ({ ip, domain }: SharedParticipant): StixId | null => {
    if (ip !== null && isIPv4(ip)) return add(valued('ipv4-addr', ip))
    if (ip !== null && isIPv6(ip) && !ip.includes('%')) return add(valued('ipv6-addr', ip))
    return domain === null ? null : add(valued('domain-name', domain))
  }
  const refs = participants.map((one) => ({ one, ref: refOf(one) }))
  for (const { one } of refs) if (one.domain !== null) add(valued('domain-name', one.domain))
  const source = refs.find(({ one, ref }) => one.role === 'source' && ref !== null)
  const target = refs.find(({ one, ref }) => one.role === 'target' && ref !== null)
  if (source !== undefined && source.ref !== null && target !== undefined && target.ref !== null) {
    const traffic = {
      src_ref: source.ref,
      dst_ref: target.ref,
      ...(isPort(source.one.port) ? { src_port: source.one.port } : {}),
      ...(isPort(target.one.port) ? { dst_port: target.one.port } : {}),
      protocols: [target.one.protocol ?? source.one.protocol ?? 'ip'].map((name) => name.toLowerCase()),
    }
    add({ type: 'network-traffic', spec_version: '2.1', id: scoId('network-traffic', traffic), ...traffic })
  }
  return [...found.values()]
}

const isPort = (port: number | null): port is number =>
  port !== null && Number.isInteger(port) && port >= 0 && port <= 65_535

const scoId = (type: string, contributing: unknown): StixId =>
  `${type}--${uuidV5(canonicalJson(contributing), SCO_NAMESPACE)}`

const valued = (type: 'ipv4-addr' | 'ipv6-addr' | 'domain-name', value: string): Observable => ({
  type,
  spec_version: '2.1',
  id: scoId(type, { value }),
  value,
})

/** Cases as one bundle; what several of them share stands in it once. */
export function bundleOf(
  cases: readonly SharedCase[],
  deployment: string,
  revoked: ReadonlySet<string> = new Set(),
): Bundle {
  const objects = new Map<string, StixObject>()
  for (const shared of cases)
    for (const one of stixObjectsOf(shared, deployment, revoked.has(shared.caseId))) objects.set(versionKeyOf(one), one)
  const id = uuidV5([...objects.keys()].join('\n'), OWN_NAMESPACE)
  return { type: 'bundle', id: `bundle--${id}`, objects: [...objects.values()] }
}

/** Id and version of an object: two with the same are one. */
export const versionKeyOf = (one: StixObject): string =>
  `${one.id} ${'modified' in one ? one.modified : 'created' in one ? one.created : ''}`
