import type { RegistryChange } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import { type CsvTable, readCsv } from '@tocsin/sheets'
import type { Output } from '@tocsin/stage'
import { type AssetIds, assetIds } from './asset-ids.ts'
import { checkEntries } from './checks.ts'
import type { RegistryFault, Section } from './entries.ts'
import type { Registry } from './held.ts'
import { type ChangeFrom, changeOf } from './history.ts'
import { assetTableOf, isAppendix } from './kz-appendix.ts'
import { type Change, outputOf } from './records.ts'
import { type Located, type ReadFile, readEntries } from './registry-file.ts'
import { readSheet, type Sheet, writeFaultyRows } from './sheet.ts'

/**
 * A file to import, or one sheet of a workbook. `section` is what a table holds, null for YAML and JSON, which name their
 * sections themselves.
 */
export type ImportFile = { name: string } & (
  | { section: Section | null; octets: Buffer }
  | { section: Section; table: CsvTable; circuit?: string | null }
)

/** What became of one file. */
export interface FileResult {
  name: string
  accepted: number
  faults: readonly RegistryFault[]
  /** The rows that were not taken, as CSV to mend; null where there is none. */
  faultyRows: string | null
}

/** What an import would write, changes and records side by side, and what it says of each file. */
export interface ImportPlan {
  changes: readonly { change: RegistryChange; outputs: readonly Output[] }[]
  files: readonly FileResult[]
  accepted: number
}

/** Takes files and what is in force; gives what to write and what is wrong. A faulty entry stops no other. */
export function planImport(files: readonly ImportFile[], current: Registry, change: Change): ImportPlan {
  const idOf = assetIds(current)
  const reads = files.map((file) => ({ file, ...readImportFile(file, idOf, current) }))
  const { accepted, faults } = checkEntries(
    reads.flatMap(({ entries }) => entries),
    current,
  )
  const kept = new Set(accepted)
  const originOf = new Map<Located, ChangeFrom>()
  const results = reads.map(({ file, entries, faults: unread, sheet }): FileResult => {
    for (const located of entries) originOf.set(located, { ...change, origin: file.name })
    const own = new Set(entries)
    const unfit = faults.filter(({ located }) => own.has(located))
    for (const { located, field, reason } of unfit) {
      const row = sheet?.rowOf.get(located)
      if (sheet === null || row === undefined) continue
      const faulty = sheet.faulty.get(row.number) ?? { row, reasons: [] }
      faulty.reasons.push(field === null ? reason : `${field} ${reason}`)
      sheet.faulty.set(row.number, faulty)
    }
    return {
      name: file.name,
      accepted: entries.filter((located) => kept.has(located)).length,
      faults: [...unread, ...unfit],
      faultyRows: sheet === null || sheet.faulty.size === 0 ? null : writeFaultyRows(sheet),
    }
  })
  const changes = accepted.flatMap((located) => {
    const { section, entry } = located
    const from = originOf.get(located) ?? { ...change, origin: null }
    const made = changeOf(section, current[section].get(entry.id)?.entry, entry, from)
    return made === null ? [] : [{ change: made, outputs: [outputOf(section, entry, change)] }]
  })
  return { changes, files: results, accepted: accepted.length }
}

/** One sentence for a person who has the file open. */
export function faultText(file: string, { place, reason }: RegistryFault): string {
  return `${file}: ${place} ${reason}.`
}

/**
 * Takes a file; gives its entries that are well formed, what is wrong with the others, and the table where it is one. A table of
 * assets may be the filled form of the Kazakh appendix; what it does not show is kept from `current`.
 */
export function readImportFile(
  file: ImportFile,
  idOf: AssetIds,
  current: Registry,
): ReadFile & { sheet: Sheet | null } {
  if (file.section === null) return { ...readEntries(textOf(file.name, file.octets)), sheet: null }
  const given = 'table' in file ? file.table : readCsv(textOf(file.name, file.octets))
  const circuit = 'table' in file ? (file.circuit ?? null) : null
  const table = file.section === 'assets' && isAppendix(given) ? assetTableOf(given, circuit, current) : given
  const sheet = readSheet(table, file.section, idOf)
  return { entries: sheet.entries, faults: sheet.faults, sheet }
}

function textOf(name: string, octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch (error) {
    throw new TocsinError(
      'bad_arguments',
      `${name} is not in UTF-8, nothing was read; in a spreadsheet, save it as "CSV UTF-8".`,
      error,
    )
  }
}
