import type { RecordName, TopicName } from '@tocsin/events'

/**
 * How one record goes to Elasticsearch. `stream`: append-only, a data stream, written with `create` and our id, so that
 * a repeat is a conflict and does nothing. `state`: the present of a thing, a plain index, written with an external
 * version, so that an older revision never replaces a newer one.
 */
export interface IndexPlan {
  record: RecordName
  topic: TopicName
  kind: 'stream' | 'state'
  /** Field that is the document's id. */
  id: string
  /** Field that becomes `@timestamp`. */
  time: string
  /** Field that is the version; `state` only. */
  version?: string
  /** Days kept (data streams); the legal floor of 60 days where nothing longer is asked (VN-5.3h). */
  retentionDays: number
}
