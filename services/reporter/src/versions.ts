import type { ReportData } from './report-input.ts'

const LEFT_OUT = new Set(['changedAt', 'changedBy', 'reason', 'deleted', 'systemId', 'constituent'])

/** Every value that Appendix 1 prints, by its path; two versions are compared by it (VN-5.3g). */
export function valuesOf({ systems, contacts }: Pick<ReportData, 'systems' | 'contacts'>): Record<string, string> {
  const values: Record<string, string> = {}
  for (const system of systems)
    for (const [field, value] of Object.entries(system)) {
      if (LEFT_OUT.has(field)) continue
      const text = Array.isArray(value) ? value.map(String).join(', ') : String(value ?? '')
      if (text !== '') values[`${system.systemId}.${field}`] = text
    }
  for (const { contactId, name, role, phone, email } of contacts)
    values[`${contactId}.contact`] = [name, role, phone, email]
      .filter((part) => part !== null && part !== '')
      .join(', ')
  return values
}

/** A field that must be filled in before a form may leave. */
export interface Blank {
  item: string
  of: string
  field: string
}

/** What Appendix 1 may not leave blank, by item (A1-1 to A1-11). Domains and web applications may be none. */
export function blanksOf({ systems, contacts }: Pick<ReportData, 'systems' | 'contacts'>): Blank[] {
  const blanks = systems.flatMap((system) => {
    const of = system.systemId
    const found: Blank[] = []
    const need = (item: string, field: string, filled: boolean): void => {
      if (!filled) found.push({ item, of, field })
    }
    const inputs = system.expectedInputs
    need('A1-1', 'name', system.name.trim() !== '')
    need('A1-1', 'description', system.description.trim() !== '')
    need('A1-2', 'ips', system.ips.length > 0)
    need(
      'A1-3',
      'domains',
      system.domains.every((domain) => domain.trim() !== ''),
    )
    need('A1-4', 'services', system.services.length > 0)
    need('A1-5', 'os', system.os.length > 0 && system.os.every(hasVersion))
    need('A1-6', 'webApps', system.webApps.every(hasVersion))
    need('A1-7', 'monitoringPosition', (system.monitoringPosition ?? '').trim() !== '')
    need('A1-8', 'linkCapacityMbps', system.linkCapacityMbps.length > 0)
    need(
      'A1-9',
      'expectedInputs',
      inputs.length > 0 && inputs.every((input) => (input.split(':')[0] ?? '').trim() !== ''),
    )
    need(
      'A1-10',
      'expectedInputs.protocol',
      inputs.every((input) => /:.*\S/.test(input)),
    )
    return found
  })
  if (contacts.length === 0) blanks.push({ item: 'A1-11', of: 'contacts', field: 'contact' })
  return blanks
}

/** A name with a version: some digit stands after the first word. */
const hasVersion = (text: string): boolean => /\S\s.*\d/.test(text.trim())
