import type { LifecycleRules, Pack, Texts } from '@tocsin/obligations'

/** What the page needs of a regulation pack: words, and what a promotion must say. */
export interface PackView {
  id: string
  title: Texts
  law: string
  /** Clock id and kind (`C3/event`) or id alone → title by language. */
  clocks: Readonly<Record<string, Texts>>
  /** Role → title by language. */
  roles: Readonly<Record<string, Texts>>
  promotion: LifecycleRules['promotion']
}

export function packView(pack: Pack, rules: LifecycleRules): PackView {
  const clocks: Record<string, Texts> = {}
  for (const clock of pack.clocks) {
    clocks[clock.id] ??= clock.title
    for (const kind of clock.kinds) clocks[`${clock.id}/${kind}`] = clock.title
  }
  const roles = Object.entries(pack.roles).map(([role, { title }]) => [role, title] as const)
  return {
    id: pack.id,
    title: pack.title,
    law: pack.law.name,
    clocks,
    roles: Object.fromEntries(roles),
    promotion: rules.promotion,
  }
}
