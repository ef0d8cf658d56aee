import { isIP } from 'node:net'
import { type DetectionItem, type FieldMapping, mapField, type RuleDocument, regexShape, viewOf } from '@tocsin/sigma'
import { type FieldType, fieldTypeOf } from './field-types.ts'
import type { Say } from './finding.ts'
import { askItem } from './single-item.ts'

const textProbes = ['', 'q', 'Zz9 \u00e9', '0123456789', '\u0001\u{1f512}', 'C:\\a\\b', '/a?b=c', '192.0.2.1']
const numberProbes = [0, 1, 443, 65_535, 4_294_967_296]

/**
 * Checks one item of a rule: its field, the types of its values, what its patterns cost, whether it says anything. `gated` says that something
 * cheaper must hold before the item is looked at.
 */
export function lintItem(
  document: RuleDocument,
  item: DetectionItem,
  { mapping, gated }: { mapping: FieldMapping | null; gated: boolean },
  say: Say,
): void {
  const target = item.field === '' ? null : mapField(mapping, document.logSource, item.field)
  if (target !== null && !target.mapped)
    say('lint_unknown_field', item.offset, `No event of this log source has the field "${item.field}".`)
  const type = target === null ? null : fieldTypeOf(target.name)
  if (type !== null) lintTypes(item, type, say)
  lintMeaning(document, item, type, say)
  if (!gated) lintCost(item, say)
}

function lintTypes(item: DetectionItem, type: FieldType, say: Say): void {
  const { field, modifiers, values } = item
  const has = (...names: string[]): boolean => names.some((name) => modifiers.includes(name))
  if (has('exists', 'fieldref', 'expand')) return
  if (has('cidr') && type !== 'address')
    say('lint_wrong_type', item.offset, `"${field}" holds no address, so "cidr" never holds.`)
  if (has('lt', 'lte', 'gt', 'gte') && type !== 'number')
    say('lint_wrong_type', item.offset, `"${field}" is no number, so it cannot be compared by size.`)
  if (has('contains', 'startswith', 'endswith') && type === 'number')
    say('lint_wrong_type', item.offset, `"${field}" is a number; a search in its digits is seldom meant.`)
  for (const { value, offset } of values) {
    if (type === 'number' && modifiers.length === 0 && typeof value === 'string' && !/^[\d*?.-]+$/.test(value))
      say('lint_wrong_type', offset, `"${field}" is a number and never "${value}".`)
    if (type === 'address' && modifiers.length === 0 && typeof value === 'string' && !isAddressLike(value))
      say(
        'lint_wrong_type',
        offset,
        `"${field}" is an address and never "${value}"; a network needs the modifier "cidr".`,
      )
    if (type !== 'number' && typeof value === 'boolean')
      say('lint_wrong_type', offset, `"${field}" holds no truth value.`)
  }
}

const isAddressLike = (value: string): boolean => isIP(value) !== 0 || /[*?]/.test(value)

function lintMeaning(document: RuleDocument, item: DetectionItem, type: FieldType | null, say: Say): void {
  if (item.modifiers.includes('exists') || item.modifiers.includes('neq')) return
  // `field: '*'` is the old way to say that a field exists, and is meant.
  if (item.field !== '' && item.modifiers.length === 0 && item.values.every(({ value }) => value === '*')) return
  const holds = askItem(document, { ...item, field: 'probe' }, { mapping: null, placeholders: {} })
  if (holds === null) return
  const probes = type === 'number' ? numberProbes : [...textProbes, ...numberProbes]
  if (probes.every((probe) => holds(viewOf({ probe }))))
    say('lint_always_true', item.offset, `"${nameOf(item)}" holds for every value, so it says nothing.`)
}

const minLiteralChars = 3

/** Whether an item narrows the events down by a certain text or number, at the price of one look-up. */
export function isCheap({ field, modifiers, values }: DetectionItem): boolean {
  if (field === '' || modifiers.some((modifier) => ['re', 'exists', 'neq', 'fieldref', 'cidr'].includes(modifier)))
    return false
  return values.every(
    ({ value }) => typeof value === 'number' || String(value ?? '').replaceAll(/[*?]/g, '').length >= minLiteralChars,
  )
}

// A sign beyond ASCII is rare enough by itself: rules look for single emoji and look-alike letters.
const isShort = (value: string): boolean =>
  value.replaceAll(/[*?]/g, '').length < minLiteralChars && /^[ -~]*$/.test(value)

function lintCost(item: DetectionItem, say: Say): void {
  const isSearch = item.modifiers.includes('contains') || item.field === ''
  for (const { value, offset } of item.values) {
    if (item.modifiers.includes('re')) lintRegex(String(value), offset, say)
    else if (isSearch && typeof value === 'string' && isShort(value))
      say(
        'lint_costly_pattern',
        offset,
        `The search for "${value}" in ${item.field === '' ? 'the whole event' : `"${item.field}"`} fits almost anywhere; give at least ${minLiteralChars} characters.`,
      )
  }
}

function lintRegex(pattern: string, offset: number, say: Say): void {
  const bare = pattern.replace(/^\(\?[a-z]+\)/, '')
  const { literal, unbounded } = regexShape(bare)
  if (/^\^?\(?\.[*+]/.test(bare))
    say(
      'lint_costly_pattern',
      offset,
      'The pattern begins with a run of anything: leave it out, a search is not anchored.',
    )
  else if (literal.length < minLiteralChars && unbounded && !bare.startsWith('^'))
    say(
      'lint_costly_pattern',
      offset,
      'The pattern is neither anchored nor does it contain a certain text, so it runs over every value in full.',
    )
}

const nameOf = ({ field, modifiers }: DetectionItem): string =>
  [field === '' ? 'keywords' : field, ...modifiers].join('|')
