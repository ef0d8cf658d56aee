import type { CsvTable } from '@tocsin/sheets'
import { parseBlock } from '../address.ts'
import { cvesIn, maxFindings, type ScanFinding, scoreOf } from './finding.ts'

/** A form of an inspection, read: what was found, and what of it could not be read. */
export interface InspectionForm {
  findings: ScanFinding[]
  /** Line and reason. */
  faults: string[]
}

const columns = ['date', 'inspector', 'mode', 'address', 'port', 'finding', 'score', 'remark'] as const
type Row = Partial<Record<(typeof columns)[number], string>>

/**
 * Reads the form of an inspection, on site or from afar (VN-4.3b): CSV whose first line names the columns `date`, `inspector`, `mode` (`on-site` or
 * `remote`), `address`, `port` (`3306/tcp`), `finding`, `score` (CVSS) and `remark`; date, inspector, address and finding must be filled.
 */
export function readInspection(table: CsvTable): InspectionForm {
  const [first, ...body] = table.rows
  const head = first?.cells ?? []
  const places = head.map((name) => columns.find((column) => column === name.trim().toLowerCase()) ?? null)
  const missing = ['date', 'inspector', 'address', 'finding'].filter((name) => !places.some((place) => place === name))
  if (missing.length > 0) return { findings: [], faults: [`line 1: the columns ${missing.join(', ')} are missing`] }
  const faults = table.faults.map(({ row, reason }) => `line ${row}: ${reason}`)
  const form: InspectionForm = { findings: [], faults }
  for (const { number, cells } of body) {
    const row: Row = {}
    for (const [at, place] of places.entries()) if (place !== null) row[place] = cells[at]?.trim() ?? ''
    const fault = faultOf(row)
    if (fault !== null) form.faults.push(`line ${number}: ${fault}`)
    else if (form.findings.length < maxFindings) form.findings.push(findingOf(row))
  }
  return form
}

const portShape = /^(\d{1,5})(?:\/(tcp|udp))?$/

function faultOf({
  date = '',
  inspector = '',
  mode = '',
  address = '',
  port = '',
  finding = '',
  score = '',
}: Row): string | null {
  if (!/^\d{4}-\d{2}-\d{2}(?:$|T)/.test(date) || Number.isNaN(Date.parse(date)))
    return `"${date}" is no date such as 2026-11-22`
  if (inspector === '') return 'the inspector is missing'
  if (mode !== '' && mode !== 'on-site' && mode !== 'remote') return `the mode "${mode}" is neither on-site nor remote`
  if (parseBlock(address) === null || address.includes('/')) return `"${address}" is no address`
  if (port !== '' && (!portShape.test(port) || Number.parseInt(port, 10) > 65_535))
    return `"${port}" is no port such as 3306/tcp`
  if (finding === '') return 'the finding is missing'
  return score !== '' && scoreOf(score) === null ? `"${score}" is no score between 0 and 10` : null
}

function findingOf({
  date = '',
  inspector = '',
  mode,
  address = '',
  port = '',
  finding = '',
  score,
  remark,
}: Row): ScanFinding {
  const [, number, transport] = portShape.exec(port) ?? []
  const [cve] = cvesIn(finding)
  return {
    scanner: 'inspection',
    kind: cve !== undefined ? 'vulnerability' : /^open port$/i.test(finding) ? 'open-port' : 'weakness',
    address,
    hostname: null,
    port: number === undefined ? null : Number(number),
    transport: number === undefined ? null : (transport ?? 'tcp'),
    service: null,
    name: cve ?? finding,
    at: Date.parse(date),
    score: scoreOf(score),
    inspector,
    mode: mode === 'remote' ? 'remote' : 'on-site',
    remark: remark === '' ? null : (remark ?? null),
  }
}
