import type { EventView } from '../event-view.ts'
import type { Predicate, Test } from '../predicate.ts'
import { compileScalarTest } from '../scalar-test.ts'
import { type Scalar, scalarsOf, textOf } from '../values.ts'
import { maxScannedChars } from './field-scan.ts'

type Reference = Extract<Test, { kind: 'fieldref' }>

/** Compiles the tests that ask about a field instead of one of its values: null, exists, fieldref. Others never hold. */
export function compileLookUp(field: string | null, test: Test): (view: EventView) => boolean {
  if (field === null) return () => false
  if (test.kind === 'exists') return (view) => view.get(field) !== undefined
  if (test.kind === 'null') return (view) => (view.get(field) ?? null) === null
  if (test.kind === 'fieldref') return (view) => refers(field, test, view)
  return () => false
}

/** Compiles one predicate on its own, without index or memory: for details after a match. */
export function compileAlone({ field, test }: Predicate): (view: EventView) => boolean {
  const holds = compileScalarTest(test)
  if (holds === null) return compileLookUp(field, test)
  return (view) => {
    for (const scalar of field === null ? view.scalars() : scalarsOf(view.get(field))) {
      const value = cut(scalar)
      if (holds(value, textOf(value).toLowerCase())) return true
    }
    return false
  }
}

function refers(field: string, test: Reference, view: EventView): boolean {
  const text = (value: Scalar): string => (test.cased ? textOf(cut(value)) : textOf(cut(value)).toLowerCase())
  const others = [...scalarsOf(view.get(test.field))].map(text)
  for (const own of scalarsOf(view.get(field)))
    if (others.some((other) => relates(text(own), other, test.mode))) return true
  return false
}

function cut(value: Scalar): Scalar {
  return typeof value === 'string' && value.length > maxScannedChars ? value.slice(0, maxScannedChars) : value
}

function relates(own: string, other: string, mode: Reference['mode']): boolean {
  switch (mode) {
    case 'equals':
      return own === other
    case 'contains':
      return own.includes(other)
    case 'starts':
      return own.startsWith(other)
    case 'ends':
      return own.endsWith(other)
  }
}
