import { createHash } from 'node:crypto'
import type { RegistryConstituent, RuleSet } from '@tocsin/events'
import { parseAllDocuments } from 'yaml'
import { fromCsv, toCsv } from './csv.ts'
import { officialName } from './profile.ts'
import { cleanLine } from './text.ts'

/** One file to upload. */
export interface ListFile {
  name: string
  content: string
  sha256: string
}

/** Both lists, or why they may not be published. */
export interface Lists {
  services: ListFile
  rules: ListFile
  /** Hash of both: what the order gate compares. */
  version: string
  /** Duplicates and the like; any of them blocks the publication and with it the tickets (TW-A3.2). */
  problems: readonly string[]
  index: ListIndex
}

/** Looks up what the lists say. */
export class ListIndex {
  readonly #services: ReadonlyMap<string, string>
  readonly #rules: ReadonlyMap<string, string>

  constructor(services: readonly ListRow[], rules: readonly ListRow[]) {
    this.#services = new Map(services.map(({ id, name }) => [id, name]))
    this.#rules = new Map(rules.map(({ id, name }) => [id, name]))
  }

  /** Official name for an OID of the service list. */
  serviceName(oid: string): string | undefined {
    return this.#services.get(oid)
  }

  /** Name for an id of the rule table. */
  ruleName(id: string): string | undefined {
    return this.#rules.get(id)
  }
}

/** A row of either list: OID or rule id, name, remark. */
export interface ListRow {
  id: string
  name: string
  remark: string
}

/** Header rows as the SOP prints them (Appendices 2 and 3). */
export const SERVICE_HEADER = ['序號', '機關之 OID 代碼', '機關名稱'] as const
export const RULE_HEADER = ['關聯規則 ID', '關聯規則名稱', '備註說明'] as const

const MAX_RULE_FILE_BYTES = 262_144

/**
 * Takes the uploader's code, the agencies under the pack and the rule sets in force; gives `<uploader>_Service_Lists.csv` and
 * `<uploader>_Rules_ID.csv`, UTF-8 with a header, CRLF (TW-A2.1, TW-A3.1, AMB-TW10).
 */
export function buildLists(
  organization: string,
  constituents: Iterable<RegistryConstituent>,
  ruleSets: Iterable<RuleSet>,
  bom = false,
): Lists {
  return listsOf(organization, serviceRows(constituents), ruleRows(ruleSets), bom)
}

/** As `buildLists`, from rows. */
export function listsOf(
  organization: string,
  services: readonly ListRow[],
  rules: readonly ListRow[],
  bom = false,
): Lists {
  const serviceFile = fileOf(
    `${organization}_Service_Lists.csv`,
    [SERVICE_HEADER, ...services.map(({ id, name }, index) => [String(index + 1), id, name])],
    bom,
  )
  const ruleFile = fileOf(
    `${organization}_Rules_ID.csv`,
    [RULE_HEADER, ...rules.map((row) => [row.id, row.name, row.remark])],
    bom,
  )
  return {
    services: serviceFile,
    rules: ruleFile,
    version: sha256(serviceFile.sha256 + ruleFile.sha256),
    problems: [
      ...duplicates('service list', services),
      ...duplicates('rule table', rules),
      ...(services.length === 0 ? ['The service list is empty: no agency with an OID is registered.'] : []),
      ...(rules.length === 0 ? ['The rule table is empty: no rule set is published.'] : []),
    ],
    index: new ListIndex(services, rules),
  }
}

function serviceRows(constituents: Iterable<RegistryConstituent>): ListRow[] {
  const rows: ListRow[] = []
  for (const constituent of constituents) {
    if (constituent.country !== 'TW' || constituent.oid === null || constituent.deleted) continue
    rows.push({ id: constituent.oid, name: cleanLine(officialName(constituent)), remark: '' })
  }
  return rows.sort((a, b) => compareOids(a.id, b.id))
}

/** By arcs as numbers, so that .9 stands before .10. */
function compareOids(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** Id, title and note of every rule and correlation; the id is the one that detections carry (Sigma: id, else name, else title). */
function ruleRows(ruleSets: Iterable<RuleSet>): ListRow[] {
  const rows: ListRow[] = []
  for (const set of ruleSets) {
    for (const file of set.files) {
      if (!/\.ya?ml$/.test(file.path) || Buffer.byteLength(file.content) > MAX_RULE_FILE_BYTES) continue
      for (const document of parseAllDocuments(file.content)) rows.push(...ruleRow(document))
    }
  }
  return rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

function ruleRow(document: {
  errors?: readonly unknown[]
  toJS?: (options: { maxAliasCount: number }) => unknown
}): ListRow[] {
  // A broken file is refused by the engine and runs nowhere, so it is in no table either.
  if (document.toJS === undefined || (document.errors?.length ?? 0) > 0) return []
  const rule = document.toJS({ maxAliasCount: 100 })
  if (typeof rule !== 'object' || rule === null) return []
  const { id, name, title, level, detection, correlation } = rule as Readonly<Record<string, unknown>>
  if (typeof title !== 'string' || (detection === undefined && correlation === undefined)) return []
  const key = [id, name, title].find((text): text is string => typeof text === 'string') ?? title
  return [{ id: cleanLine(key), name: cleanLine(title), remark: typeof level === 'string' ? level : '' }]
}

function duplicates(list: string, rows: readonly ListRow[]): string[] {
  const seen = new Set<string>()
  const problems: string[] = []
  for (const { id } of rows) {
    if (seen.has(id)) problems.push(`The ${list} names ${id} twice.`)
    seen.add(id)
  }
  return problems
}

/** Reads a service list back: OID and name of each row. */
export function readServiceList(csv: string): ListRow[] {
  return fromCsv(csv)
    .slice(1)
    .map(([, id = '', name = '']) => ({ id, name, remark: '' }))
}

/** Reads a rule table back. */
export function readRuleTable(csv: string): ListRow[] {
  return fromCsv(csv)
    .slice(1)
    .map(([id = '', name = '', remark = '']) => ({ id, name, remark }))
}

function fileOf(name: string, rows: readonly (readonly string[])[], bom: boolean): ListFile {
  const content = `${bom ? '\uFEFF' : ''}${toCsv(rows)}`
  return { name, content, sha256: sha256(content) }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
