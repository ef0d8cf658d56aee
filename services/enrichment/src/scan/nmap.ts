import { cvesIn, maxFindings, type ScanFinding } from './finding.ts'
import { xmlTags } from './xml-elements.ts'

interface Host {
  up: boolean
  address: string
  hostname: string | null
  at: number | null
  port: { number: number; transport: string; state: string; service: string | null; product: string | null } | null
}

/**
 * Reads a report of Nmap in XML (`nmap -oX`): open ports with their services, vulnerabilities (CVE ids) that scripts name, the likeliest operating
 * system of each host. Throws SyntaxError where the text is no such report.
 */
export function readNmap(text: string): ScanFinding[] {
  const findings: ScanFinding[] = []
  let isReport = false
  let host: Host | null = null
  let hasSystem = false
  const add = (kind: ScanFinding['kind'], name: string | null): void => {
    if (host === null || host.address === '' || !host.up || findings.length >= maxFindings) return
    const { address, hostname, at, port } = host
    findings.push({
      scanner: 'Nmap',
      kind,
      address,
      hostname,
      port: port?.number ?? null,
      transport: port?.transport ?? null,
      service: port?.service ?? null,
      name,
      at,
    })
  }
  for (const { name, kind, attributes } of xmlTags(text)) {
    if (name === 'nmaprun') isReport = true
    else if (name === 'host' && kind === 'open') {
      const seconds = Number(attributes['endtime'] ?? attributes['starttime'])
      host = { up: true, address: '', hostname: null, at: seconds > 0 ? seconds * 1_000 : null, port: null }
      hasSystem = false
    } else if (name === 'host' && kind === 'close') host = null
    else if (host === null) continue
    else if (name === 'status') host.up = attributes['state'] !== 'down'
    else if (name === 'address' && attributes['addrtype'] !== 'mac') host.address ||= attributes['addr'] ?? ''
    else if (name === 'hostname') host.hostname ??= attributes['name'] ?? null
    else if (name === 'port' && kind === 'open')
      host.port = {
        number: Number(attributes['portid']),
        transport: attributes['protocol'] ?? 'tcp',
        state: '',
        service: null,
        product: null,
      }
    else if (name === 'state' && host.port !== null) host.port.state = attributes['state'] ?? ''
    else if (name === 'service' && host.port !== null) {
      host.port.service = attributes['name'] ?? null
      host.port.product = [attributes['product'], attributes['version']].filter(Boolean).join(' ') || null
    } else if (name === 'script') for (const id of cvesIn(attributes['output'] ?? '')) add('vulnerability', id)
    else if (name === 'port' && kind === 'close') {
      if (host.port?.state === 'open') add('open-port', host.port.product)
      host.port = null
    } else if (name === 'osmatch' && !hasSystem) {
      hasSystem = true
      add('operating-system', attributes['name'] ?? null)
    }
  }
  if (!isReport) throw new SyntaxError('it has no element "nmaprun"')
  return findings
}
