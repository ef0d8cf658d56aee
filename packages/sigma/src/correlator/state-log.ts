/** One record of stored state: its key, and its value or null where the record is to be removed. */
export interface StateChange {
  key: string
  state: object | null
}

/** What kind of record a key names: an entry, an open episode, one kept contributing event of it, or what is said of the group as a whole. */
export type StateKind = 'entry' | 'episode' | 'evidence' | 'group'

/** A key taken apart. */
export interface StateKey {
  stateHash: string
  correlationId: string
  groupKey: string
  kind: StateKind
  /** Event id, detection id, or detection id and position. */
  name: string
}

const separator = '\u001f'

/** Key of one record. Records are small and each is written when it changes, so a match costs the same in a group of one and of ten thousand. */
export function stateKeyOf(group: string, kind: StateKind, name: string): string {
  return `${group}${separator}${kind}${separator}${name}`
}

/** First part of the keys of a group. Another meaning of the state (correlation.md 5.2) is another key. */
export function groupPrefix(stateHash: string, correlationId: string, groupKey: string): string {
  return `${stateHash}${separator}${correlationId}${separator}${groupKey}`
}

/** Takes a key apart; null for anything that is no key of a group. */
export function parseStateKey(key: string): StateKey | null {
  const [stateHash, correlationId, groupKey, kind, ...name] = key.split(separator)
  if (stateHash === undefined || correlationId === undefined || groupKey === undefined) return null
  if (kind !== 'entry' && kind !== 'episode' && kind !== 'evidence' && kind !== 'group') return null
  return { stateHash, correlationId, groupKey, kind, name: name.join(separator) }
}

/** Changes of stored state since they were last taken, the newest of each record. */
export class StateLog {
  private changes = new Map<string, object | null>()

  put(key: string, state: object): void {
    this.changes.set(key, state)
  }

  remove(key: string): void {
    this.changes.set(key, null)
  }

  take(): StateChange[] {
    const taken = Array.from(this.changes, ([key, state]) => ({ key, state }))
    this.changes = new Map()
    return taken
  }
}
