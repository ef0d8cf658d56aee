import { canonicalJson } from './canonical-json.ts'
import { readSharedCase } from './read-shared-case.ts'
import { blankSharedCase, NULLABLE_CASE_TEXTS, SHARED_FIELDS, type SharedCase } from './shared-case.ts'

/** Names of everything that a case says, in the order of a table. */
export const CASE_COLUMNS = ['origin', ...SHARED_FIELDS] as const
export type CaseColumn = (typeof CASE_COLUMNS)[number]

const SAMPLE = blankSharedCase('', '')
const isText = (column: CaseColumn): boolean =>
  typeof SAMPLE[column] === 'string' || NULLABLE_CASE_TEXTS.includes(column)
const isInstant = (column: CaseColumn): boolean => /(At|First|Last)$/.test(column)

/** One field of a case as a text that a person can read: instants as ISO 8601 in UTC, lists and maps as JSON, nothing for null. */
export function textOfField(shared: SharedCase, column: CaseColumn): string {
  const value = shared[column]
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' && isInstant(column)) return new Date(value).toISOString()
  return canonicalJson(value)
}

/** Makes a case of the texts of its fields. Throws RangeError naming a field that cannot be one. */
export function caseOfTexts(texts: ReadonlyMap<string, string>): SharedCase {
  const entries = CASE_COLUMNS.map((column): [string, unknown] => {
    const text = texts.get(column) ?? ''
    if (isText(column)) return [column, text === '' && SAMPLE[column] === null ? null : text]
    if (text === '') return [column, SAMPLE[column]]
    if (isInstant(column)) return [column, Date.parse(text)]
    try {
      return [column, JSON.parse(text)]
    } catch {
      throw new RangeError(`The field ${column} cannot be read.`)
    }
  })
  return readSharedCase(Object.fromEntries(entries))
}
