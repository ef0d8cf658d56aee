import type { Detection, RegistryConstituent } from '@tocsin/events'
import { type LegalKinds, legalKindsOf, type Subject } from '@tocsin/obligations'
import type { ClockView } from './clocks.ts'
import type { Law } from './registry.ts'

/** What a pack's predicates see of a detection: its own fields, the constituent's class and scope, and who says it. */
export function subjectOfDetection(detection: Detection, constituent: RegistryConstituent): Subject {
  return { ...detection, ...aboutConstituent(constituent), origin: 'rule', status: 'new' }
}

/** The same for a case, once people have worked on it: its status and marks count too. */
export function subjectOfCase(state: ClockView, constituent: RegistryConstituent | undefined): Subject {
  return {
    ...state.record,
    ...(constituent === undefined ? {} : aboutConstituent(constituent)),
    ...state.marks,
    level: state.level,
    kind: state.detectionKind,
    origin: state.origin,
    asIncident: state.record.kind === 'incident',
  }
}

/** What the law makes of a detection (AMB-X2): nothing, an event, an incident, a ticket. */
export function kindsOfDetection(law: Law, detection: Detection, constituent: RegistryConstituent): LegalKinds {
  return legalKindsOf(law.pack, subjectOfDetection(detection, constituent))
}

function aboutConstituent(constituent: RegistryConstituent): Subject {
  const { systemClass, legalScope, integratedWithEgov, servesEGovernment, roles } = constituent
  return { systemClass, legalScope, integratedWithEgov, servesEGovernment, constituentRoles: roles }
}
