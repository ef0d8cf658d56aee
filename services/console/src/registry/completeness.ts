import { X509Certificate } from 'node:crypto'
import { type Entry, SECTIONS, type Section } from './entries.ts'
import type { Registry } from './held.ts'

/** Something that the law asks of an entry and that is not there, or will soon not be. */
export interface Gap {
  section: Section
  id: string
  constituent: string
  field: string
  /** A sentence without its beginning, which is the place. */
  reason: string
  /** The row of the law that asks for it. */
  ground: string
}

/** What the forms of a country want filled in, by section: field → row of the law. */
const WANTED: Readonly<Record<string, Partial<Record<Section, Readonly<Record<string, string>>>>>> = {
  VN: {
    systems: {
      description: 'A1-1',
      ips: 'A1-2',
      services: 'A1-4',
      os: 'A1-5',
      monitoringPosition: 'A1-7',
      linkCapacityMbps: 'A1-8',
      expectedInputs: 'A1-9',
    },
    contacts: {
      department: 'VN-7.4',
      position: 'VN-7.4',
      address: 'VN-7.4',
      phone: 'VN-7.4',
      mobile: 'VN-7.4',
      email: 'VN-7.4',
    },
  },
  KZ: {
    assets: {
      unit: 'KZ-A-3',
      floor: 'KZ-A-4',
      office: 'KZ-A-4',
      responsible: 'KZ-A-5',
      hostname: 'KZ-A-6',
      os: 'KZ-A-8',
    },
  },
}

/** A certificate that ends within this time is named (VN-7.4). */
export const CERTIFICATE_WARNING_MS = 30 * 86_400_000

/** What the law wants and the registry does not say, in order of sections and ids; `now` in UTC milliseconds. */
export function gapsOf(registry: Registry, now: number): Gap[] {
  return SECTIONS.flatMap((section) =>
    [...registry[section].values()]
      .map(({ entry }) => entry)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap((entry) => {
        const constituent = section === 'constituents' ? entry.id : String(entry['constituent'])
        const country = registry.constituents.get(constituent)?.entry['country']
        const wanted = WANTED[String(country)]?.[section] ?? {}
        const found = Object.entries(wanted).flatMap(([field, ground]) =>
          isEmpty(entry[field]) ? [{ field, reason: 'is empty', ground }] : [],
        )
        if (section === 'contacts') found.push(...certificateGaps(entry, now))
        return found.map((gap) => ({ section, id: entry.id, constituent, ...gap }))
      }),
  )
}

/** One line of text for a gap. */
export function gapText({ section, id, constituent, field, reason, ground }: Gap): string {
  return `${section} ${id} of ${constituent}: ${field} ${reason} (${ground})\n`
}

function certificateGaps(entry: Entry, now: number): { field: string; reason: string; ground: string }[] {
  const pem = entry['certificate']
  const said = entry['certificateExpiresAt']
  if (typeof pem !== 'string') return []
  const gap = (field: string, reason: string) => ({ field, reason, ground: 'VN-7.4' })
  let end: number
  try {
    end = Date.parse(new X509Certificate(pem).validTo)
  } catch {
    return [gap('certificate', 'is no certificate in PEM')]
  }
  const day = new Date(end).toISOString().slice(0, 10)
  const gaps = []
  if (typeof said === 'string' && Math.abs(Date.parse(said) - end) > 86_400_000)
    gaps.push(gap('certificateExpiresAt', `says ${said.slice(0, 10)}; the certificate itself ends on ${day}`))
  if (end <= now) gaps.push(gap('certificate', `ended on ${day}`))
  else if (end <= now + CERTIFICATE_WARNING_MS) gaps.push(gap('certificate', `ends on ${day}`))
  return gaps
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}
