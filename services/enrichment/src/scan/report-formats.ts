import type { ScanFinding } from './finding.ts'
import { readNessus } from './nessus.ts'
import { readNmap } from './nmap.ts'
import { readOpenVas } from './openvas.ts'

/** A scanner's report: how its text begins and how it is read. A new one: one file and one line here. */
const formats: readonly { name: string; root: RegExp; read: (text: string) => ScanFinding[] }[] = [
  { name: 'Nmap (-oX)', root: /<nmaprun[\s>]/, read: readNmap },
  { name: 'Nessus (.nessus, version 2)', root: /<NessusClientData_v2[\s>]/, read: readNessus },
  { name: 'OpenVAS (XML)', root: /<(?:get_reports_response|report)[\s>]/, read: readOpenVas },
]

/** How far into a report its first element is looked for. */
const HEAD_CHARS = 65_536

/** Reads a report of any scanner that we know, told by its first element. Throws SyntaxError where it is of none. */
export function readScanReport(text: string): ScanFinding[] {
  const head = text.slice(0, HEAD_CHARS)
  const found = formats.find(({ root }) => root.test(head))
  if (found === undefined)
    throw new SyntaxError(`it is a report of none of ${formats.map(({ name }) => name).join(', ')}`)
  return found.read(text)
}
