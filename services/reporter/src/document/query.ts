import type { DailyFact, Incident } from '@tocsin/events'

/** Topics that a number of a report can be counted from. */
export const QUERY_TOPICS = [
  'incidents',
  'daily-facts',
  'registry-changes',
  'registry-systems',
  'registry-assets',
  'requests',
  'tickets',
  'reports',
] as const
export type QueryTopic = (typeof QUERY_TOPICS)[number]

export type Scalar = string | number | boolean | null
/**
 * What a field must be: a value, one of several, none of several, an instant or day within bounds (`to` exclusive), there or not,
 * or not there before an instant (not closed yet).
 */
export type Term =
  | Scalar
  | readonly Scalar[]
  | { readonly not: readonly Scalar[] }
  | { readonly from: Scalar; readonly to: Scalar }
  | { readonly exists: boolean }
  | { readonly absentOrFrom: number }
export type Where = Readonly<Record<string, Term>>

/** A question to one topic; its answer is the number of records, or the sum of one of their fields. */
export interface Query {
  topic: QueryTopic
  where: Where
  sum?: string | undefined
}

/** Any record; fields are looked up by name. */
export type AnyRecord = DailyFact | Incident | Readonly<Record<string, unknown>>

/** Takes a query and the records of its topic; gives the answer. */
export function answer(query: Query, records: Iterable<AnyRecord>): number {
  let total = 0
  const terms = Object.entries(query.where)
  for (const record of records) {
    if (!matches(record, terms)) continue
    const value = query.sum === undefined ? 1 : fieldOf(record, query.sum)
    total += typeof value === 'number' ? value : 0
  }
  return total
}

/** Whether a record is what a query asks for. */
export function matches(record: AnyRecord, terms: readonly (readonly [string, Term])[]): boolean {
  return terms.every(([field, term]) => holds(fieldOf(record, field), term))
}

/** A field by its path; a list gives the values of all its entries (`clocks.state`). */
function fieldOf(record: unknown, path: string): unknown {
  let value: unknown = record
  for (const step of path.split('.')) {
    if (Array.isArray(value)) value = value.flatMap((entry) => (entry as Record<string, unknown>)[step] ?? [])
    else if (typeof value === 'object' && value !== null) value = (value as Record<string, unknown>)[step]
    else return undefined
  }
  return value
}

function holds(value: unknown, term: Term): boolean {
  const absent = value === undefined || value === null || (Array.isArray(value) && value.length === 0)
  if (isExists(term)) return term.exists !== absent
  if (isOpen(term)) return absent || (value as number) >= term.absentOrFrom
  if (Array.isArray(value)) {
    if (isNot(term)) return value.every((entry) => holds(entry, term))
    return value.some((entry) => holds(entry, term))
  }
  if (isNot(term)) return !term.not.includes(value as Scalar)
  if (isBetween(term)) {
    if (typeof value !== typeof term.from || value === undefined || value === null) return false
    return (value as never) >= (term.from as never) && (value as never) < (term.to as never)
  }
  return Array.isArray(term) ? term.includes(value as Scalar) : value === term
}

const isNot = (term: Term): term is { readonly not: readonly Scalar[] } =>
  typeof term === 'object' && term !== null && 'not' in term
const isBetween = (term: Term): term is { readonly from: Scalar; readonly to: Scalar } =>
  typeof term === 'object' && term !== null && 'from' in term

const isExists = (term: Term): term is { readonly exists: boolean } =>
  typeof term === 'object' && term !== null && 'exists' in term
const isOpen = (term: Term): term is { readonly absentOrFrom: number } =>
  typeof term === 'object' && term !== null && 'absentOrFrom' in term

/** The query as one line that people read and that is the same for the same question. */
export function queryText({ topic, where, sum }: Query): string {
  const terms = Object.entries(where)
    .map(([field, term]) => termText(field, term))
    .sort()
  return `${sum === undefined ? 'count' : `sum ${sum} of`} ${topic} where ${terms.join(' and ')}`
}

function termText(field: string, term: Term): string {
  const one = (value: Scalar): string => (typeof value === 'number' ? instantText(field, value) : JSON.stringify(value))
  if (isNot(term)) return `${field} not in (${term.not.map(one).join(', ')})`
  if (isBetween(term)) return `${field} in [${one(term.from)}, ${one(term.to)})`
  if (isExists(term)) return `${field} is ${term.exists ? 'there' : 'not there'}`
  if (isOpen(term)) return `${field} is not before ${one(term.absentOrFrom)}`
  if (Array.isArray(term)) return `${field} in (${term.map(one).join(', ')})`
  return `${field} = ${one(term as Scalar)}`
}

const INSTANT = /(At|First|Last|^at|^from|^to)$/

/** Instants are read as such; other numbers as they are. */
function instantText(field: string, value: number): string {
  return INSTANT.test(field) ? new Date(value).toISOString() : String(value)
}

/** Fields of a case that Elasticsearch knows by an ECS name; the rest stand below `tocsin.` (services/indexer). */
const ECS: Readonly<Record<string, string>> = { constituent: 'organization.id' }

/**
 * The same question to Elasticsearch, as the path of a request; null where the topic has no index of present states. Counts of
 * cases alone: facts are sums that only the topic has.
 */
export function searchPath({ topic, where, sum }: Query): string | null {
  if (topic !== 'incidents' || sum !== undefined) return null
  const terms = Object.entries(where).map(([field, term]) => searchTerm(ECS[field] ?? `tocsin.${field}`, field, term))
  return `tocsin-incident-*/_count?q=${encodeURIComponent(terms.join(' AND '))}`
}

function searchTerm(name: string, field: string, term: Term): string {
  const one = (value: Scalar): string =>
    JSON.stringify(typeof value === 'number' ? instantText(field, value) : String(value))
  const anyOf = (values: readonly Scalar[]): string => {
    const given = values.filter((value) => value !== null).map(one)
    const absent = values.includes(null) ? [`(*:* AND NOT _exists_:${name})`] : []
    return `(${[...(given.length > 0 ? [`${name}:(${given.join(' OR ')})`] : []), ...absent].join(' OR ')})`
  }
  if (isNot(term)) return `(*:* AND NOT ${anyOf(term.not)})`
  if (isBetween(term)) return `${name}:[${one(term.from)} TO ${one(term.to)}}`
  if (isExists(term)) return term.exists ? `_exists_:${name}` : `(*:* AND NOT _exists_:${name})`
  if (isOpen(term)) return `(*:* AND NOT ${name}:{* TO ${one(term.absentOrFrom)}})`
  return anyOf(Array.isArray(term) ? term : [term as Scalar])
}
