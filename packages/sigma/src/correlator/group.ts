import type { CompiledCorrelation } from '../correlations.ts'
import { compareEntries, type Entry, firstAtOrAfter, lowerBound } from './entry.ts'
import { absorb, type Episode, eventCount, type GroupIdentity, keepGone, openEpisode, report } from './episode.ts'
import type { Firing } from './firing.ts'
import type { GroupFacts, GroupState, StoredGroup } from './group-state.ts'
import type { Observation } from './observation.ts'
import { type Walker, walkerFor } from './window-walker.ts'

export interface GroupLimits {
  maxEntries: number
  /** Event time between two updates of an episode that only grows; a doubled count is told at once. */
  updateEveryMs: number
  /** False where only single positions are asked for: no episodes are kept and nothing is reported of them. */
  episodes: boolean
}

/** What touching a group gave: reports, and entries at which the condition newly holds. */
export interface GroupOutput {
  firings: Firing[]
  fired: Entry[]
}

/** What all groups of one correlation have in common. */
export interface GroupKind {
  correlation: CompiledCorrelation
  limits: GroupLimits
  stored: GroupState | null
}

/** The state of one correlation for one group key. Most groups are idle, and there may be a million: each field of it counts. */
export class Group implements GroupIdentity {
  readonly groupKey: string
  entries: Entry[] = none
  episodes: Episode[] = none
  /** Entries before this position are final: no earlier event can come any more. */
  settled = 0
  /** When it was last noted to be due; infinite when it is not. */
  scheduledMs = Number.POSITIVE_INFINITY
  private readonly kind: GroupKind
  /** What is stored of it as a whole, once there is something. */
  private facts: GroupFacts | null = null
  private walker: Walker | null = null
  /** Episodes that became part of another one and are not yet closed. */
  private superseded: { episode: Episode; by: string }[] = none

  constructor(kind: GroupKind, groupKey: string) {
    this.kind = kind
    this.groupKey = groupKey
  }

  get correlation(): CompiledCorrelation {
    return this.kind.correlation
  }

  /** True once entries had to be given up for the cap. */
  get cut(): boolean {
    return this.facts?.cut ?? false
  }

  private get limits(): GroupLimits {
    return this.kind.limits
  }

  private get stored(): GroupState | null {
    return this.kind.stored
  }

  // Read from the key when something is reported, not held.
  get constituent(): string {
    return (JSON.parse(this.groupKey) as string[])[0] ?? ''
  }

  /** Group-by values. */
  get key(): string[] {
    return (JSON.parse(this.groupKey) as string[]).slice(1)
  }

  /** Takes back what was stored, in any order of its records. */
  restore({ entries, episodes, evidence, facts }: StoredGroup): void {
    this.entries = entries.sort(compareEntries)
    this.episodes = episodes
    for (const { detectionId, position, evidence: kept } of evidence) {
      const episode = episodes.find((known) => known.detectionId === detectionId)
      if (episode !== undefined) episode.gone[position] = kept
    }
    this.settled = firstAtOrAfter(this.entries, facts?.settledMs ?? Number.NEGATIVE_INFINITY)
    this.facts = facts
  }

  /** Removes all that is stored of the group. */
  forget(): void {
    for (const entry of this.entries) this.stored?.removeEntry(this.groupKey, entry)
    for (const episode of this.episodes) this.stored?.removeEpisode(this.groupKey, episode)
    if (this.facts !== null) this.stored?.removeFacts(this.groupKey)
  }

  /** Puts an observation at its place. Gives its position, or -1 when the same event was counted for the same rule before. */
  insert(observation: Observation): number {
    const rule = this.correlation.ruleIds.indexOf(observation.ruleId)
    let index = lowerBound(this.entries, observation)
    for (; index < this.entries.length; index++) {
      const entry = this.entries[index] as Entry
      if (compareEntries(entry, observation) !== 0) break
      if (entry.eventId !== observation.eventId) continue
      if (entry.rules.includes(rule)) return -1
      entry.rules = [...entry.rules, rule].sort((a, b) => a - b)
      entry.values ??= observation.values
      this.walker?.invalidate(index)
      this.stored?.entry(this.groupKey, entry)
      return index
    }
    this.walker?.invalidate(index)
    const entry = newEntry(observation, rule)
    // A list of one that never grows is a tenth of one that was pushed to.
    if (this.entries.length === 0) this.entries = [entry]
    else if (index === this.entries.length) this.entries.push(entry)
    else this.entries.splice(index, 0, entry)
    this.stored?.entry(this.groupKey, entry)
    return index
  }

  /** Evaluates an inserted entry and those behind it whose windows hold it. Only for conditions that may fire at once. */
  evaluateFrom(index: number): GroupOutput {
    const untilMs = (this.entries[index] as Entry).atMs + this.correlation.timespanMs
    const fired: Entry[] = []
    for (let i = index; i < this.entries.length && (this.entries[i] as Entry).atMs <= untilMs; i++)
      this.evaluate(i, fired)
    return { firings: this.reportChanges(), fired }
  }

  /** Evaluates and passes on everything before the watermark. Gives the entries that became final, the firing ones among them. */
  settle(watermarkMs: number, output: GroupOutput): Entry[] {
    const end = firstAtOrAfter(this.entries, watermarkMs)
    const final = this.entries.slice(this.settled, end)
    if (!this.correlation.immediate) {
      for (let i = this.settled; i < end; i++) this.evaluate(i, output.fired)
    }
    this.settled = Math.max(this.settled, end)
    if (final.length > 0)
      this.keepFacts({ settledMs: Number.isFinite(watermarkMs) ? watermarkMs : null, cut: this.cut })
    output.firings.push(...this.reportChanges())
    return final
  }

  /** Reports due updates and closes episodes whose condition was false for one timespan. */
  close(watermarkMs: number, output: GroupOutput): void {
    const open: Episode[] = []
    for (const episode of this.episodes) {
      if (watermarkMs > episode.lastMs + this.correlation.timespanMs) {
        output.firings.push(report(episode, 'close', this, this.entries))
        this.stored?.removeEpisode(this.groupKey, episode)
      } else {
        if (episode.pending && watermarkMs >= episode.reportedMs + this.limits.updateEveryMs) {
          output.firings.push(report(episode, 'update', this, this.entries))
          this.stored?.episode(this.groupKey, episode)
        }
        open.push(episode)
      }
    }
    this.episodes = open
  }

  /** Drops entries that no window can hold any more; a few among many stay a while, so that dropping costs each entry little. */
  prune(watermarkMs: number, all = false): void {
    const old = Math.min(firstAtOrAfter(this.entries, watermarkMs - this.correlation.timespanMs), this.settled)
    if (all || 4 * old >= this.entries.length || old >= maxIdleEntries) this.drop(old)
  }

  /** Gives up the oldest tenth when there are a tenth too many. Gives how many were not yet past their time. */
  enforceCap(): number {
    const { maxEntries } = this.limits
    const excess = this.entries.length - maxEntries
    if (excess <= maxEntries / 10) return 0
    this.drop(excess)
    this.keepFacts({ settledMs: this.facts?.settledMs ?? null, cut: true })
    return excess
  }

  /** The watermark beyond which something is to be done here; infinite for an empty group. */
  dueMs(settles: boolean): number {
    let due = Number.POSITIVE_INFINITY
    const { timespanMs, lagMs } = this.correlation
    const waiting = this.entries[this.settled]
    if (settles && waiting !== undefined) due = waiting.atMs
    const last = this.entries.at(-1)
    if (last !== undefined) due = Math.min(due, last.atMs + timespanMs)
    for (const episode of this.episodes) {
      due = Math.min(due, episode.lastMs + timespanMs)
      if (episode.pending) due = Math.min(due, episode.reportedMs + this.limits.updateEveryMs)
    }
    return due + lagMs
  }

  private keepFacts(facts: GroupFacts): void {
    this.facts = facts
    this.stored?.facts(this.groupKey, facts)
  }

  private evaluate(index: number, fired: Entry[]): void {
    const entry = this.entries[index] as Entry
    const held = entry.holds
    const value = entry.value
    const walker = this.walker ?? walkerFor(this.correlation)
    if (this.entries.length > 1) this.walker = walker
    walker.evaluate(this.entries, index)
    if (entry.holds !== held || entry.value !== value) this.stored?.entry(this.groupKey, entry)
    if (!entry.holds) return
    if (!held) fired.push(entry)
    if (!this.limits.episodes) return
    if (!held) this.extendEpisodes(entry)
    else if (entry.value !== value) this.noteValue(entry)
  }

  private extendEpisodes(entry: Entry): void {
    const { timespanMs } = this.correlation
    const near = this.episodes.filter(
      (episode) => entry.atMs >= episode.firstMs - timespanMs && entry.atMs <= episode.lastMs + timespanMs,
    )
    const [first, ...others] = near.sort((a, b) => a.firstMs - b.firstMs)
    if (first === undefined) {
      const opened = openEpisode(this.correlation, this.groupKey, entry)
      this.episodes = [...this.episodes, opened]
      this.stored?.episode(this.groupKey, opened)
      return
    }
    first.firstMs = Math.min(first.firstMs, entry.atMs)
    first.lastMs = Math.max(first.lastMs, entry.atMs)
    first.pending = true
    this.noteValue(entry)
    for (const other of others) this.merge(first, other)
    this.stored?.episode(this.groupKey, first)
  }

  private noteValue(entry: Entry): void {
    for (const episode of this.episodes) {
      if (episode.lastMs !== entry.atMs || episode.pending) continue
      episode.pending = true
      this.stored?.episode(this.groupKey, episode)
    }
  }

  // An event out of order can join two episodes: the earlier one goes on, the other is closed with a pointer to it.
  private merge(into: Episode, other: Episode): void {
    this.episodes = this.episodes.filter((open) => open !== other)
    if (other.revision >= 0) this.superseded = [...this.superseded, { episode: other, by: into.detectionId }]
    this.stored?.removeEpisode(this.groupKey, other)
    const kept = into.gone.length
    absorb(into, other)
    for (let position = kept; position < into.gone.length; position++)
      this.stored?.evidence(this.groupKey, into, position)
  }

  private reportChanges(): Firing[] {
    if (this.episodes.length === 0 && this.superseded.length === 0) return none
    const firings = this.superseded.map(({ episode, by }) => report(episode, 'close', this, this.entries, by))
    this.superseded = none
    for (const episode of this.episodes) {
      if (episode.revision >= 0 && !this.updateDue(episode)) continue
      firings.push(report(episode, episode.revision < 0 ? 'open' : 'update', this, this.entries))
      this.stored?.episode(this.groupKey, episode)
    }
    return firings
  }

  private updateDue(episode: Episode): boolean {
    if (!episode.pending) return false
    if (episode.lastMs >= episode.reportedMs + this.limits.updateEveryMs) return true
    return eventCount(episode, this.entries, this.correlation.timespanMs) >= 2 * episode.reportedCount
  }

  private drop(count: number): void {
    if (count <= 0) return
    for (let i = 0; i < count; i++) {
      const entry = this.entries[i] as Entry
      for (const episode of this.episodes) {
        if (keepGone(episode, entry, this.correlation))
          this.stored?.evidence(this.groupKey, episode, episode.gone.length - 1)
      }
      this.stored?.removeEntry(this.groupKey, entry)
    }
    for (const episode of this.episodes) this.stored?.episode(this.groupKey, episode)
    this.walker?.drop(this.entries, count)
    this.entries.splice(0, count)
    this.settled = Math.max(0, this.settled - count)
  }
}

const maxIdleEntries = 1_024
const none: never[] = []
/** Lists of one rule, made once: most entries have one. */
const oneRule = Array.from({ length: 64 }, (_, rule) => [rule])

function newEntry(observation: Observation, rule: number): Entry {
  const { atMs, order, eventId, values, carry, detail } = observation
  return {
    atMs,
    order,
    eventId,
    rules: oneRule[rule] ?? [rule],
    values,
    carry,
    detail,
    value: null,
    holds: false,
    edge: false,
  }
}
