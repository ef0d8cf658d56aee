import { z } from 'zod'
import type { CaseFacts, Fact, ProofLevel } from './facts.ts'

/**
 * When something became true: the instant of one fact, of the first or the last of several, of a proven delivery, or of what
 * happened to another clock of the same case. One language for starts, ends, cancellations and pauses.
 */
export type Condition =
  | string
  | { firstOf: readonly Condition[] }
  | { allOf: readonly Condition[] }
  | { delivered: { to: readonly string[]; of?: string | undefined; proof?: readonly ProofLevel[] | undefined } }
  | { metOf: string }
  | { breachOf: string }

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/)

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    name,
    z.strictObject({ firstOf: z.array(conditionSchema).min(1).max(20) }),
    z.strictObject({ allOf: z.array(conditionSchema).min(1).max(20) }),
    z.strictObject({
      delivered: z.strictObject({
        to: z.array(name).min(1).max(20),
        of: name.optional(),
        proof: z
          .array(z.enum(['sent', 'delivered', 'acknowledged']))
          .min(1)
          .optional(),
      }),
    }),
    z.strictObject({ metOf: name }),
    z.strictObject({ breachOf: name }),
  ]),
)

/** An instant and the name of the fact that made it. */
export interface Moment {
  at: number
  by: string
  /** Id of the record that proves it, where the fact named one. */
  ref?: string
}

/** What a condition may ask about the other clocks of the case, evaluated before it. */
export interface OtherClocks {
  metAt(clockId: string): Moment | null
  breachedAt(clockId: string): Moment | null
}

/** A delivery counts by what the channel or the person proved; the mere hand-over to our own relay is `sent` and does not. */
const PROVEN: readonly ProofLevel[] = ['delivered', 'acknowledged']

/**
 * Takes a condition, the facts known by `now`, the key of the clock that asks (`C1/event`) and the other clocks; gives the
 * first instant at which the condition was true, or null while it is not.
 */
export function momentOf(
  condition: Condition,
  subject: CaseFacts,
  clockKey: string,
  others: OtherClocks,
  now: number,
): Moment | null {
  if (typeof condition === 'string') return momentOfFact(condition, subject, now)
  if ('metOf' in condition) return others.metAt(condition.metOf)
  if ('breachOf' in condition) return others.breachedAt(condition.breachOf)
  if ('delivered' in condition) return momentOfDelivery(condition.delivered, subject, clockKey, now)
  const parts = 'firstOf' in condition ? condition.firstOf : condition.allOf
  const moments = parts.map((part) => momentOf(part, subject, clockKey, others, now))
  const known = moments.filter((moment) => moment !== null)
  if ('allOf' in condition && known.length < parts.length) return null
  known.sort(inOrder)
  return ('firstOf' in condition ? known[0] : known.at(-1)) ?? null
}

function momentOfFact(name: string, subject: CaseFacts, now: number): Moment | null {
  return earliest(
    subject.facts.filter((fact) => fact.name === name),
    now,
    () => name,
  )
}

function momentOfDelivery(
  wanted: { to: readonly string[]; of?: string | undefined; proof?: readonly ProofLevel[] | undefined },
  subject: CaseFacts,
  clockKey: string,
  now: number,
): Moment | null {
  const key = wanted.of === undefined ? clockKey : `${wanted.of}/${clockKey.slice(clockKey.indexOf('/') + 1)}`
  const proofs = wanted.proof ?? PROVEN
  const fitting = subject.facts.filter(
    (fact) =>
      fact.name === 'delivery' &&
      wanted.to.includes(fact.role ?? '') &&
      proofs.includes(fact.proof ?? 'sent') &&
      (fact.clocks ?? []).includes(key),
  )
  return earliest(fitting, now, (fact) => `delivery to ${fact.role} (${fact.proof})`)
}

function earliest(facts: readonly Fact[], now: number, nameOf: (fact: Fact) => string): Moment | null {
  const known = facts.filter((fact) => fact.at <= now && (fact.withdrawnAt === undefined || fact.withdrawnAt > now))
  const moments = known.map((fact) => ({
    at: fact.at,
    by: nameOf(fact),
    ...(fact.ref === undefined ? {} : { ref: fact.ref }),
  }))
  return moments.sort(inOrder)[0] ?? null
}

/** A total order, so that two facts of one instant give the same answer in whatever order they became known. */
function inOrder(a: Moment, b: Moment): number {
  return a.at - b.at || compare(a.by, b.by) || compare(a.ref ?? '', b.ref ?? '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Every name that a condition uses, for the checks at load. */
export function namesIn(condition: Condition): { facts: string[]; roles: string[]; clocks: string[] } {
  if (typeof condition === 'string') return { facts: [condition], roles: [], clocks: [] }
  if ('metOf' in condition) return { facts: [], roles: [], clocks: [condition.metOf] }
  if ('breachOf' in condition) return { facts: [], roles: [], clocks: [condition.breachOf] }
  if ('delivered' in condition) {
    const { to, of } = condition.delivered
    return { facts: [], roles: [...to], clocks: of === undefined ? [] : [of] }
  }
  const parts = ('firstOf' in condition ? condition.firstOf : condition.allOf).map(namesIn)
  return {
    facts: parts.flatMap((part) => part.facts),
    roles: parts.flatMap((part) => part.roles),
    clocks: parts.flatMap((part) => part.clocks),
  }
}
