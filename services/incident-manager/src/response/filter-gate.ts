import type { ResponseAction } from '@tocsin/events'
import { KINDS } from './action.ts'
import { canonicalAddress } from './address.ts'
import type { PacketFilter, ResponseReach } from './filters.ts'

/** What a filter, or the way to it, answered. `refused` is for good, `unreachable` may be better later. */
export interface FilterAnswer {
  kind: 'done' | 'refused' | 'unreachable'
  /** One line of what was said. */
  reply: string
}

/** Asks a filter one thing: words of a closed set, an id and an address, never a text of a person. */
export type AskFilter = (filter: PacketFilter, words: readonly string[]) => Promise<FilterAnswer>

/** Asks the filter of an action for what its state wants. Idempotent by the action's id. */
export type FilterGate = (action: ResponseAction) => Promise<FilterAnswer>

const ID = /^[0-9a-f]{16,64}$/

/** The way to the filters: what a record says is looked at once more before a word of it leaves the process. */
export function filterGate(reach: ResponseReach, ask: AskFilter): FilterGate {
  return async (action) => {
    const words = wordsOf(action, reach)
    if (typeof words === 'string') return { kind: 'refused', reply: words }
    const filter = reach.filterOf(action.constituent, action.viaSourceId)
    return 'why' in filter ? { kind: 'refused', reply: filter.why } : ask(filter, words)
  }
}

/** `block-address <id> <address>`, `isolate-host <id> <address>` or `revert <id>`; or why nothing is asked. */
function wordsOf({ actionId, kind, target, state }: ResponseAction, reach: ResponseReach): string[] | string {
  if (!ID.test(actionId)) return 'The id of the action is none.'
  if (state === 'reverting') return ['revert', actionId]
  const verb = KINDS.find((one) => one === kind)
  if (verb === undefined || canonicalAddress(target) !== target) return 'The action names no known measure and address.'
  const protection = reach.protectionOf(target)
  return protection === null ? [verb, actionId, target] : `${target} lies in the protected network ${protection}.`
}
