import type { EventDraft } from '../draft.ts'
import type { Pair } from '../parser.ts'
import type { TimeContext } from '../time/read-time.ts'
import { fillValue } from './fill-value.ts'
import { nameEnds } from './local-remote.ts'
import { type NameRule, nameRules } from './names.ts'

interface Candidate {
  readonly rule: NameRule
  /** Place in the list of names; the least wins. */
  readonly rank: number
}

/** All candidates of one written key, memorised; hostile keys cannot fill it beyond `maxKnownKeys`. */
const known = new Map<string, readonly Candidate[]>()
const maxKnownKeys = 20_000
const none: readonly Candidate[] = []

const byName = new Map<string, Candidate[]>()
for (const rule of nameRules) {
  for (const [rank, name] of rule.names.split(' ').entries()) {
    const list = byName.get(name) ?? []
    list.push({ rule, rank })
    byName.set(name, list)
  }
}

/** Fields of ECS that a sender may already use as its keys; they are taken as they are. */
const ecsName =
  /^(?:source|destination|client|server|user|process|file|url|http|dns|rule|network|host|event|observer|email|tls|user_agent|group|error|registry|service)\.[a-z_.0-9]{2,60}$/
const ecsNumbers = /(?:\.port|\.bytes|\.packets|\.pid|status_code)$/
const ecsPairs = new Set(nameRules.flatMap((rule) => (rule.kind === 'address' ? [`${rule.target}.ip`] : [rule.target])))
for (const name of [
  'host.name',
  'host.hostname',
  'source.ip',
  'destination.ip',
  'client.ip',
  'server.ip',
  'user.target.name',
  'process.parent.pid',
  'event.code',
  'event.action',
  'process.thread.id',
  'observer.hostname',
])
  ecsPairs.add(name)

/**
 * Fills fields from a vendor frame's pairs by the dictionary of names. What a parser has set stays; where several keys speak of one field the
 * better name wins, and then the earlier pair.
 *
 * @param headerNamesTime whether the transport header gives a time; names of times that may mean another moment are left alone then.
 */
export function mapPairs(
  pairs: readonly Pair[],
  event: EventDraft,
  context: TimeContext,
  headerNamesTime = false,
): void {
  const best = new Map<NameRule, { rank: number; pair: Pair }[]>()
  for (const pair of nameEnds(pairs)) {
    if (pair[1] === '') continue
    if (copyEcs(pair, event)) continue
    for (const { rule, rank } of candidates(pair[0])) {
      const list = best.get(rule)
      if (list === undefined) best.set(rule, [{ rank, pair }])
      else if (list.length < 16) list.push({ rank, pair })
    }
  }
  for (const [rule, list] of best) if (rule.kind !== 'other-time') fillBest(rule, list, event, context)
  if (event.time !== undefined || headerNamesTime) return
  for (const [rule, list] of best) if (rule.kind === 'other-time') fillBest(rule, list, event, context)
}

/** The next name is tried where a value is no value of its kind (a port "any", an address "-"). */
function fillBest(rule: NameRule, list: { rank: number; pair: Pair }[], event: EventDraft, context: TimeContext): void {
  if (list.length > 1) list.sort((a, b) => a.rank - b.rank)
  for (const { pair } of list) if (fillValue(rule, pair[1], event, context)) return
}

function copyEcs(pair: Pair, event: EventDraft): boolean {
  const [key, value] = pair
  if (!key.includes('.') || !ecsPairs.has(key) || !ecsName.test(key)) return false
  if (key === 'event.category' || key === 'event.type') return false
  if (ecsNumbers.test(key)) {
    const number = Number(value)
    return Number.isFinite(number) && event.fill(key, number)
  }
  return event.fill(key, value)
}

function candidates(key: string): readonly Candidate[] {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = lookUp(key)
  if (known.size < maxKnownKeys) known.set(key, made)
  return made
}

/** Names that mean something else inside another object (`tls.subject`, `flow.start`). */
const onlyAlone = new Set(['subject', 'from', 'to', 'start', 'end'])

function lookUp(key: string): readonly Candidate[] {
  const whole = byName.get(plain(key))
  if (whole !== undefined) return whole
  const members = key.split('.')
  // JSON made from XML keeps an element's text beside its attributes.
  if (/^(?:#?text|value|_|\$)$/i.test(members[members.length - 1] ?? '')) members.pop()
  if (members.length < 1) return none
  const last = members[members.length - 1] ?? ''
  const two = byName.get(plain((members[members.length - 2] ?? '') + last))
  return two ?? (onlyAlone.has(plain(last)) && members.length > 1 ? none : (byName.get(plain(last)) ?? none))
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
