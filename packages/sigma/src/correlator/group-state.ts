import type { Entry } from './entry.ts'
import type { Episode } from './episode.ts'
import type { Evidence } from './firing.ts'
import { groupPrefix, type StateKey, type StateLog, stateKeyOf } from './state-log.ts'

/** What is said of a group as a whole. */
export interface GroupFacts {
  /** Entries before this time are final. */
  settledMs: number | null
  cut: boolean
}

/** The stored form of one group: writes what changed of it to the log, under keys that begin alike. */
export class GroupState {
  private readonly log: StateLog
  private readonly prefix: string
  private kept = false

  constructor(log: StateLog, stateHash: string, correlationId: string, groupKey: string) {
    this.log = log
    this.prefix = groupPrefix(stateHash, correlationId, groupKey)
  }

  entry(entry: Entry): void {
    this.log.put(stateKeyOf(this.prefix, 'entry', entry.eventId), entry)
  }

  removeEntry(entry: Entry): void {
    this.log.remove(stateKeyOf(this.prefix, 'entry', entry.eventId))
  }

  facts(facts: GroupFacts): void {
    this.kept = true
    this.log.put(stateKeyOf(this.prefix, 'group', ''), facts)
  }

  /** Says that the group was restored with facts, so that they are removed with it. */
  restoredFacts(): void {
    this.kept = true
  }

  removeFacts(): void {
    if (this.kept) this.log.remove(stateKeyOf(this.prefix, 'group', ''))
  }

  /** The episode without the contributing events that it keeps: those are written once each. */
  episode(episode: Episode): void {
    this.log.put(stateKeyOf(this.prefix, 'episode', episode.detectionId), { ...episode, gone: [] })
  }

  evidence(episode: Episode, position: number): void {
    const evidence = episode.gone[position]
    if (evidence !== undefined) this.log.put(this.evidenceKey(episode, position), evidence)
  }

  removeEpisode(episode: Episode): void {
    this.log.remove(stateKeyOf(this.prefix, 'episode', episode.detectionId))
    episode.gone.forEach((_, position) => this.log.remove(this.evidenceKey(episode, position)))
  }

  private evidenceKey(episode: Episode, position: number): string {
    return stateKeyOf(this.prefix, 'evidence', `${episode.detectionId}/${position}`)
  }
}

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
