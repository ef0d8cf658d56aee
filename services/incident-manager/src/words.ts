import { type Incident, inLanguage } from '@tocsin/events'
import { type CaseWords, textOf } from '@tocsin/obligations'
import type { CaseState } from './case.ts'
import type { Registry } from './registry.ts'

const NAMED = 10

/** What a notice says of a case in one language (KZ-N); dates, classes and clocks are put in by the notice planner. */
export function wordsOf(state: CaseState, registry: Registry, language: string, nowMs: number): CaseWords {
  const { record, measures } = state
  const constituent = registry.constituent(record.constituent)
  const systems = record.systemIds.map((id) => registry.system(id)).filter((system) => system !== undefined)
  const contacts = registry.contacts(record.constituent, nowMs)
  const nameOf = (role: string, own: boolean): string =>
    contacts.find((contact) => contact.role === role && (!own || contact.constituent === record.constituent))?.name ??
    ''
  return {
    rsitClass: record.rsitClass,
    rsitType: record.rsitType,
    severityScore: record.severity,
    recommendations: record.recommendations,
    constituent:
      constituent === undefined
        ? record.constituent
        : inLanguage({ en: constituent.name, ...constituent.names }, language),
    object: listed([...systems.map((system) => system.name), ...hostsOf(record), ...record.assetIds]),
    services: listed(systems.flatMap((system) => system.services)),
    source: listed([record.deviceName ?? '', record.triggeredRuleName ?? '', record.ruleName]),
    description: descriptionOf(record, language),
    addresses: listed(addressesOf(record)),
    primaryAnalysis: record.primaryAnalysis ?? '',
    // An empty line would leave the reader to guess (KZ-N).
    measuresTaken: measures.length === 0 ? textOf('no-measures', language) : measures.join('; '),
    caseNumber: record.number,
    caseState: textOf(record.status, language),
    coordinator: nameOf('coordinator', true),
    contact: nameOf('shift', false),
  }
}

function descriptionOf(record: Incident, language: string): string {
  const title = inLanguage(record.titles, language)
  return title === '' || title === record.description ? record.description : `${title}. ${record.description}`
}

function hostsOf(record: Incident): string[] {
  return record.participants.filter((side) => side.role === 'target').map((side) => side.host ?? '')
}

function addressesOf(record: Incident): string[] {
  return record.participants.map((side) => {
    const name = side.ip ?? side.domain ?? side.host ?? ''
    return name === '' ? '' : `${name}${side.port === null ? '' : `:${side.port}`} (${side.role})`
  })
}

function listed(words: readonly string[]): string {
  const known = [...new Set(words.filter((word) => word !== ''))]
  return known.length <= NAMED ? known.join(', ') : `${known.slice(0, NAMED).join(', ')} (+${known.length - NAMED})`
}
