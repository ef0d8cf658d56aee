import type { Pack } from './pack.ts'
import { holds, type Subject } from './predicate.ts'

/** Why something lies outside the law: it is refused before storage and only counted (VN-1.1, KZ-4). */
export interface OutOfScope {
  guard: string
  reason: string
  requirements: readonly string[]
}

/** Takes a constituent or object of the registry; gives the guard that keeps it out, or null when the law covers it. */
export function outOfScope(pack: Pack, object: Subject): OutOfScope | null {
  for (const guard of pack.scope) {
    if (holds(guard.when, object)) return { guard: guard.id, reason: guard.reason, requirements: guard.requirements }
  }
  return null
}

/** What a detection is under the law. */
export interface LegalKinds {
  event: boolean
  incident: boolean
  ticket: boolean
}

/** Takes a detection's fields; gives what the pack's predicates make of it (AMB-X2). An incident is always an event too. */
export function legalKindsOf(pack: Pack, detection: Subject): LegalKinds {
  const incident = holds(pack.kinds.incident, detection)
  return {
    event: incident || holds(pack.kinds.event, detection),
    incident,
    ticket: pack.kinds.ticket !== undefined && holds(pack.kinds.ticket, detection),
  }
}
