import type { RecordOf } from '@tocsin/events'
import type { Followed, GlobalTable, Kafka } from '@tocsin/stage/kafka'
import type { ReportSources } from '../produce.ts'
import type { TicketRow } from '../report-input.ts'

/** Topics that reports alone look into: one reader follows them all. */
const FOLLOWED = ['registry-assets', 'registry-contacts', 'registry-changes', 'requests', 'tickets', 'reports'] as const
/** Sections of the registry whose changes a report lists; those of assets are many and are held by nobody. */
const REPORTED: ReadonlySet<string> = new Set(['systems', 'sources'])
type FollowedTopic = (typeof FOLLOWED)[number]
type Held = { [Topic in FollowedTopic]: Map<string, Topic extends 'tickets' ? TicketRow : RecordOf<Topic>> }

/** What reports are made from, and the tables that others need too. */
export interface OpenSources extends ReportSources {
  tables: {
    constituents: GlobalTable<'registry-constituents'>
    systems: GlobalTable<'registry-systems'>
    sources: GlobalTable<'registry-sources'>
    facts: GlobalTable<'daily-facts'>
    incidents: GlobalTable<'incidents'>
  }
}

/** Opens the topics that reports are made from; resolves when all of each is in. */
export async function openReportSources(kafka: Kafka): Promise<OpenSources> {
  const held: Held = {
    'registry-assets': new Map(),
    'registry-contacts': new Map(),
    'registry-changes': new Map(),
    requests: new Map(),
    tickets: new Map(),
    reports: new Map(),
  }
  const [constituents, systems, sources, facts, incidents, following] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-systems'),
    kafka.table('registry-sources'),
    kafka.table('daily-facts'),
    kafka.table('incidents'),
    kafka.follow(FOLLOWED, { from: 'beginning' }, (record) => keep(held, record)),
  ])
  await following.caughtUp
  return {
    tables: { constituents, systems, sources, facts, incidents },
    facts: () => facts.values(),
    incidents: () => incidents.values(),
    sources: () => sources.values(),
    systems: () => systems.values(),
    constituents: () => constituents.values(),
    assets: () => held['registry-assets'].values(),
    contacts: () => held['registry-contacts'].values(),
    changes: () => held['registry-changes'].values(),
    requests: () => held.requests.values(),
    tickets: () => held.tickets.values(),
    reports: () => held.reports.values(),
  }
}

function keep(held: Held, { topic, key, value }: Followed<FollowedTopic>): void {
  const map = held[topic] as Map<string, unknown>
  if (value === null || ('deleted' in value && value.deleted)) map.delete(key)
  else if (topic === 'tickets') map.set(key, rowOf(value as RecordOf<'tickets'>))
  else if (topic === 'registry-changes' && !REPORTED.has(value.section)) return
  else map.set(key, value)
}

/** The file of a ticket stays on its topic: only what is counted is held. */
function rowOf(ticket: RecordOf<'tickets'>): TicketRow {
  const { ticketId, caseId, constituent, profile, exercise, issuedAt, firstRecordAt, state, stateAt } = ticket
  return { ticketId, caseId, constituent, profile, exercise, issuedAt, firstRecordAt, state, stateAt }
}
