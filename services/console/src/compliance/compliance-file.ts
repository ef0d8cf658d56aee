import { writeCsv } from '@tocsin/sheets'
import type { ComplianceView } from './compliance.ts'

/** The table as a file for an inspector: one row a system, one column a duty, each with what shows it (VN-9.3). */
export function complianceCsv({ duties, rows }: ComplianceView): string {
  const header = ['system', 'constituent', 'name', 'class', 'state', 'verdict', ...duties]
  const lines = rows.map(({ systemId, constituent, name, systemClass, state, verdict, cells }) => [
    systemId,
    constituent,
    name,
    String(systemClass),
    state,
    verdict,
    ...cells.map((cell) => [cell.verdict, cell.shows, cell.value].filter((word) => word !== '').join(' ')),
  ])
  return writeCsv([header, ...lines])
}
