import type { RuleDocument } from '@tocsin/sigma'
import type { Say } from './finding.ts'
import { namesIn, truthOf } from './truth.ts'

/** More selections than these are not tried in all combinations. */
const maxTried = 14

/** Checks a rule's condition by trying every combination of its selections. */
export function lintCondition({ condition, selections }: RuleDocument, at: number, say: Say): void {
  const names = [...selections.keys()]
  const asked = namesIn(condition, names)
  for (const [name, { offset }] of selections) {
    if (!asked.has(name) && !name.startsWith('_'))
      say('lint_unused_selection', offset, `The condition does not ask for "${name}".`)
  }
  if (asked.size > maxTried) return
  const [some, all] = outcomes([...asked], (holds) => truthOf(condition, names, holds))
  if (!some) say('lint_never_true', at, 'The condition cannot hold, whatever the selections say.')
  else if (all) say('lint_always_true', at, 'The condition always holds, whatever the selections say.')
  else if (truthOf(condition, names, () => false))
    say(
      'lint_negative_only',
      at,
      'The condition holds where no selection does: it is evaluated for every event of its log source.',
    )
}

/** Whether the condition holds for some, and for all, of the combinations. */
function outcomes(asked: readonly string[], truth: (holds: (name: string) => boolean) => boolean): [boolean, boolean] {
  let some = false
  let all = true
  for (let combination = 0; combination < 2 ** asked.length; combination++) {
    const held = new Set(asked.filter((_, bit) => (combination >> bit) & 1))
    const holds = truth((name) => held.has(name))
    some ||= holds
    all &&= holds
  }
  return [some, all]
}
