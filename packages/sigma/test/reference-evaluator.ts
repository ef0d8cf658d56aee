/**
 * The meaning of a Sigma rule, as slow and as plain as it can be said: no index, no sharing, no order of its own. The judge of the engine in fuzz
 * tests, so it shares no code with it. A rule is given as the data that its YAML says.
 */
export interface PlainRule {
  logsource: { product?: string; service?: string; category?: string }
  /** Selection → list of maps (OR of ANDs) or list of keywords. */
  selections: Record<string, PlainMap[] | string[]>
  condition: PlainCondition
}
export type PlainMap = Record<string, PlainValue[]>
export type PlainValue = string | number | boolean | null
export type PlainCondition =
  | { name: string }
  | { not: PlainCondition }
  | { and: PlainCondition[] }
  | { or: PlainCondition[] }
  | { of: 'one' | 'all'; pattern: string }
export type PlainEvent = Record<string, unknown>
export interface PlainSource {
  product?: string
  service?: string
  category: string[]
}

/** True when the rule matches the event. */
export function plainMatch(rule: PlainRule, event: PlainEvent, source: PlainSource): boolean {
  const { product, service, category } = rule.logsource
  if (product !== undefined && product !== source.product) return false
  if (service !== undefined && service !== source.service) return false
  if (category !== undefined && !source.category.includes(category)) return false
  return conditionHolds(rule.condition, rule, event)
}

function conditionHolds(condition: PlainCondition, rule: PlainRule, event: PlainEvent): boolean {
  if ('name' in condition) return selectionHolds(rule.selections[condition.name] ?? [], event)
  if ('not' in condition) return !conditionHolds(condition.not, rule, event)
  if ('and' in condition) return condition.and.every((term) => conditionHolds(term, rule, event))
  if ('or' in condition) return condition.or.some((term) => conditionHolds(term, rule, event))
  const names = Object.keys(rule.selections).filter((name) => {
    if (condition.pattern === 'them') return !name.startsWith('_')
    return name.startsWith(condition.pattern.replace('*', '')) && !name.startsWith('_')
  })
  const holds = names.map((name) => selectionHolds(rule.selections[name] ?? [], event))
  return condition.of === 'one' ? holds.some(Boolean) : holds.every(Boolean)
}

function selectionHolds(selection: PlainMap[] | string[], event: PlainEvent): boolean {
  return selection.some((part) =>
    typeof part === 'string'
      ? valuesOf(Object.values(event)).some((value) => like([any, ...tokensOf(part), any], String(value)))
      : Object.entries(part).every(([key, values]) => itemHolds(key, values, event)),
  )
}

function itemHolds(key: string, values: PlainValue[], event: PlainEvent): boolean {
  const [field = '', ...modifiers] = key.split('|')
  const present = Object.hasOwn(event, field)
  const own = present ? valuesOf([event[field]]) : []
  const holds = values.map((value) => {
    if (modifiers.includes('exists')) return present === value
    if (modifiers.includes('fieldref')) {
      const others = Object.hasOwn(event, String(value)) ? valuesOf([event[String(value)]]) : []
      return own.some((one) => others.some((other) => String(one).toLowerCase() === String(other).toLowerCase()))
    }
    if (value === null) return !present || event[field] === null
    return own.some((one) => valueHolds(one, value, modifiers))
  })
  const joined = modifiers.includes('all') ? holds.every(Boolean) : holds.some(Boolean)
  return modifiers.includes('neq') ? !joined : joined
}

function valueHolds(own: string | number | boolean, value: string | number | boolean, modifiers: string[]): boolean {
  if (modifiers.includes('re')) return new RegExp(String(value), modifiers.includes('i') ? 'i' : '').test(String(own))
  for (const [name, compare] of Object.entries(comparisons)) {
    if (modifiers.includes(name)) return isNumber(own) && compare(Number(own), Number(value))
  }
  if (typeof value === 'number' && modifiers.length === 0) return isNumber(own) && Number(own) === value
  const middle = tokensOf(String(value))
  const pattern = [
    ...(modifiers.includes('contains') || modifiers.includes('endswith') ? [any] : []),
    ...middle,
    ...(modifiers.includes('contains') || modifiers.includes('startswith') ? [any] : []),
  ]
  return like(pattern, String(own), modifiers.includes('cased'))
}

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  lte: (a, b) => a <= b,
  lt: (a, b) => a < b,
  gte: (a, b) => a >= b,
  gt: (a, b) => a > b,
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
}

const any = { any: true }
const one = { one: true }
type Token = string | typeof any | typeof one

/** `*` is any run, `?` any one character, a backslash before them or before itself makes them plain. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    const next = text.charAt(i + 1)
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      tokens.push(next)
      i++
    } else tokens.push(char === '*' ? any : char === '?' ? one : char)
  }
  return tokens
}

function like(pattern: Token[], text: string, cased = false): boolean {
  const fold = (given: string): string => (cased ? given : given.toLowerCase())
  const walk = (p: number, t: number): boolean => {
    const token = pattern[p]
    if (token === undefined) return t === text.length
    if (token === any) return walk(p + 1, t) || (t < text.length && walk(p, t + 1))
    if (t === text.length) return false
    return (token === one || fold(token as string) === fold(text.charAt(t))) && walk(p + 1, t + 1)
  }
  return walk(0, 0)
}

function valuesOf(values: unknown[]): (string | number | boolean)[] {
  return values.flatMap((value) => {
    if (Array.isArray(value)) return valuesOf(value)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [value] : []
  })
}
