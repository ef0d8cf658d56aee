import { cvesIn, maxFindings, type ScanFinding, scoreOf, withEachCve } from './finding.ts'
import { xmlTags } from './xml-elements.ts'

interface Host {
  name: string
  tags: Map<string, string>
  items: Item[]
}

interface Item {
  attributes: Readonly<Record<string, string>>
  cves: Set<string>
  score: number | null
}

/**
 * Reads a report of Nessus (`.nessus`, version 2): open ports that its port scanners saw, results above informational with their CVE ids, and the
 * operating system of each host. Throws SyntaxError where the text is no such report.
 */
export function readNessus(text: string): ScanFinding[] {
  const findings: ScanFinding[] = []
  let isReport = false
  let host: Host | null = null
  let item: Item | null = null
  let tag = ''
  for (const { name, kind, attributes, text: inside } of xmlTags(text)) {
    if (name === 'NessusClientData_v2') isReport = true
    else if (name === 'ReportHost' && kind === 'open')
      host = { name: attributes['name'] ?? '', tags: new Map(), items: [] }
    else if (host === null) continue
    else if (name === 'ReportHost') {
      if (findings.length < maxFindings) findings.push(...findingsOf(host))
      host = null
    } else if (name === 'tag' && kind === 'open') tag = attributes['name'] ?? ''
    else if (name === 'tag' && kind === 'close') host.tags.set(tag, inside)
    else if (name === 'ReportItem' && kind !== 'close') {
      item = { attributes, cves: new Set(), score: null }
      host.items.push(item)
    } else if (name === 'cve' && kind === 'close') for (const id of cvesIn(inside)) item?.cves.add(id)
    else if (/^cvss3?_base_score$/.test(name) && kind === 'close' && item !== null)
      item.score = Math.max(item.score ?? 0, scoreOf(inside) ?? 0)
  }
  if (!isReport) throw new SyntaxError('it has no element "NessusClientData_v2"')
  return findings
}

/** Families of tests that do nothing but look whether a port is open. */
const portFamilies = new Set(['Port scanners', 'Service detection'])

function findingsOf({ name, tags, items }: Host): ScanFinding[] {
  const seconds = Number(tags.get('HOST_END_TIMESTAMP'))
  const host = {
    scanner: 'Nessus',
    address: tags.get('host-ip') ?? name,
    hostname: tags.get('host-fqdn') ?? tags.get('hostname') ?? null,
    at: seconds > 0 ? seconds * 1_000 : Date.parse(`${tags.get('HOST_END') ?? ''} UTC`) || null,
  }
  const found = items.flatMap(({ attributes, cves, score }): ScanFinding[] => {
    const port = Number(attributes['port'])
    const place = {
      port: port > 0 ? port : null,
      transport: attributes['protocol'] ?? null,
      service: attributes['svc_name'] ?? null,
    }
    if (Number(attributes['severity']) > 0) {
      const finding: ScanFinding = {
        ...host,
        ...place,
        kind: 'weakness',
        name: attributes['pluginName'] ?? null,
        score,
      }
      return withEachCve(finding, cves)
    }
    return port > 0 && portFamilies.has(attributes['pluginFamily'] ?? '')
      ? [{ ...host, ...place, kind: 'open-port', name: null }]
      : []
  })
  const ports = new Map(
    found.filter(({ kind }) => kind === 'open-port').map((row) => [`${row.port}/${row.transport}`, row]),
  )
  const system = tags.get('operating-system')?.split('\n', 1)[0]
  const systems: ScanFinding[] =
    system === undefined || system === ''
      ? []
      : [{ ...host, kind: 'operating-system', port: null, transport: null, service: null, name: system }]
  return [...found.filter(({ kind }) => kind !== 'open-port'), ...ports.values(), ...systems]
}
