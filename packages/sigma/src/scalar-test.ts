import { compileGlob } from './glob.ts'
import { compileCidr } from './network.ts'
import { payloadOf } from './packet/payload.ts'
import { compileSegment } from './packet/segment.ts'
import type { NumberOperator, Test, TimePart } from './predicate.ts'
import { compileRegex } from './regex.ts'
import { regexShape } from './regex-shape.ts'
import { numberOf, type Scalar, textOf } from './values.ts'

/** A test of one scalar; `lower` is its text in lower case, made once for all tests of the field. */
export type ScalarTest = (value: Scalar, lower: string) => boolean

/** Compiles every test that looks at one scalar at a time. Null for the others: null, exists, fieldref. */
export function compileScalarTest(test: Test): ScalarTest | null {
  switch (test.kind) {
    case 'equals':
      return (_, lower) => lower === test.text
    case 'contains':
      return (_, lower) => lower.includes(test.text)
    case 'starts':
      return (_, lower) => lower.startsWith(test.text)
    case 'ends':
      return (_, lower) => lower.endsWith(test.text)
    case 'number':
      return (value) => numberOf(value) === test.value
    case 'glob': {
      const covers = compileGlob(test.pieces)
      return test.cased ? (value) => covers(textOf(value)) : (_, lower) => covers(lower)
    }
    case 'regex': {
      const search = compileRegex(test.source, test.flags, test.offset)
      const { literals } = regexShape(test.source)
      return (value, lower) => hasInOrder(lower, literals) && search(textOf(value))
    }
    case 'cidr': {
      const contains = compileCidr(test.network)
      return (value) => contains?.(textOf(value)) ?? false
    }
    case 'compare':
      return compareTest(test.operator, test.value)
    case 'time':
      return (value) => timePart(textOf(value), test.part) === test.value
    case 'segment': {
      const found = compileSegment(test.segment)
      return (value) => {
        const payload = payloadOf(textOf(value))
        return payload !== null && found(payload.octets, payload.lower)
      }
    }
    case 'octets': {
      const compare =
        test.operator === 'eq' ? (size: Scalar) => size === test.value : compareTest(test.operator, test.value)
      return (value, lower) => {
        const payload = payloadOf(textOf(value))
        return payload !== null && compare(payload.octets.length, lower)
      }
    }
    case 'null':
    case 'exists':
    case 'fieldref':
      return null
  }
}

/** Looking for texts costs a hundredth of what running a pattern does, and most values lack one. */
function hasInOrder(text: string, literals: readonly string[]): boolean {
  let from = 0
  for (const literal of literals) {
    const at = text.indexOf(literal, from)
    if (at < 0) return false
    from = at + literal.length
  }
  return true
}

function compareTest(operator: NumberOperator, limit: number): ScalarTest {
  return (value) => {
    const number = numberOf(value)
    if (number === null) return false
    switch (operator) {
      case 'lt':
        return number < limit
      case 'lte':
        return number <= limit
      case 'gt':
        return number > limit
      case 'gte':
        return number >= limit
    }
  }
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i

/** One part of a date in UTC; a text without a zone is taken as UTC. Null when the text is no ISO date. */
function timePart(text: string, part: TimePart): number | null {
  if (!isoDate.test(text)) return null
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) && text.length > 10
  const ms = Date.parse(zoned ? text : `${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`)
  if (Number.isNaN(ms)) return null
  const date = new Date(ms)
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'week':
      return isoWeek(date)
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
  }
}

/** ISO 8601 week: the week that holds the year's first Thursday is week 1. */
function isoWeek(date: Date): number {
  const dayMs = 86_400_000
  const weekday = (date.getUTCDay() + 6) % 7
  const thursdayMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - weekday + 3)
  const yearStartMs = Date.UTC(new Date(thursdayMs).getUTCFullYear(), 0, 1)
  return 1 + Math.floor((thursdayMs - yearStartMs) / dayMs / 7)
}
