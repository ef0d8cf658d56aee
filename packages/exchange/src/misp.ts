import { inLanguage } from '@tocsin/events'
import { CASE_COLUMNS, caseOfTexts, textOfField } from './field-text.ts'
import type { ExchangeFormat, Writing } from './format.ts'
import type { SharedCase, SharedParticipant } from './shared-case.ts'
import { tlpOf } from './tlp.ts'
import { OWN_NAMESPACE, uuidV5 } from './uuid.ts'

/** Greatest length of `info` that MISP shows in its lists; the whole title stands in the object. */
const MAX_INFO_CHARACTERS = 256
const TEMPLATE = { name: 'tocsin-case', version: '1', uuid: uuidV5('misp-template/case/1', OWN_NAMESPACE) }

interface MispAttribute {
  uuid: string
  type: string
  category: string
  value: string
  to_ids: boolean
  distribution: string
  comment?: string
  object_relation?: string
}

interface MispObject {
  uuid: string
  name: string
  'meta-category': string
  template_uuid: string
  template_version: string
  distribution: string
  Attribute: MispAttribute[]
}

/** Your organisation only: the receiver decides whether it goes on. */
const DISTRIBUTION = '0'

function eventOf(shared: SharedCase, { deployment }: Writing): unknown {
  const uuid = (what: string): string => uuidV5(`misp/${what}/${shared.origin}`, OWN_NAMESPACE)
  const title = inLanguage(shared.titles) || shared.ruleName || shared.caseId
  return {
    Event: {
      uuid: uuid('event'),
      info: title.replace(/\s+/gu, ' ').slice(0, MAX_INFO_CHARACTERS).toWellFormed(),
      date: new Date(shared.occurredFirst).toISOString().slice(0, 10),
      threat_level_id: shared.severity >= 70 ? '1' : shared.severity >= 40 ? '2' : shared.severity > 0 ? '3' : '4',
      analysis: shared.status === 'closed' ? '2' : shared.verification === 'confirmed' ? '1' : '0',
      published: false,
      timestamp: String(Math.max(0, Math.floor(shared.modifiedAt / 1_000))),
      distribution: DISTRIBUTION,
      Orgc: { name: deployment, uuid: uuidV5(`identity/${deployment}`, OWN_NAMESPACE) },
      Tag: tagsOf(shared),
      Attribute: shared.participants.flatMap((one, index) => attributesOf(one, (what) => uuid(`${what}/${index}`))),
      Object: [objectOf(shared, uuid)],
    },
  }
}

function tagsOf({ tlp, rsitClass, rsitType, techniques, exercise, kind }: SharedCase): { name: string }[] {
  return [
    `tlp:${tlpOf(tlp)}`,
    `rsit:${rsitClass}="${rsitType}"`,
    `tocsin:kind="${kind}"`,
    ...techniques.map((technique) => `misp-galaxy:mitre-attack-pattern="${technique}"`),
    ...(exercise ? ['workflow:state="exercise"'] : []),
  ].map((name) => ({ name }))
}

/** What other people's MISP correlates by: addresses and domains. */
function attributesOf(one: SharedParticipant, uuid: (what: string) => string): MispAttribute[] {
  const side = one.role === 'target' ? 'dst' : 'src'
  const hostile = one.role !== 'target'
  const attribute = (type: string, value: string): MispAttribute => ({
    uuid: uuid(type),
    type,
    category: 'Network activity',
    value,
    to_ids: hostile,
    distribution: DISTRIBUTION,
    comment: one.role,
  })
  const { ip, port, domain } = one
  return [
    ...(ip === null
      ? []
      : [port === null ? attribute(`ip-${side}`, ip) : attribute(`ip-${side}|port`, `${ip}|${port}`)]),
    ...(domain === null ? [] : [attribute('domain', domain)]),
  ]
}

/** Columns that MISP has no place for: the participants stand as attributes, by address and port. */
const NOT_IN_OBJECT = new Set<string>(['participants'])

function objectOf(shared: SharedCase, uuid: (what: string) => string): MispObject {
  return {
    uuid: uuid('object'),
    name: TEMPLATE.name,
    'meta-category': 'misc',
    template_uuid: TEMPLATE.uuid,
    template_version: TEMPLATE.version,
    distribution: DISTRIBUTION,
    Attribute: CASE_COLUMNS.filter((column) => !NOT_IN_OBJECT.has(column))
      .map((column) => ({ column, value: textOfField(shared, column) }))
      .filter(({ value }) => value !== '')
      .map(({ column, value }) => ({
        uuid: uuid(`field/${column}`),
        object_relation: column,
        type: 'text',
        category: 'Other',
        value,
        to_ids: false,
        distribution: DISTRIBUTION,
      })),
  }
}

function caseOf(value: unknown): SharedCase {
  const { Event: event } = value as { Event?: { Object?: MispObject[]; Attribute?: MispAttribute[] } }
  const object = event?.Object?.find(({ template_uuid }) => template_uuid === TEMPLATE.uuid)
  if (object === undefined) throw new RangeError('The event has no tocsin-case object.')
  const texts = new Map(object.Attribute.map(({ object_relation, value: text }) => [object_relation ?? '', text]))
  return { ...caseOfTexts(texts), participants: (event?.Attribute ?? []).flatMap(participantOf) }
}

function participantOf({ type, value, comment }: MispAttribute): SharedParticipant[] {
  const [kind = '', composite] = type.split('|')
  if (kind !== 'ip-src' && kind !== 'ip-dst') return []
  const cut = composite === 'port' ? value.lastIndexOf('|') : value.length
  return [
    {
      role: comment ?? '',
      ip: value.slice(0, cut),
      port: composite === 'port' ? Number(value.slice(cut + 1)) : null,
      protocol: null,
      domain: null,
      country: null,
      asn: null,
      lon: null,
      lat: null,
      count: 0,
    },
  ]
}

/** MISP core format: an event a case, with attributes to correlate by and an object that holds the fields. */
export const misp: ExchangeFormat = {
  name: 'misp',
  mediaType: 'application/json',
  ending: '.misp.json',
  notHeld: {
    participants:
      'MISP holds role, address and port of a participant, not its protocol, domain, country, place, network and count.',
  },
  write: (cases, writing) => `${JSON.stringify({ response: cases.map((one) => eventOf(one, writing)) }, null, 1)}\n`,
  read(text) {
    const { response } = JSON.parse(text) as { response?: unknown }
    if (!Array.isArray(response)) throw new RangeError('It is no list of MISP events.')
    return response.map(caseOf)
  },
}
