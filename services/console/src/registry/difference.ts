import { isDeepStrictEqual } from 'node:util'
import { type Entry, fieldsOf, SECTIONS, type Section } from './entries.ts'
import type { Registry } from './held.ts'

/** How one entry differs between two states of the registry. */
export interface Difference {
  section: Section
  id: string
  action: 'created' | 'changed' | 'withdrawn'
  /** Where it was changed: each field that differs, before and after. */
  fields: readonly { field: string; before: unknown; after: unknown }[]
}

/** What changed from one state of the registry to another, in order of sections and ids. */
export function differences(before: Registry, after: Registry): Difference[] {
  return SECTIONS.flatMap((section) => {
    const ids = [...new Set([...before[section].keys(), ...after[section].keys()])].sort()
    return ids.flatMap(
      (id) => differenceOf(section, before[section].get(id)?.entry, after[section].get(id)?.entry) ?? [],
    )
  })
}

/** How an entry differs from what it was; null where it does not. */
export function differenceOf(section: Section, before: Entry | undefined, after: Entry | undefined): Difference | null {
  const id = after?.id ?? before?.id
  if (id === undefined) return null
  if (before === undefined) return { section, id, action: 'created', fields: [] }
  if (after === undefined) return { section, id, action: 'withdrawn', fields: [] }
  const fields = fieldsOf(section)
    .filter((field) => !isDeepStrictEqual(before[field] ?? null, after[field] ?? null))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
  return fields.length === 0 ? null : { section, id, action: 'changed', fields }
}

const MARKS = { created: '+', changed: '~', withdrawn: '-' } as const

/** One line of text for each difference, and one for each field of what was changed. */
export function differenceText({ section, id, action, fields }: Difference): string {
  const lines = fields.map(({ field, before, after }) => `    ${field}: ${valueText(before)} → ${valueText(after)}\n`)
  return `${MARKS[action]} ${section} ${id}\n${lines.join('')}`
}

function valueText(value: unknown): string {
  if (value === null || value === '') return '(nothing)'
  if (Array.isArray(value)) return value.length === 0 ? '(nothing)' : oneLine(value.map(String).join(', '))
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Without what could move the cursor of a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
