import type { EventDraft } from '../draft.ts'
import type { FieldValue } from '../parser.ts'
import { readMac, readTransport } from '../values.ts'

/** One shape of a message: a linear expression, the fields of its groups in order, and how ECS classifies the event. */
export interface Pattern {
  readonly shape: RegExp
  /** Targets of the groups, parted by spaces; `_` skips one. A target that ends in `.ip` also takes `a:port`, and a name as `.domain`. */
  readonly names?: string
  readonly category?: string[]
  readonly type?: string[]
  readonly action?: string
  readonly outcome?: 'success' | 'failure' | 'unknown'
  readonly extra?: Readonly<Record<string, FieldValue>>
}

/** Applies the first pattern that matches; says whether one did. */
export function readPatterns(patterns: readonly Pattern[], text: string, event: EventDraft): boolean {
  for (const pattern of patterns) {
    const match = pattern.shape.exec(text)
    if (match === null) continue
    setGroups(pattern.names, match, event)
    if (pattern.category !== undefined) event.set('event.category', [...pattern.category])
    if (pattern.type !== undefined) event.set('event.type', [...pattern.type])
    event.set('event.action', pattern.action)
    event.set('event.outcome', pattern.outcome)
    for (const [name, value] of Object.entries(pattern.extra ?? {})) event.set(name, value)
    return true
  }
  return false
}

/** Sets the groups of a match to the fields named, each as its kind demands. */
export function setGroups(names: string | undefined, match: RegExpExecArray, event: EventDraft): void {
  if (names === undefined) return
  for (const [index, name] of names.split(' ').entries()) {
    const value = match[index + 1]
    if (value !== undefined && name !== '_') setTyped(name, value, event)
  }
}

const integerField = /(?:\.bytes|\.packets|\.pid|\.status_code|\.severity|\.duration|\.size)$/

/** Sets a field from text by the kind that its name tells. */
export function setTyped(name: string, value: string, event: EventDraft): void {
  if (name.endsWith('.ip')) event.endpoint(name.slice(0, -3), value)
  else if (name.endsWith('.port')) event.port(name, value)
  else if (name.endsWith('.mac')) event.set(name, readMac(value))
  else if (name === 'network.transport') event.set(name, readTransport(value) ?? value.toLowerCase())
  else if (name === 'network.protocol') event.set(name, value.toLowerCase())
  else if (integerField.test(name)) event.integer(name, value)
  else event.set(name, value)
}
