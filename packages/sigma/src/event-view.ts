import type { FieldValue, Scalar } from './values.ts'

/** How the engine reads an event, whatever holds it: a JSON object here, the slots of an Avro record on the hot path. */
export interface EventView {
  /** The value of a field, null where it is null, undefined where it is missing. */
  get(field: string): FieldValue | undefined
  /** Every scalar value of the event, for keywords. */
  scalars(): Iterable<Scalar>
  /** The event's own object where it is one: walking its fields costs less than asking for every field of every rule. */
  readonly flat?: Readonly<Record<string, unknown>>
}

/**
 * A view of a parsed JSON object. A field is looked up by its whole name first, then by its dotted path, through lists too.
 * Inherited names (`__proto__`, `constructor`) are missing fields.
 */
export function viewOf(event: Readonly<Record<string, unknown>>): EventView {
  return new ObjectView(event)
}

class ObjectView implements EventView {
  readonly flat: Readonly<Record<string, unknown>>

  constructor(flat: Readonly<Record<string, unknown>>) {
    this.flat = flat
  }
  get(field: string): FieldValue | undefined {
    return lookUp(this.flat, field)
  }
  scalars(): Iterable<Scalar> {
    return scalarsWithin(this.flat, 0)
  }
}

function lookUp(event: Readonly<Record<string, unknown>>, field: string): FieldValue | undefined {
  if (Object.hasOwn(event, field)) return fieldValue(event[field])
  if (!field.includes('.')) return undefined
  let current: unknown = event
  for (const part of field.split('.')) {
    current = step(current, part)
    if (current === undefined) return undefined
  }
  return fieldValue(current)
}

function step(current: unknown, part: string): unknown {
  if (Array.isArray(current)) {
    const found = current.map((member: unknown) => step(member, part)).filter((member) => member !== undefined)
    return found.length === 0 ? undefined : found
  }
  if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined
  return (current as Record<string, unknown>)[part]
}

// An object is present but has no value to compare: an empty list matches nothing but `exists`.
function fieldValue(value: unknown): FieldValue | undefined {
  if (Array.isArray(value)) return value.map((member) => fieldValue(member) ?? null)
  if (value !== null && typeof value === 'object') return []
  return value as Scalar | null | undefined
}

const maxDepth = 32

function* scalarsWithin(value: unknown, depth: number): Generator<Scalar> {
  if (value === null || value === undefined || depth > maxDepth) return
  if (typeof value === 'object') {
    for (const member of Object.values(value)) yield* scalarsWithin(member, depth + 1)
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') yield value
}
