import { cvesIn, maxFindings, type ScanFinding, scoreOf, withEachCve } from './finding.ts'
import { xmlTags } from './xml-elements.ts'

interface Result {
  texts: Map<string, string>
  cves: Set<string>
}

/** A port as OpenVAS writes it: `443/tcp`, `general/tcp`. */
const portShape = /^(\d{1,5})\/(tcp|udp)$/

/**
 * Reads a report of OpenVAS (Greenbone) in XML: each result of a severity above 0, with its CVE ids, and the operating systems that it names. Marked
 * false positives are left out. Throws SyntaxError where the text is no such report.
 */
export function readOpenVas(text: string): ScanFinding[] {
  const findings: ScanFinding[] = []
  const path: string[] = []
  let isReport = false
  let result: Result | null = null
  let endedAt: number | null = null
  for (const { name, kind, attributes, text: inside } of xmlTags(text)) {
    // The text before a tag belongs to the element that is open there: a host's address stands before its other elements.
    if (result !== null && inside !== '') {
      const [parent, own] = path.slice(-2)
      const key = parent === 'result' ? own : `${parent}.${own}`
      if (key !== undefined && !result.texts.has(key)) result.texts.set(key, inside)
    }
    if (kind === 'open') path.push(name)
    if (name === 'report') isReport = true
    if (name === 'result' && kind === 'open') result = { texts: new Map(), cves: new Set() }
    if (name === 'ref' && attributes['type'] === 'cve')
      for (const id of cvesIn(attributes['id'] ?? '')) result?.cves.add(id)
    if (kind !== 'close') continue
    if (path.at(-1) === name) path.pop()
    if (name === 'scan_end' && inside !== '') endedAt = Date.parse(inside) || null
    if (name !== 'result' || result === null) continue
    if (findings.length < maxFindings) findings.push(...findingsOf(result))
    result = null
  }
  if (!isReport) throw new SyntaxError('it has no element "report"')
  return findings.map((finding) => ({ ...finding, at: finding.at ?? endedAt }))
}

function findingsOf({ texts, cves }: Result): ScanFinding[] {
  const score = scoreOf(texts.get('severity'))
  const address = texts.get('host') ?? ''
  if (score === null || score <= 0 || address === '' || /false positive/i.test(texts.get('threat') ?? '')) return []
  const [, port, transport] = portShape.exec(texts.get('port') ?? '') ?? []
  const finding: ScanFinding = {
    scanner: 'OpenVAS',
    kind: 'weakness',
    address: address.split(/\s/, 1)[0] ?? address,
    hostname: texts.get('host.hostname') || null,
    port: port === undefined ? null : Number(port),
    transport: transport ?? null,
    service: null,
    name: texts.get('nvt.name') || texts.get('name') || null,
    at: Date.parse(texts.get('creation_time') ?? '') || null,
    score,
  }
  return withEachCve(finding, cves)
}
