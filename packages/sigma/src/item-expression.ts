import type { DetectionItem, ItemValue, Selection } from './documents.ts'
import { type Encodable, toBase64, toBase64Offsets, toPieces, toUtf16 } from './encodings.ts'
import { type ItemModifiers, readModifiers, type TextStep } from './modifiers.ts'
import { compileCidr } from './network.ts'
import type { Segment } from './packet/segment.ts'
import { expandPlaceholders, type Placeholders } from './placeholders.ts'
import { type Expression, join, type PredicateTable, type Test } from './predicate.ts'
import { RuleError } from './refusal.ts'
import { compileRegex } from './regex.ts'
import { type Piece, parseSigmaString } from './sigma-string.ts'
import { keywordTest, openEnd, openStart, stringTest, surround } from './string-test.ts'
import { numberOf } from './values.ts'
import { windashVariants } from './windash.ts'

/** What an item needs to become predicates. */
export interface ItemContext {
  table: PredicateTable
  placeholders: Placeholders
  /** The event's name of a rule's field. */
  fieldName(field: string): string
}

/** A selection: any alternative, each all of its items. */
export function selectionExpression(selection: Selection, context: ItemContext): Expression {
  return join(
    'or',
    selection.alternatives.map((items) =>
      join(
        'and',
        items.map((item) => itemExpression(item, context)),
      ),
    ),
  )
}

/** One item: its values by OR, with `all` by AND, negated by `neq`. */
export function itemExpression(item: DetectionItem, context: ItemContext): Expression {
  const modifiers = readModifiers(item.modifiers, item.offset)
  checkValues(item, modifiers)
  const field = item.field === '' ? null : context.fieldName(item.field)
  const terms = item.values.map((value) => valueExpression(field, value, modifiers, context))
  const all = modifiers.all || modifiers.value.kind === 'segment'
  const joined = join(all ? 'and' : 'or', terms)
  if (!modifiers.negated) return joined
  const negated: Expression = { kind: 'not', term: joined }
  return modifiers.value.kind === 'fieldref' ? bothExist(field, item, negated, context) : negated
}

// A missing field is not "different": with neq a field reference still needs both fields.
function bothExist(field: string | null, item: DetectionItem, negated: Expression, context: ItemContext): Expression {
  const others = item.values.map((value) => context.fieldName(String(value.value)))
  const exist = [field, ...others].map((name) => context.table.intern(name, { kind: 'exists' }))
  return join('and', [...exist, negated])
}

function checkValues(item: DetectionItem, modifiers: ItemModifiers): void {
  const { values, offset, field } = item
  if (values.length === 0) fail('rule_bad_value', 'The list of values is empty.', offset)
  if (modifiers.all && values.length === 1) fail('rule_bad_modifier', '"all" needs more than one value.', offset)
  if (values.length > 1 && values.some((value) => value.value === null)) {
    fail('rule_bad_value', 'null cannot stand in a list of values.', offset)
  }
  const needsField = !['plain', 'regex'].includes(modifiers.value.kind)
  if (field === '' && needsField) fail('rule_bad_modifier', `"${modifiers.value.kind}" needs a field.`, offset)
}

function valueExpression(
  field: string | null,
  item: ItemValue,
  modifiers: ItemModifiers,
  context: ItemContext,
): Expression {
  const { value, offset } = item
  const kind = modifiers.value
  const intern = (test: Test): Expression => context.table.intern(field, test)
  switch (kind.kind) {
    case 'exists': {
      if (typeof value !== 'boolean') fail('rule_bad_value', '"exists" takes true or false.', offset)
      const exists = intern({ kind: 'exists' })
      return value ? exists : { kind: 'not', term: exists }
    }
    case 'fieldref':
      return intern({
        kind: 'fieldref',
        field: context.fieldName(textValue(item)),
        mode: placement(modifiers),
        cased: modifiers.cased,
      })
    case 'regex':
      return intern(regexTest(item, modifiers))
    case 'cidr': {
      const network = textValue(item)
      if (compileCidr(network) === null) fail('rule_bad_value', `"${network}" is no network in CIDR notation.`, offset)
      return intern({ kind: 'cidr', network })
    }
    case 'compare':
      return intern({ kind: 'compare', operator: kind.operator, value: numericValue(item) })
    case 'time':
      return intern({ kind: 'time', part: kind.part, value: numericValue(item) })
    case 'octets':
      return intern({ kind: 'octets', operator: kind.operator, value: numericValue(item) })
    case 'segment': {
      const segment = JSON.parse(textValue(item)) as Segment
      const found = intern({ kind: 'segment', segment: { ...segment, not: false } })
      // Only a record that carries a payload can lack a segment.
      return segment.not ? join('and', [intern({ kind: 'exists' }), { kind: 'not', term: found }]) : found
    }
    case 'plain':
      return plainExpression(field, item, modifiers, context)
  }
}

function plainExpression(
  field: string | null,
  item: ItemValue,
  modifiers: ItemModifiers,
  context: ItemContext,
): Expression {
  const { value } = item
  if (value === null) {
    if (field === null || modifiers.steps.length > 0)
      fail('rule_bad_value', 'null needs a field and no text modifiers.', item.offset)
    return context.table.intern(field, { kind: 'null' })
  }
  if (field !== null && typeof value === 'number' && modifiers.steps.length === 0) {
    return context.table.intern(field, { kind: 'number', value })
  }
  const variants = textVariants(String(value), modifiers.steps, context.placeholders, item.offset)
  const test = field === null ? keywordTest : stringTest
  return join(
    'or',
    variants.map((pieces) => context.table.intern(field, test(pieces, modifiers.cased))),
  )
}

function textVariants(text: string, steps: TextStep[], placeholders: Placeholders, offset: number): Piece[][] {
  let variants: Encodable[] = steps.includes('expand')
    ? expandPlaceholders(text, placeholders, offset)
    : [parseSigmaString(text)]
  for (const step of steps) variants = variants.flatMap((variant) => applyStep(variant, step, offset))
  return variants.map((variant) => toPieces(variant, offset))
}

function applyStep(value: Encodable, step: TextStep, offset: number): Encodable[] {
  switch (step) {
    case 'contains':
      return [surround(toPieces(value, offset))]
    case 'startswith':
      return [openEnd(toPieces(value, offset))]
    case 'endswith':
      return [openStart(toPieces(value, offset))]
    case 'windash':
      return windashVariants(toPieces(value, offset), offset)
    case 'base64':
      return [toBase64(value, offset)]
    case 'base64offset':
      return toBase64Offsets(value, offset)
    case 'utf16le':
    case 'utf16be':
    case 'utf16':
      return [toUtf16(value, step, offset)]
    case 'expand':
      return [value]
  }
}

// Compiled here once to refuse a bad pattern with its position; the program compiles it again for its own log source.
function regexTest(item: ItemValue, modifiers: ItemModifiers): Test {
  const text = textValue(item)
  const anchorStart = modifiers.steps.includes('startswith') && !modifiers.steps.includes('endswith')
  const anchorEnd = modifiers.steps.includes('endswith') && !modifiers.steps.includes('startswith')
  const source = anchorStart ? `^(?:${text})` : anchorEnd ? `(?:${text})$` : text
  const flags = { ignoreCase: modifiers.ignoreCase, multiline: modifiers.multiline, dotAll: modifiers.dotAll }
  compileRegex(source, flags, item.offset)
  return { kind: 'regex', source, flags, offset: item.offset }
}

function placement(modifiers: ItemModifiers): 'equals' | 'contains' | 'starts' | 'ends' {
  const starts = modifiers.steps.includes('startswith')
  const ends = modifiers.steps.includes('endswith')
  if (modifiers.steps.includes('contains') || (starts && ends)) return 'contains'
  return starts ? 'starts' : ends ? 'ends' : 'equals'
}

function textValue(item: ItemValue): string {
  if (item.value === null) fail('rule_bad_value', 'A text is expected here, not null.', item.offset)
  return String(item.value)
}

function numericValue(item: ItemValue): number {
  const value = item.value === null ? null : numberOf(item.value)
  if (value === null) fail('rule_bad_value', 'A number is expected here.', item.offset)
  return value
}

function fail(code: 'rule_bad_value' | 'rule_bad_modifier', message: string, offset: number): never {
  throw new RuleError(code, message, offset)
}
