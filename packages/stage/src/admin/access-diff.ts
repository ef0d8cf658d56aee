import type { AccessPlan, Quota, Right } from './access-plan.ts'

/** Rights and quotas as they are on the cluster; what denies is not among them and is never touched. */
export interface AccessState {
  rights: readonly GrantedRight[]
  quotas: ReadonlyMap<string, Quota>
}

/** A right as Kafka keeps it: wider resources and operations than we ever write are possible. */
export interface GrantedRight {
  principal: string
  host: string
  resource: Right['resource'] | 'cluster' | 'other'
  name: string
  pattern: Right['pattern']
  operation: Right['operation'] | 'all' | 'other'
  /** What Kafka says, to name exactly this right when it is taken away. */
  codes: { resourceType: number; resourcePatternType: number; operation: number }
}

/** One difference. A stray is there and is not in the file: it stays unless somebody asks. */
export type AccessChange =
  | { kind: 'allow'; right: Right }
  | { kind: 'limit'; user: string; quota: string; from: number | null; to: number }
  | { kind: 'stray-right'; right: GrantedRight }
  | { kind: 'stray-limit'; user: string; quota: string; from: number }

/**
 * Takes plan and cluster; gives what must change and what is too much. Too much is: a right of a user of the file that the
 * file does not give, and anybody's right that reaches a feed. Rights of other users elsewhere are not ours to judge.
 */
export function diffAccess(plan: AccessPlan, state: AccessState): AccessChange[] {
  const granted = new Set(state.rights.filter(({ host }) => host === '*').map(idOf))
  const planned = new Map(plan.rights.map((right) => [idOf(right), right]))
  const users = new Set(plan.rights.map(({ principal }) => principal))
  const feeds = plan.rights.filter(isFeed).map(({ name }) => name)
  const changes: AccessChange[] = [...planned]
    .filter(([id]) => !granted.has(id))
    .map(([, right]) => ({ kind: 'allow', right }))
  for (const right of state.rights) {
    if (right.host === '*' && planned.has(idOf(right))) continue
    if (users.has(right.principal) || feeds.some((feed) => reaches(right, feed)))
      changes.push({ kind: 'stray-right', right })
  }
  for (const [user, quota] of plan.quotas) {
    const present = state.quotas.get(user) ?? {}
    for (const [key, to] of Object.entries(quota)) {
      if (present[key] !== to) changes.push({ kind: 'limit', user, quota: key, from: present[key] ?? null, to })
    }
    for (const [key, from] of Object.entries(present)) {
      if (!Object.hasOwn(quota, key)) changes.push({ kind: 'stray-limit', user, quota: key, from })
    }
  }
  return changes
}

/** True where the change is made only when somebody asks for it. */
export const isStray = (change: AccessChange): boolean => change.kind === 'stray-right' || change.kind === 'stray-limit'

const idOf = ({ principal, resource, name, pattern, operation }: Right | GrantedRight): string =>
  JSON.stringify([principal, resource, name, pattern, operation])

const isFeed = ({ resource, operation, name }: Right): boolean =>
  resource === 'topic' && operation === 'read' && /(^|\.)feed\.[^.]+$/.test(name)

function reaches({ resource, name, pattern }: GrantedRight, topic: string): boolean {
  if (resource !== 'topic') return false
  if (pattern === 'prefixed') return topic.startsWith(name)
  return name === topic || name === '*'
}

/** One line for people. */
export function describeAccessChange(change: AccessChange): string {
  switch (change.kind) {
    case 'allow':
      return `+ ${inWords(change.right)}`
    case 'limit':
      return `${change.from === null ? '+' : '~'} ${change.user}: ${change.quota} ${change.from === null ? '' : `${change.from} → `}${change.to}`
    case 'stray-right':
      return `- ${inWords(change.right)}${change.right.host === '*' ? '' : ` from ${change.right.host}`} (not in the file)`
    case 'stray-limit':
      return `- ${change.user}: ${change.quota} ${change.from} (not in the file)`
    default:
      return change satisfies never
  }
}

function inWords({ principal, operation, resource, name, pattern }: Right | GrantedRight): string {
  return `${principal}: ${operation} ${resource} ${name}${pattern === 'prefixed' ? '…' : ''}`
}
