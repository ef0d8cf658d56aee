import { z } from 'zod'
import type { Fault } from './faults.ts'
import { type Texts, textSchema } from './pack-schema.ts'
import { readYaml } from './yaml-file.ts'

/** The Reference Security Incident Taxonomy, version 1003: class → types. The one list inside; packs map outwards (XC-14). */
export const RSIT = {
  'abusive-content': ['spam', 'harmful-speech', 'violence'],
  'malicious-code': ['infected-system', 'c2-server', 'malware-distribution', 'malware-configuration'],
  'information-gathering': ['scanner', 'sniffing', 'social-engineering'],
  'intrusion-attempts': ['ids-alert', 'brute-force', 'exploit'],
  intrusions: [
    'privileged-account-compromise',
    'unprivileged-account-compromise',
    'application-compromise',
    'system-compromise',
    'burglary',
  ],
  availability: ['dos', 'ddos', 'misconfiguration', 'sabotage', 'outage'],
  'information-content-security': [
    'unauthorised-information-access',
    'unauthorised-information-modification',
    'data-loss',
    'data-leak',
  ],
  fraud: ['unauthorised-use-of-resources', 'copyright', 'masquerade', 'phishing'],
  vulnerable: [
    'weak-crypto',
    'ddos-amplifier',
    'potentially-unwanted-accessible',
    'information-disclosure',
    'vulnerable-system',
  ],
  other: ['other', 'undetermined'],
  test: ['test'],
} as const satisfies Record<string, readonly string[]>

export type RsitClass = keyof typeof RSIT

/** Every pair as `class/type`. */
export const RSIT_PAIRS: readonly string[] = Object.entries(RSIT).flatMap(([cls, types]) =>
  types.map((type) => `${cls}/${type}`),
)

/** A pack's classes and where each RSIT pair goes. */
export interface Taxonomy {
  source: string
  classes: readonly { code: string; title: Texts }[]
  codeOf: ReadonlyMap<string, string>
}

const taxonomySchema = z.strictObject({
  source: z.string().min(1),
  classes: z
    .array(z.strictObject({ code: z.string().min(1).max(80), title: textSchema }))
    .min(1)
    .max(100),
  map: z.record(z.string(), z.string()),
})

export type LoadedTaxonomy = { ok: true; taxonomy: Taxonomy } | { ok: false; faults: Fault[] }

/** Loads `taxonomy.yaml`: every RSIT pair must have a national class that exists, so that nothing is ever unmapped. */
export function loadTaxonomy(text: string, path: string): LoadedTaxonomy {
  const read = readYaml(text, path, taxonomySchema)
  if (!read.ok) return read
  const { source, classes, map } = read.value
  const faults: Fault[] = []
  const codes = new Set(classes.map((cls) => cls.code))
  for (const pair of RSIT_PAIRS) {
    if (!Object.hasOwn(map, pair)) {
      faults.push({
        file: path,
        line: read.lineOf(['map']),
        path: 'map',
        reason: `RSIT pair ${pair} has no national class`,
      })
    }
  }
  for (const [pair, code] of Object.entries(map)) {
    const at = { file: path, line: read.lineOf(['map', pair]), path: `map.${pair}` }
    if (!RSIT_PAIRS.includes(pair)) faults.push({ ...at, reason: 'is not an RSIT pair' })
    if (!codes.has(code)) faults.push({ ...at, reason: `no such class: ${code}` })
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, taxonomy: { source, classes, codeOf: new Map(Object.entries(map)) } }
}

/** National class of an RSIT pair; a pair that RSIT does not know goes where `other/undetermined` goes. */
export function nationalClassOf(
  taxonomy: Taxonomy,
  rsitClass: string,
  rsitType: string,
): { code: string; title: Texts } {
  const code = taxonomy.codeOf.get(`${rsitClass}/${rsitType}`) ?? taxonomy.codeOf.get('other/undetermined') ?? ''
  return taxonomy.classes.find((cls) => cls.code === code) ?? { code, title: { en: code } }
}

/** The pack's severity for our 0–100. */
export function nationalSeverityOf(
  pack: { severity: { bands: readonly { from: number; code: string; title: Texts }[] } },
  score: number,
): { code: string; title: Texts } {
  let found = pack.severity.bands[0] ?? { code: '', title: { en: '' } }
  for (const band of pack.severity.bands) if (score >= band.from) found = band
  return { code: found.code, title: found.title }
}
