import { z } from 'zod'

/** A value that a predicate compares with. */
export type Scalar = string | number | boolean | null

/** A declarative test of one subject: a detection, a case, a constituent, an asset. Written in packs, never code. */
export type Predicate =
  | { all: readonly Predicate[] }
  | { any: readonly Predicate[] }
  | { not: Predicate }
  | { field: string; exists: boolean }
  | { field: string; eq: Scalar }
  | { field: string; in: readonly Scalar[] }
  | { field: string; gte: number }
  | { field: string; lte: number }

/** What predicates look into; a name with dots walks into nested objects. */
export type Subject = Readonly<Record<string, unknown>>

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const field = z.string().regex(/^[A-Za-z][A-Za-z0-9_.]{0,80}$/, 'a field name: letters, digits, dots')

export const predicateSchema: z.ZodType<Predicate> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(predicateSchema).min(1).max(50) }),
    z.strictObject({ any: z.array(predicateSchema).min(1).max(50) }),
    z.strictObject({ not: predicateSchema }),
    z.strictObject({ field, exists: z.boolean() }),
    z.strictObject({ field, eq: scalar }),
    z.strictObject({ field, in: z.array(scalar).min(1).max(500) }),
    z.strictObject({ field, gte: z.number() }),
    z.strictObject({ field, lte: z.number() }),
  ]),
)

/**
 * Evaluates a predicate. A field that is missing or null fulfils only `exists: false` and `eq: null` (an
 * empty list or text does not exist either); a field that is a list
 * fulfils `eq` and `in` when one of its members does.
 */
export function holds(predicate: Predicate, subject: Subject): boolean {
  if ('all' in predicate) return predicate.all.every((part) => holds(part, subject))
  if ('any' in predicate) return predicate.any.some((part) => holds(part, subject))
  if ('not' in predicate) return !holds(predicate.not, subject)
  const value = valueAt(subject, predicate.field)
  if ('exists' in predicate) return isThere(value) === predicate.exists
  if ('gte' in predicate) return typeof value === 'number' && value >= predicate.gte
  if ('lte' in predicate) return typeof value === 'number' && value <= predicate.lte
  const wanted = 'eq' in predicate ? [predicate.eq] : predicate.in
  return Array.isArray(value)
    ? value.some((member) => wanted.includes(member as Scalar))
    : wanted.includes((value ?? null) as Scalar)
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function valueAt(subject: Subject, path: string): unknown {
  let value: unknown = subject
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Subject)[name]
  }
  return value
}
