import type { RuleLogSource } from './documents.ts'

/** Where an event comes from. It may belong to several categories at once. */
export interface EventLogSource {
  product?: string | null
  service?: string | null
  category?: string | readonly string[] | null
}

/** An event's log source in lower case, its categories sorted: equal sources look equal. */
export interface NormalLogSource {
  product: string
  service: string
  categories: string[]
}

export function normalLogSource(source: EventLogSource): NormalLogSource {
  const category = source.category ?? []
  const categories = typeof category === 'string' ? [category] : [...category]
  return {
    product: (source.product ?? '').toLowerCase(),
    service: (source.service ?? '').toLowerCase(),
    categories: [...new Set(categories.map((name) => name.toLowerCase()))].sort(),
  }
}

/** True when every part that the rule states equals the event's (specification, "Log source"). */
export function appliesTo(rule: RuleLogSource, event: NormalLogSource): boolean {
  return (
    (rule.product === undefined || rule.product === event.product) &&
    (rule.service === undefined || rule.service === event.service) &&
    (rule.category === undefined || event.categories.includes(rule.category))
  )
}
