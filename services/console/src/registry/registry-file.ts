import { messageOf } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { parse, stringify } from 'yaml'
import { type Entry, fieldsOf, type RegistryFault, readEntry, SECTIONS, type Section } from './entries.ts'
import { type Change, outputOf } from './records.ts'

/** One entry of a file, with the place that a fault of it names. */
export interface Located {
  section: Section
  entry: Entry
  /** Takes a field; gives its place in words: `assets[3].ip`, `row 17, column ip`. */
  placeOf(field: string | null): string
}

/** What a file holds: the entries that are well formed, and what is wrong with the others. */
export interface ReadFile {
  entries: Located[]
  faults: RegistryFault[]
}

/** Reads a registry file (YAML or JSON) with the sections constituents, systems, assets, sources and contacts. */
export function readEntries(text: string): ReadFile {
  const entries: Located[] = []
  const faults: RegistryFault[] = []
  let file: unknown
  try {
    file = parse(text) ?? {}
  } catch (error) {
    return { entries, faults: [{ place: 'the file', reason: `is no YAML: ${messageOf(error)}` }] }
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    return { entries, faults: [{ place: 'the file', reason: `must have the sections ${SECTIONS.join(', ')}` }] }
  for (const name of Object.keys(file))
    if (!SECTIONS.some((section) => section === name))
      faults.push({ place: name, reason: `is no section; these are: ${SECTIONS.join(', ')}` })
  for (const section of SECTIONS) {
    const listed: unknown = (file as Record<string, unknown>)[section] ?? []
    if (!Array.isArray(listed)) {
      faults.push({ place: section, reason: 'must be a list' })
      continue
    }
    for (const [index, raw] of listed.entries()) {
      const placeOf = (field: string | null) => `${section}[${index}]${field === null ? '' : `.${field}`}`
      const read = readEntry(section, raw)
      if ('entry' in read) entries.push({ section, entry: read.entry, placeOf })
      else
        for (const { path, reason } of read.faults)
          faults.push({ place: placeOf(path.length === 0 ? null : path.map(String).join('.')), reason })
    }
  }
  return { entries, faults }
}

/**
 * Reads a registry file. Gives the records to write and the faults by place; a faulty entry is left out and stops no other.
 */
export function readRegistryFile(text: string, change: Change): { outputs: Output[]; faults: RegistryFault[] } {
  const { entries, faults } = readEntries(text)
  return { outputs: entries.map(({ section, entry }) => outputOf(section, entry, change)), faults }
}

/** Writes entries as a registry file in YAML; `readEntries` reads the same back. What says nothing is left out. */
export function writeRegistryFile(entriesOf: (section: Section) => Iterable<Entry>): string {
  const file: Record<string, unknown[]> = {}
  for (const section of SECTIONS) {
    const fields = fieldsOf(section)
    const listed = [...entriesOf(section)].map((entry) =>
      Object.fromEntries(fields.map((field) => [field, entry[field]]).filter(([, value]) => !saysNothing(value))),
    )
    if (listed.length > 0) file[section] = listed
  }
  return stringify(file, { lineWidth: 0 })
}

/** True where a value is what a missing field means in every section. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
