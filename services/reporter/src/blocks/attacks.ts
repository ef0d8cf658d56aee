import { createHash } from 'node:crypto'
import { type Incident, inLanguage, type Participant } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import type { Block, BlockContext } from './context.ts'

/** Severity from which an entity is noticeable, and cases from which it is so at any severity (AMB-VN8). */
const NOTICEABLE_SEVERITY = 60
const NOTICEABLE_CASES = 3
const MAX_EVIDENCE = 3

/** Cases of the period that count; each is part of the hash by what the tables print of it. */
export function countedCases(context: BlockContext): Incident[] {
  return context.evidence
    .list<Incident>('incidents', context.counted(), (incident) => [
      incident.caseId,
      incident.kind,
      incident.severity,
      incident.occurredFirst,
      incident.participants,
    ])
    .sort((one, other) => one.occurredFirst - other.occurredFirst || (one.caseId < other.caseId ? -1 : 1))
}

/** The subject of a case in the language of the report. */
export function titleOf(context: BlockContext, incident: Incident): string {
  return inLanguage({ ...incident.titles, en: incident.titles['en'] ?? incident.ruleName }, context.input.language)
}

interface Hit {
  address: string
  systemIds: Set<string>
  cases: Incident[]
}

/** Entities noticeably intruded: address, services provided, time of intrusion (W-2). One row for each address. */
export const intruded: Block = (context) => {
  const { label } = context
  const hits = new Map<string, Hit>()
  for (const incident of countedCases(context)) {
    const targets = incident.participants.filter(({ role }) => role === 'target')
    const addresses = new Set(targets.flatMap(({ ip, host }) => ip ?? host ?? []))
    for (const address of addresses.size > 0 ? addresses : [label('unknown')]) {
      const hit = hits.get(`${incident.constituent} ${address}`) ?? { address, systemIds: new Set(), cases: [] }
      for (const id of incident.systemIds) hit.systemIds.add(id)
      hit.cases.push(incident)
      hits.set(`${incident.constituent} ${address}`, hit)
    }
  }
  const noticeable = [...hits.values()].filter(
    ({ cases }) => cases.length >= NOTICEABLE_CASES || cases.some(({ severity }) => severity >= NOTICEABLE_SEVERITY),
  )
  return [
    {
      part: 'table',
      columns: [
        { title: label('address'), width: 1.2 },
        { title: label('services'), width: 2.4 },
        { title: label('intrudedAt'), width: 1.2 },
        { title: label('cases'), width: 1.4 },
      ],
      rows: noticeable.map(({ address, systemIds, cases }) => [
        address,
        servicesOf(context, systemIds, address),
        context.at(Math.min(...cases.map(({ occurredFirst }) => occurredFirst))),
        cases
          .slice(0, 5)
          .map(({ number }) => number)
          .join('\n') + (cases.length > 5 ? ` +${cases.length - 5}` : ''),
      ]),
      empty: label('noIntruded'),
    },
  ]
}

/** What the systems of an entity are for: those that the cases name, else those that have its address. */
function servicesOf(context: BlockContext, ids: ReadonlySet<string>, address: string): string {
  const { systems } = context.input.data
  const named = systems.filter(({ systemId }) => ids.has(systemId))
  const found = named.length > 0 ? named : systems.filter(({ ips }) => ips.includes(address))
  const words = found.map(({ name, services, description }) => `${name}: ${services.join('; ') || description}`)
  return words.length > 0 ? words.join('\n') : context.label('unknown')
}

/** Methods of intrusion with their evidence: original records and their hashes (W-3). */
export const methods: Block = (context) => {
  const { label } = context
  const byRule = new Map<string, Incident[]>()
  for (const incident of countedCases(context))
    byRule.set(incident.ruleId, [...(byRule.get(incident.ruleId) ?? []), incident])
  const rows = [...byRule].map(([ruleId, cases]): Cell[] => {
    const [first] = cases
    const techniques = new Set(cases.flatMap((incident) => incident.techniques))
    return [
      first === undefined ? ruleId : titleOf(context, first),
      [...techniques].sort().join(', ') || '–',
      context.evidence.count('incidents', context.counted({ ruleId })),
      evidenceOf(context, cases),
    ]
  })
  return [
    {
      part: 'table',
      columns: [
        { title: label('method'), width: 2 },
        { title: label('techniques'), width: 1 },
        { title: label('count'), number: true, width: 0.7 },
        { title: label('evidence'), width: 3.4 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** Where originals lie, and their hashes; an event's id is itself the hash of its block's id and place (design.md 2.3). */
function evidenceOf(context: BlockContext, cases: readonly Incident[]): string {
  const references = cases.flatMap((incident) => incident.rawRefs.slice(0, MAX_EVIDENCE)).slice(0, MAX_EVIDENCE)
  if (references.length === 0) return context.label('noEvidence')
  return references
    .map(({ eventId, blockId, frameIndex, original }) => {
      const hash = original === null ? eventId : createHash('sha256').update(original).digest('hex')
      return `${blockId}#${frameIndex} ${hash}`
    })
    .join('\n')
}

interface Intruder {
  side: Participant
  domains: Set<string>
  accounts: Set<string>
  cases: Set<string>
  records: number
}

/** Entities carrying out intrusions: address, network, country, domain, account (W-4). */
export const intruders: Block = (context) => {
  const { label } = context
  const rows = intrudersOf(context).map(({ side, domains, accounts, cases, records }): Cell[] => [
    side.ip ?? side.host ?? label('unknown'),
    side.asn === null ? '–' : `AS${side.asn}`,
    side.country ?? '–',
    [...domains].join('\n') || '–',
    [...accounts].slice(0, 5).join('\n') || '–',
    context.number(cases.size),
    context.number(records),
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('address'), width: 1.6 },
        { title: label('asn') },
        { title: label('country'), width: 0.8 },
        { title: label('domain'), width: 1.4 },
        { title: label('account'), width: 1.2 },
        { title: label('cases'), number: true, width: 0.7 },
        { title: label('records'), number: true, width: 0.8 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** Sources of counted cases by address, those with the most cases first. */
export function intrudersOf(context: BlockContext): Intruder[] {
  const found = new Map<string, Intruder>()
  for (const { caseId, participants } of countedCases(context))
    for (const side of participants.filter(({ role }) => role === 'source' || role === 'c2')) {
      const key = side.ip ?? side.host ?? side.domain ?? side.account
      if (key === null) continue
      const known = found.get(key) ?? { side, domains: new Set(), accounts: new Set(), cases: new Set(), records: 0 }
      if (side.domain !== null) known.domains.add(side.domain)
      if (side.account !== null) known.accounts.add(side.account)
      known.cases.add(caseId)
      known.records += side.count
      found.set(key, known)
    }
  return [...found.entries()]
    .sort(([one, a], [other, b]) => b.cases.size - a.cases.size || b.records - a.records || (one < other ? -1 : 1))
    .map(([, intruder]) => intruder)
}
