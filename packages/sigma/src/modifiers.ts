import type { NumberOperator, TimePart } from './predicate.ts'
import { RuleError } from './refusal.ts'

/** Modifiers that rewrite text, in the order written. */
export type TextStep =
  | 'contains'
  | 'startswith'
  | 'endswith'
  | 'windash'
  | 'base64'
  | 'base64offset'
  | 'utf16le'
  | 'utf16be'
  | 'utf16'
  | 'expand'

/** What the values of an item are: text and numbers as written, or something that a modifier makes of them. */
export type ValueKind =
  | { kind: 'plain' }
  | { kind: 'regex' }
  | { kind: 'cidr' }
  | { kind: 'exists' }
  | { kind: 'fieldref' }
  | { kind: 'compare'; operator: NumberOperator }
  | { kind: 'time'; part: TimePart }
  | { kind: 'segment' }
  | { kind: 'octets'; operator: NumberOperator | 'eq' }

/** The modifiers of one item, understood. */
export interface ItemModifiers {
  value: ValueKind
  steps: TextStep[]
  all: boolean
  negated: boolean
  cased: boolean
  ignoreCase: boolean
  multiline: boolean
  dotAll: boolean
}

const steps: Record<string, TextStep> = {
  contains: 'contains',
  startswith: 'startswith',
  endswith: 'endswith',
  windash: 'windash',
  base64: 'base64',
  base64offset: 'base64offset',
  wide: 'utf16le',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
  expand: 'expand',
}

const valueKinds: Record<string, ValueKind> = {
  re: { kind: 'regex' },
  segment: { kind: 'segment' },
  octets: { kind: 'octets', operator: 'eq' },
  cidr: { kind: 'cidr' },
  exists: { kind: 'exists' },
  fieldref: { kind: 'fieldref' },
  lt: { kind: 'compare', operator: 'lt' },
  lte: { kind: 'compare', operator: 'lte' },
  gt: { kind: 'compare', operator: 'gt' },
  gte: { kind: 'compare', operator: 'gte' },
  minute: { kind: 'time', part: 'minute' },
  hour: { kind: 'time', part: 'hour' },
  day: { kind: 'time', part: 'day' },
  week: { kind: 'time', part: 'week' },
  month: { kind: 'time', part: 'month' },
  year: { kind: 'time', part: 'year' },
}

const flags: Record<string, 'ignoreCase' | 'multiline' | 'dotAll'> = {
  i: 'ignoreCase',
  ignorecase: 'ignoreCase',
  m: 'multiline',
  multiline: 'multiline',
  s: 'dotAll',
  dotall: 'dotAll',
}

/** Reads the modifiers of an item in their order. Throws a RuleError for one that is unknown or does not fit the others. */
export function readModifiers(names: readonly string[], offset: number): ItemModifiers {
  const found: ItemModifiers = {
    value: { kind: 'plain' },
    steps: [],
    all: false,
    negated: false,
    cased: false,
    ignoreCase: false,
    multiline: false,
    dotAll: false,
  }
  for (const name of names) addModifier(found, name, offset)
  checkCombination(found, offset)
  return found
}

function addModifier(found: ItemModifiers, name: string, offset: number): void {
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined
  const value = Object.hasOwn(valueKinds, name) ? valueKinds[name] : undefined
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (name === 'all') found.all = true
  else if (name === 'neq') found.negated = true
  else if (name === 'cased') found.cased = true
  else if (step !== undefined) found.steps.push(step)
  else if (value !== undefined) {
    if (found.value.kind === 'octets' && value.kind === 'compare') {
      found.value = { kind: 'octets', operator: value.operator }
      return
    }
    if (found.value.kind !== 'plain') fail(`The modifier "${name}" cannot follow "${found.value.kind}".`, offset)
    found.value = value
  } else if (flag !== undefined) {
    if (found.value.kind !== 'regex')
      fail(`The modifier "${name}" is only for regular expressions, after "re".`, offset)
    found[flag] = true
  } else {
    throw new RuleError('rule_unknown_modifier', `The modifier "${name}" is unknown.`, offset)
  }
}

const placements = new Set<TextStep>(['contains', 'startswith', 'endswith'])

function checkCombination(found: ItemModifiers, offset: number): void {
  const { value } = found
  const rewrites = found.steps.filter((step) => !placements.has(step) && step !== 'expand')
  if (value.kind === 'plain') return
  if (rewrites.length > 0) fail(`The modifier "${rewrites[0]}" does not fit "${value.kind}".`, offset)
  const placed = found.steps.some((step) => placements.has(step))
  if (placed && value.kind !== 'regex' && value.kind !== 'fieldref') {
    fail(`contains, startswith and endswith do not fit "${value.kind}".`, offset)
  }
  if (found.cased && value.kind !== 'fieldref' && value.kind !== 'regex')
    fail(`"cased" does not fit "${value.kind}".`, offset)
}

function fail(message: string, offset: number): never {
  throw new RuleError('rule_bad_modifier', message, offset)
}
