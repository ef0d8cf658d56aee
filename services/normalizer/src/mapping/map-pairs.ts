import type { EventDraft } from '../draft.ts'
import type { Pair } from '../parser.ts'
import type { TimeContext } from '../time/read-time.ts'
import { fillValue } from './fill-value.ts'
import { endOf, nameEnds } from './local-remote.ts'
import { type NameRule, nameRules } from './names.ts'

interface Candidate {
  readonly rule: NameRule
  /** Place of the rule in the dictionary. */
  readonly place: number
  /** Place in the rule's list of names; the least wins. */
  readonly rank: number
}

/** What one written key can mean. */
interface KeyMeaning {
  readonly candidates: readonly Candidate[]
  readonly isEcs: boolean
  readonly end: 'local' | 'remote' | undefined
}

/** Meanings of written keys, memorised; hostile keys cannot fill it beyond `maxKnownKeys`. */
const known = new Map<string, KeyMeaning>()
const maxKnownKeys = 20_000
const none: readonly Candidate[] = []

const byName = new Map<string, Candidate[]>()
for (const [place, rule] of nameRules.entries()) {
  for (const [rank, name] of rule.names.split(' ').entries()) {
    const list = byName.get(name) ?? []
    list.push({ rule, place, rank })
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
  if (pairs.length === 0) return
  const found = gather(pairs, event) ?? gather(nameEnds(pairs), event, true) ?? []
  moveRequestPath(found)
  for (const [place, rule] of nameRules.entries()) {
    const list = found[place]
    if (list === undefined) continue
    if (rule.kind === 'other-time' && (headerNamesTime || event.time !== undefined)) continue
    fillBest(rule, list, event, context)
  }
}

interface Found {
  readonly rank: number
  readonly value: string
}

/** The values of each rule's names, by the rule's place; undefined where local and remote ends stand side by side and must get their sides first. */
function gather(pairs: readonly Pair[], event: EventDraft, hasSides = false): (Found[] | undefined)[] | undefined {
  const found: (Found[] | undefined)[] = []
  let local = false
  let remote = false
  for (const [key, value] of pairs) {
    if (value === '') continue
    const meaning = meaningOf(key)
    if (meaning.isEcs && copyEcs(key, value, event)) continue
    if (meaning.end !== undefined && !hasSides) {
      if (meaning.end === 'local') local = true
      else remote = true
      if (local && remote) return undefined
    }
    for (const { place, rank } of meaning.candidates) {
      const list = found[place]
      if (list === undefined) found[place] = [{ rank, value }]
      else if (list.length < 16) list.push({ rank, value })
    }
  }
  return found
}

const placeOf = (target: string): number => nameRules.findIndex((rule) => rule.target === target)
const methodPlace = placeOf('http.request.method')
const urlPlace = placeOf('url.original')
const filePlace = placeOf('file.path')

/** Beside a method a `path` is one of a URL, not of a file. */
function moveRequestPath(found: (Found[] | undefined)[]): void {
  if (found[methodPlace] === undefined || found[urlPlace] !== undefined) return
  const paths = found[filePlace]?.filter(({ value }) => value.startsWith('/'))
  if (paths === undefined || paths.length === 0) return
  found[urlPlace] = paths
  found[filePlace] = undefined
}

/** The next name is tried where a value is no value of its kind (a port "any", an address "-"). */
function fillBest(rule: NameRule, list: Found[], event: EventDraft, context: TimeContext): void {
  if (list.length > 1) list.sort((a, b) => a.rank - b.rank)
  for (const { value } of list) if (fillValue(rule, value, event, context)) return
}

function copyEcs(key: string, value: string, event: EventDraft): boolean {
  if (ecsNumbers.test(key)) {
    const number = Number(value)
    return Number.isFinite(number) && event.fill(key, number)
  }
  return event.fill(key, value)
}

function isEcs(key: string): boolean {
  return key.includes('.') && ecsPairs.has(key) && ecsName.test(key) && key !== 'event.category' && key !== 'event.type'
}

function meaningOf(key: string): KeyMeaning {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = { candidates: lookUp(key), isEcs: isEcs(key), end: endOf(key) }
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
