import type { RecordTypes } from './records.gen.ts'

/** Name of a record: the file name in schemas/ without its ending. */
export type RecordName = keyof RecordTypes

/** Plural of a record name: `registry-asset` → `registry-assets`, `delivery` → `deliveries`, `registry-…` likewise. */
type Plural<Name extends string> = Name extends `${infer Stem}ry`
  ? `${Stem}ries`
  : Name extends `${infer Stem}y`
    ? `${Stem}ies`
    : Name extends `${infer Stem}tch`
      ? `${Stem}tches`
      : `${Name}s`

/** Name of a topic that carries one of our records. */
export type TopicName = { [Name in RecordName]: Plural<Name> }[RecordName]

/** Record type that a topic carries. */
export type RecordOf<Topic extends TopicName> = {
  [Name in RecordName]: Plural<Name> extends Topic ? RecordTypes[Name] : never
}[RecordName]

/** Takes a record name; gives its topic (design.md 3: topic = plural of the file name). */
export function topicOf<Name extends RecordName>(record: Name): Plural<Name> {
  if (record.endsWith('y')) return `${record.slice(0, -1)}ies` as Plural<Name>
  return (record.endsWith('tch') ? `${record}es` : `${record}s`) as Plural<Name>
}

/** Topics that hold the newest record of each key and nothing else; checked against deploy/topics/topics.yaml by a test. */
export const COMPACTED_TOPICS: ReadonlySet<string> = new Set<TopicName>([
  'incidents',
  'reports',
  'source-states',
  'outages',
  'coverage-states',
  'daily-facts',
  'requests',
  'response-actions',
  'suppressions',
  'tickets',
  'indicators',
  'rule-sets',
  'registry-constituents',
  'registry-systems',
  'registry-assets',
  'registry-sources',
  'registry-contacts',
  'registry-changes',
  'sensor-packs',
  'sensor-states',
])

/** Takes a topic without its prefix; says whether a record without a value deletes a key there. */
export function isCompacted(topic: string): boolean {
  return COMPACTED_TOPICS.has(topic)
}
