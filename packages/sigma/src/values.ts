/** One value of an event field. */
export type Scalar = string | number | boolean
export type FieldValue = Scalar | null | readonly FieldValue[]

/** Text of a value as Sigma compares it: 5.0 is "5", true is "true". */
export function textOf(value: Scalar): string {
  return typeof value === 'string' ? value : String(value)
}

const decimal = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

/** Number of a value; numeric text counts, anything else is null. Booleans are no numbers. */
export function numberOf(value: Scalar): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length <= 64 && decimal.test(value) ? Number(value) : null
}

/** The scalar members of a value, nested lists included; null members are left out. */
export function* scalarsOf(value: FieldValue | undefined): Generator<Scalar> {
  if (value === undefined || value === null) return
  if (typeof value === 'object') for (const member of value) yield* scalarsOf(member)
  else yield value
}
