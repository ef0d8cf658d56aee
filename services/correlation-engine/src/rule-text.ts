import type { Level, RuleMetadata } from '@tocsin/sigma'

/** What a rule says about itself beyond Sigma: class, titles and recommendations by language. */
export interface RuleText {
  rsitClass: string
  rsitType: string
  titles: Record<string, string>
  recommendations: Record<string, string>
  techniques: string[]
}

const SEVERITY: Readonly<Record<Level, number>> = { informational: 10, low: 30, medium: 50, high: 75, critical: 95 }

/** Severity 0–100 of a Sigma level. */
export function severityOf(level: Level): number {
  return SEVERITY[level]
}

/** Reads the `custom` block of a rule; a rule without one gets class `other`, its title, and no recommendation. */
export function ruleTextOf(metadata: RuleMetadata): RuleText {
  const { custom } = metadata
  const rsit = recordOf(custom['rsit'])
  return {
    rsitClass: textOf(rsit['class']) ?? 'other',
    rsitType: textOf(rsit['type']) ?? 'other',
    titles: { en: metadata.title, ...textsOf(custom['titles']) },
    recommendations: textsOf(custom['recommendation']),
    techniques: metadata.tags.flatMap((tag) => {
      const technique = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]
      return technique === undefined ? [] : [technique.toUpperCase()]
    }),
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([language, text]) =>
      typeof text === 'string' ? [[language, text] as const] : [],
    ),
  )
