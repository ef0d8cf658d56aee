import type { IndexPlan } from '../index-plan.ts'

interface Panel {
  name: string
  title: string
  record: IndexPlan['record']
  /** KQL. */
  query: string
}

/** Tables of documents, newest first. */
export const searches: readonly (Panel & { columns: readonly string[] })[] = [
  {
    name: 'newest_detections',
    title: 'Newest detections',
    record: 'detection',
    query: '',
    columns: ['organization.id', 'rule.name', 'tocsin.level', 'tocsin.method', 'tocsin.assetIds'],
  },
  {
    name: 'open_cases',
    title: 'Open cases',
    record: 'incident',
    query: 'not tocsin.status : closed and not tocsin.status : merged',
    columns: ['tocsin.number', 'organization.id', 'tocsin.kind', 'tocsin.status', 'tocsin.detectedAt'],
  },
  {
    name: 'warnings',
    title: 'Warnings of devices',
    record: 'enriched-event',
    query: 'event.kind : alert',
    columns: ['organization.id', 'rule.name', 'source.ip', 'destination.ip', 'event.dataset'],
  },
  {
    name: 'health',
    title: 'Health of the pipeline',
    record: 'health-event',
    query: 'tocsin.state : raised',
    columns: ['tocsin.service', 'tocsin.code', 'tocsin.level', 'tocsin.message'],
  },
  {
    name: 'dead_letters',
    title: 'Records that could not be handled',
    record: 'dead-letter',
    query: '',
    columns: ['tocsin.service', 'tocsin.code', 'tocsin.message'],
  },
]

/** Counts by a field: a table of the ten highest, or stacked over time. */
export const visualizations: readonly (Panel & { shape: 'table' | 'histogram'; by: string; over: boolean })[] = [
  {
    name: 'detections_over_time',
    title: 'Detections by level',
    record: 'detection',
    query: '',
    shape: 'histogram',
    by: 'tocsin.level',
    over: true,
  },
  {
    name: 'detections_by_rule',
    title: 'Detections by rule',
    record: 'detection',
    query: '',
    shape: 'table',
    by: 'rule.name',
    over: false,
  },
  {
    name: 'events_over_time',
    title: 'Events by format',
    record: 'enriched-event',
    query: '',
    shape: 'histogram',
    by: 'event.dataset',
    over: true,
  },
  {
    name: 'events_by_country',
    title: 'Events by country of the source',
    record: 'enriched-event',
    query: '',
    shape: 'table',
    by: 'source.geo.country_iso_code',
    over: false,
  },
  {
    name: 'events_by_source',
    title: 'Events by log source',
    record: 'enriched-event',
    query: '',
    shape: 'table',
    by: 'tocsin.sourceId',
    over: false,
  },
  {
    name: 'dead_letters_by_code',
    title: 'Refused records by reason',
    record: 'dead-letter',
    query: '',
    shape: 'histogram',
    by: 'tocsin.code',
    over: true,
  },
]

/** What stands together. */
export const dashboards: readonly { name: string; title: string; panels: readonly string[] }[] = [
  {
    name: 'detections',
    title: 'Tocsin: detections and cases',
    panels: [
      'detections_over_time',
      'detections_by_rule',
      'newest_detections',
      'open_cases',
      'events_by_country',
      'warnings',
    ],
  },
  {
    name: 'pipeline',
    title: 'Tocsin: the pipeline',
    panels: ['events_over_time', 'events_by_source', 'health', 'dead_letters_by_code', 'dead_letters'],
  },
]
