import { isIPv4, isIPv6 } from 'node:net'
import { canonicalJson } from '../canonical-json.ts'
import type { Writing } from '../format.ts'
import type { SharedCase, SharedParticipant } from '../shared-case.ts'
import { element } from './xml.ts'

export const IODEF_NAMESPACE = 'urn:ietf:params:xml:ns:iodef-2.0'
/** Name of the element that carries the whole case. */
export const CASE_MEANING = 'tocsin-case-1'

const iso = (ms: number): string => new Date(ms).toISOString()
const text = (name: string, content: string, attributes: Record<string, string | undefined> = {}): string[] =>
  content === '' ? [] : [element(name, attributes, content)]
const time = (name: string, ms: number | null): string[] => (ms === null ? [] : [element(name, {}, iso(ms))])

/** Cases as one IODEF v2 document (RFC 7970); the order of the elements is that of its schema. */
export function iodefOf(cases: readonly SharedCase[], { deployment, at }: Writing): string {
  const root = element(
    'IODEF-Document',
    { version: '2.00', 'xml:lang': 'en', xmlns: IODEF_NAMESPACE },
    cases.map((shared) => incidentOf(shared, deployment, at)),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

function incidentOf(shared: SharedCase, deployment: string, at: number): string {
  const [first, last] = [shared.occurredFirst, Math.max(shared.occurredFirst, shared.occurredLast)]
  return element(
    'Incident',
    { purpose: shared.exercise ? 'other' : 'reporting', status: statusOf(shared), restriction: restrictionOf(shared) },
    [
      element('IncidentID', { name: shared.origin.split('/')[0] || deployment }, shared.caseId),
      ...(shared.number === ''
        ? []
        : [element('AlternativeID', {}, [element('IncidentID', { name: deployment }, shared.number)])]),
      ...time('DetectTime', shared.detectedAt),
      ...time('StartTime', first),
      ...time('EndTime', last),
      ...time('RecoveryTime', shared.consequencesEliminatedAt),
      ...time('ReportTime', shared.promotedAt),
      ...time('GenerationTime', at),
      ...Object.entries(shared.titles).flatMap(([language, title]) =>
        text('Description', title, { 'xml:lang': languageTag(language) }),
      ),
      ...text('Description', shared.description, { 'xml:lang': 'en' }),
      ...text('Description', shared.conclusion ?? ''),
      element('Discovery', { source: 'siem' }, text('Description', shared.ruleName)),
      assessmentOf(shared),
      ...(shared.techniques.length === 0
        ? []
        : [
            element(
              'Method',
              {},
              shared.techniques.flatMap((technique) => text('Description', technique)),
            ),
          ]),
      element('Contact', { role: 'creator', type: 'organization' }, text('ContactName', deployment)),
      ...(shared.constituent === ''
        ? []
        : [element('Contact', { role: 'victim', type: 'organization' }, text('ContactName', shared.constituent))]),
      ...eventDataOf(shared),
      element(
        'AdditionalData',
        { dtype: 'byte', meaning: CASE_MEANING },
        Buffer.from(canonicalJson(shared)).toString('base64'),
      ),
    ],
  )
}

/** `restriction` knows no TLP names in every reader, so the three that RFC 7970 has always had are used. */
const restrictionOf = ({ restriction }: SharedCase): string =>
  restriction === 'none' ? 'public' : restriction === 'need-to-know' ? 'need-to-know' : 'private'

const statusOf = ({ status }: SharedCase): string =>
  status === 'new' || status === 'unverified' ? 'new' : status === 'confirmed' ? 'in-progress' : 'resolved'

const languageTag = (language: string): string | undefined =>
  /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(language) ? language : undefined

function assessmentOf({ rsitClass, rsitType, severity, effects, confidence }: SharedCase): string {
  const level = severity >= 70 ? 'high' : severity >= 40 ? 'medium' : 'low'
  return element('Assessment', { occurrence: 'actual' }, [
    ...text('IncidentCategory', `${rsitClass}/${rsitType}`),
    element(
      'SystemImpact',
      { severity: level, type: 'unknown' },
      effects.flatMap((effect) => text('Description', effect)),
    ),
    ...(confidence === null ? [] : [element('Confidence', { rating: 'numeric' }, String(confidence))]),
  ])
}

function eventDataOf(shared: SharedCase): string[] {
  const systems = shared.participants.flatMap(systemOf)
  const measures = Object.entries(shared.recommendations).flatMap(([language, measure]) =>
    text('Description', measure, { 'xml:lang': languageTag(language) }),
  )
  if (systems.length === 0 && measures.length === 0) return []
  return [
    element('EventData', {}, [
      ...(systems.length === 0 ? [] : [element('Flow', {}, systems)]),
      ...(measures.length === 0 ? [] : [element('Expectation', { action: 'other' }, measures)]),
    ]),
  ]
}

const CATEGORY: Readonly<Record<string, string>> = {
  source: 'source',
  target: 'target',
  relay: 'intermediate',
  c2: 'infrastructure',
}

function systemOf({ role, ip, port, protocol, domain, count }: SharedParticipant): string[] {
  const address =
    ip === null || !(isIPv4(ip) || isIPv6(ip))
      ? []
      : [element('Address', { category: isIPv4(ip) ? 'ipv4-addr' : 'ipv6-addr' }, ip)]
  const named =
    domain === null
      ? []
      : [element('DomainData', { 'system-status': 'unknown', 'domain-status': 'unknown' }, text('Name', domain))]
  if (address.length + named.length === 0) return []
  const number = protocol === null ? undefined : PROTOCOLS[protocol.toLowerCase()]
  const isPort = port !== null && Number.isInteger(port) && port >= 0 && port <= 65_535
  return [
    element('System', { category: CATEGORY[role] ?? 'intermediate' }, [
      element('Node', {}, [...named, ...address]),
      ...(isPort ? [element('Service', { 'ip-protocol': number }, [element('Port', {}, String(port))])] : []),
      element('Counter', { type: 'count', unit: 'event' }, String(count)),
    ]),
  ]
}

/** Numbers of the protocols (IANA). */
const PROTOCOLS: Readonly<Record<string, string>> = { icmp: '1', tcp: '6', udp: '17', 'ipv6-icmp': '58', sctp: '132' }
