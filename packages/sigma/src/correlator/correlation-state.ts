import type { CompiledCorrelation } from '../correlations.ts'
import { DueHeap } from './due-heap.ts'
import { Group, type GroupKind, type GroupLimits } from './group.ts'
import { GroupState } from './group-state.ts'
import type { StateLog } from './state-log.ts'

/** The groups of one correlation and when each has something to do. */
export class CorrelationState {
  readonly correlation: CompiledCorrelation
  readonly groups = new Map<string, Group>()
  /** Nothing before this event time is counted any more. */
  watermarkMs: number
  /** Entries held in all groups. */
  entries = 0
  evictedEntries = 0
  evictedGroups = 0
  lateEvents = 0
  /** True when entries must be passed on one by one as they become final. */
  readonly settles: boolean
  private readonly kind: GroupKind
  private readonly heap = new DueHeap<Group>()

  constructor(
    correlation: CompiledCorrelation,
    watermarkMs: number,
    positions: boolean,
    log: StateLog | null,
    limits: GroupLimits,
  ) {
    const stored = log === null ? null : new GroupState(log, correlation.stateHash, correlation.metadata.id)
    this.kind = { correlation, limits, stored }
    this.correlation = correlation
    this.watermarkMs = watermarkMs
    this.settles = positions || !correlation.immediate
  }

  group(groupKey: string): Group {
    let group = this.groups.get(groupKey)
    if (group === undefined) {
      group = new Group(this.kind, groupKey)
      this.groups.set(groupKey, group)
    }
    return group
  }

  /** Notes when the group is due; an earlier note stays. */
  schedule(group: Group): void {
    const dueMs = group.dueMs(this.settles)
    if (dueMs >= group.scheduledMs) return
    group.scheduledMs = dueMs
    this.heap.push(dueMs, group)
  }

  /** The groups that are due before the watermark, each once. */
  *due(watermarkMs: number): Generator<Group> {
    for (let next = this.heap.popBefore(watermarkMs); next !== undefined; next = this.heap.popBefore(watermarkMs)) {
      // A note of a group that was scheduled again for an earlier time, or is gone, is stale.
      if (next.item.scheduledMs !== next.dueMs) continue
      next.item.scheduledMs = Number.POSITIVE_INFINITY
      yield next.item
    }
  }

  remove(group: Group): void {
    this.groups.delete(group.groupKey)
    group.scheduledMs = Number.POSITIVE_INFINITY
  }

  /**
   * The groups to give up so that `excess` others have room: those with the fewest entries, a hundredth of all at once, never one with
   * an open episode. A slow attack is old, so age does not decide (correlation.md 5.4).
   */
  leastProgressed(excess: number): Group[] {
    const wanted = excess + Math.ceil(this.groups.size / 100)
    const found: Group[] = []
    for (let entries = 0, next = 0; found.length < wanted && next < Number.POSITIVE_INFINITY; entries = next) {
      next = Number.POSITIVE_INFINITY
      for (const group of this.groups.values()) {
        if (group.episodes.length > 0) continue
        if (group.entries.length === entries) found.push(group)
        else if (group.entries.length > entries) next = Math.min(next, group.entries.length)
        if (found.length >= wanted) break
      }
    }
    return found
  }
}
