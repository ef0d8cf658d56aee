import type { Entry } from './entry.ts'
import type { Episode } from './episode.ts'
import type { Evidence } from './firing.ts'
import { groupPrefix, type StateKey, type StateKind, type StateLog, stateKeyOf } from './state-log.ts'

/** What is said of a group as a whole. */
export interface GroupFacts {
  /** Entries before this time are final. */
  settledMs: number | null
  cut: boolean
}

/**
 * The stored form of the groups of one correlation: writes what changed of them to the log, under keys that begin alike for one group. The
 * beginning is made when something is written and not held: there may be a million idle groups.
 */
export class GroupState {
  private readonly log: StateLog
  private readonly stateHash: string
  private readonly correlationId: string

  constructor(log: StateLog, stateHash: string, correlationId: string) {
    this.log = log
    this.stateHash = stateHash
    this.correlationId = correlationId
  }

  entry(groupKey: string, entry: Entry): void {
    this.log.put(this.key(groupKey, 'entry', entry.eventId), entry)
  }

  removeEntry(groupKey: string, entry: Entry): void {
    this.log.remove(this.key(groupKey, 'entry', entry.eventId))
  }

  facts(groupKey: string, facts: GroupFacts): void {
    this.log.put(this.key(groupKey, 'group', ''), facts)
  }

  removeFacts(groupKey: string): void {
    this.log.remove(this.key(groupKey, 'group', ''))
  }

  /** The episode without the contributing events that it keeps: those are written once each. */
  episode(groupKey: string, episode: Episode): void {
    this.log.put(this.key(groupKey, 'episode', episode.detectionId), { ...episode, gone: [] })
  }

  evidence(groupKey: string, episode: Episode, position: number): void {
    const evidence = episode.gone[position]
    if (evidence !== undefined) this.log.put(this.key(groupKey, 'evidence', evidenceName(episode, position)), evidence)
  }

  removeEpisode(groupKey: string, episode: Episode): void {
    this.log.remove(this.key(groupKey, 'episode', episode.detectionId))
    episode.gone.forEach((_, position) =>
      this.log.remove(this.key(groupKey, 'evidence', evidenceName(episode, position))),
    )
  }

  private key(groupKey: string, kind: StateKind, name: string): string {
    return stateKeyOf(groupPrefix(this.stateHash, this.correlationId, groupKey), kind, name)
  }
}

const evidenceName = ({ detectionId }: Episode, position: number): string => `${detectionId}/${position}`

/** The records of one group, gathered while a changelog is read in any order. */
export interface StoredGroup {
  key: StateKey
  entries: Entry[]
  episodes: Episode[]
  evidence: { detectionId: string; position: number; evidence: Evidence }[]
  facts: GroupFacts | null
}

/** Adds one stored record to its group. Throws a SyntaxError for what this engine does not write. */
export function gather(group: StoredGroup, key: StateKey, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    throw new SyntaxError('The stored record is not of a kind that this engine writes.')
  }
  switch (key.kind) {
    case 'entry':
      group.entries.push(value as Entry)
      return
    case 'episode':
      group.episodes.push({ ...(value as Episode), gone: [] })
      return
    case 'group':
      group.facts = value as GroupFacts
      return
    case 'evidence': {
      const [detectionId = '', position = '0'] = key.name.split('/')
      group.evidence.push({ detectionId, position: Number(position), evidence: value as Evidence })
    }
  }
}
