/** One thing that a scan or an inspection found out about a host. */
export interface ScanFinding {
  /** Who looked: the scanner's name, or `inspection`. */
  scanner: string
  kind: 'open-port' | 'vulnerability' | 'weakness' | 'operating-system'
  address: string
  hostname: string | null
  port: number | null
  transport: string | null
  service: string | null
  /** Product and version of a service, name of an operating system, id of a vulnerability. */
  name: string | null
  /** UTC milliseconds of the host's scan; null where the report does not say. */
  at: number | null
  /** 0 to 10 (CVSS); absent where the report gives none. */
  score?: number | null
  /** Who inspected, on site or from afar; inspections only. */
  inspector?: string
  mode?: 'on-site' | 'remote'
  remark?: string | null
}

/** Findings of one report at most; a scan of a whole country's networks is several reports. */
export const maxFindings = 1_000_000

/** CVE ids that a text names, each once. */
export function cvesIn(text: string): Set<string> {
  return new Set(text.match(/\bCVE-\d{4}-\d{4,7}\b/g))
}

/** Rows of a finding that has several CVE ids, or of one that has none. */
export function withEachCve(finding: ScanFinding, cves: ReadonlySet<string>): ScanFinding[] {
  if (cves.size === 0) return [{ ...finding, kind: 'weakness' }]
  return [...cves].map((name) => ({ ...finding, kind: 'vulnerability', name }))
}

/** Takes CVSS as the report writes it; null where it is none. */
export function scoreOf(text: string | undefined): number | null {
  const score = Number(text ?? Number.NaN)
  return text !== undefined && text.trim() !== '' && score >= 0 && score <= 10 ? score : null
}

const cefText = (text: string): string => text.replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ')
const cefValue = (text: string): string => text.replaceAll(/[\\=]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ')

const titles: Readonly<Record<ScanFinding['kind'], string>> = {
  'open-port': 'Open port',
  vulnerability: 'Vulnerability',
  weakness: 'Weakness',
  'operating-system': 'Operating system',
}
const severities: Readonly<Record<ScanFinding['kind'], number>> = {
  'open-port': 3,
  vulnerability: 7,
  weakness: 5,
  'operating-system': 3,
}

/**
 * A finding as a line in CEF, to be sent by a registered source: so it has evidence, a body and an asset as any other line. The product is the same
 * for every scanner, so that a rule is written once; the vendor says who looked.
 */
export function cefOf(finding: ScanFinding): string {
  const { scanner, kind, address, hostname, port, transport, service, name, at, score, inspector, mode, remark } =
    finding
  const title = name ?? titles[kind]
  const severity = score === null || score === undefined ? severities[kind] : Math.round(score)
  const values: (readonly [string, string | number | null | undefined])[] = [
    ['dst', address],
    ['dhost', hostname],
    ['dpt', port],
    ['proto', transport],
    ['app', service],
    ['rt', at],
    ['suser', inspector],
    ['reason', mode],
    ['msg', remark ?? title],
  ]
  const text = values.flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [`${key}=${cefValue(String(value))}`],
  )
  return `CEF:0|${cefText(scanner)}|Network scan|1|${kind}|${cefText(title)}|${severity}|${text.join(' ')}`
}
