import type { CaseState } from '../case.ts'
import { possibleThrough } from './action.ts'
import type { ResponseReach } from './filters.ts'

/**
 * Says on an incident whether measures through sources are technically possible, and why (KZ-10.3j), where filters are set up
 * and nobody has said it. A person may say otherwise (`classify`).
 */
export function withPossibility(state: CaseState, reach: ResponseReach): CaseState {
  const { record } = state
  if (!reach.isSetUp || record.kind !== 'incident' || record.measuresPossible !== null) return state
  const filter = reach.filterOf(record.constituent, null)
  const isPossible = !('why' in filter) || filter.isChoice === true
  return {
    ...state,
    record: {
      ...record,
      measuresPossible: isPossible,
      measuresReason: 'why' in filter ? filter.why : possibleThrough(filter.sourceId),
    },
  }
}
