import type { CompiledCorrelation, MemberFields } from '../correlations.ts'
import { maxEntriesPerGroup } from '../parse-correlation.ts'
import { CorrelationState } from './correlation-state.ts'
import type { Entry } from './entry.ts'
import type { Firing, Position } from './firing.ts'
import type { Group, GroupLimits, GroupOutput } from './group.ts'
import { gather, type StoredGroup } from './group-state.ts'
import { groupKeyOf, type Observation, ObservationIndex } from './observation.ts'
import { parseStateKey, type StateChange, StateLog } from './state-log.ts'

export interface CorrelatorOptions {
  maxEntriesPerGroup?: number
  /** Groups kept for one correlation. */
  maxGroups?: number
  /** Events held by all correlations together. */
  maxHeldEvents?: number
  /** Event time between two updates of one episode; a doubled count is reported at once. */
  updateEveryMs?: number
  /** Also give every event at which a condition held, once it is final (`tocsin correlate`). */
  positions?: boolean
  /** Watermark to go on from after a restart, milliseconds since 1970; one for all, or one for each depth of a chain. */
  watermark?: Watermark
  /** Where chains cross workers: firings for correlations above are handed out as `chained` instead of being counted here. */
  handOutChains?: boolean
  /** False where nobody stores the state: then changes are not gathered. */
  stored?: boolean
  /** False where nobody asks for firings: then episodes are not kept. Positions and chains work as ever. */
  episodes?: boolean
}

/** How far event time has come: the same for all correlations, or by their depth in a chain (1: over rules). */
export type Watermark = number | ((depth: number) => number)

/** What one step gave. */
export interface CorrelatorOutput {
  firings: Firing[]
  positions: Position[]
  /** The observation, when it came behind the watermark: it was not counted. */
  late: Observation | null
  /** Firings as observations for the correlations above, where chains are handed out. */
  chained: Observation[]
}

export interface CorrelatorStats {
  correlationId: string
  groups: number
  /** Events held. */
  entries: number
  evictedEntries: number
  evictedGroups: number
  lateEvents: number
}

/**
 * The windows of a rule set. It is told events and how far time has come, and owns its state; it knows no clock and no broker.
 *
 * Promise: once the watermark has passed, what it reported is what a brute-force evaluation over the events in the order of event time gives, whatever the
 * order in which they came, as long as none was late. Conditions that more events can only make true fire at once, all others when the
 * watermark passes.
 */
export class Correlator {
  private readonly states = new Map<string, CorrelationState>()
  private readonly index: ObservationIndex
  private readonly limits: GroupLimits
  private readonly maxGroups: number
  private readonly maxHeldEvents: number
  private readonly positions: boolean
  private readonly handOutChains: boolean
  private readonly log: StateLog | null
  private held = 0

  /** Takes correlations in the order that `compileRules` gives: each behind those that it refers to. */
  constructor(correlations: readonly CompiledCorrelation[], options: CorrelatorOptions = {}) {
    this.index = new ObservationIndex(correlations)
    this.limits = {
      maxEntries: options.maxEntriesPerGroup ?? maxEntriesPerGroup,
      updateEveryMs: options.updateEveryMs ?? 10_000,
      episodes: options.episodes ?? true,
    }
    this.maxGroups = options.maxGroups ?? 1_000_000
    this.maxHeldEvents = options.maxHeldEvents ?? 5_000_000
    this.positions = options.positions ?? false
    this.handOutChains = options.handOutChains ?? false
    this.log = options.stored === false ? null : new StateLog()
    const watermark = options.watermark ?? Number.NEGATIVE_INFINITY
    for (const correlation of correlations) {
      const watermarkMs = msAt(watermark, correlation)
      this.states.set(
        correlation.metadata.id,
        new CorrelationState(correlation, watermarkMs, this.positions, this.log, this.limits),
      )
    }
  }

  /** Counts one observation. One of a correlation that this rule set does not have is ignored. */
  observe(observation: Observation): CorrelatorOutput {
    const output: CorrelatorOutput = { firings: [], positions: [], late: null, chained: [] }
    this.accept(observation, output)
    return output
  }

  /** Tells that no event before the watermark will come any more. A watermark that goes back changes nothing. */
  advance(watermark: Watermark): CorrelatorOutput {
    const output: CorrelatorOutput = { firings: [], positions: [], late: null, chained: [] }
    for (const state of this.states.values()) {
      const reachedMs = msAt(watermark, state.correlation)
      if (reachedMs <= state.watermarkMs) continue
      for (const group of state.due(reachedMs)) this.settle(state, group, reachedMs, output)
      state.watermarkMs = reachedMs
    }
    return output
  }

  /** Ends everything that is open, as if time had gone on for ever: for a finished file. */
  finish(): CorrelatorOutput {
    return this.advance(Number.POSITIVE_INFINITY)
  }

  /** The records of state that changed since the last call: one or two small ones for each event, however large its group. */
  takeChanges(): StateChange[] {
    return this.log?.take() ?? []
  }

  /** Takes stored records back, in any order. Gives the keys of those that mean nothing to these correlations any more. */
  restore(records: Iterable<[key: string, state: unknown]>): string[] {
    const groups = new Map<string, StoredGroup>()
    const foreign: string[] = []
    for (const [text, state] of records) {
      const key = parseStateKey(text)
      if (key === null || this.states.get(key.correlationId)?.correlation.stateHash !== key.stateHash) {
        foreign.push(text)
        continue
      }
      const name = `${key.correlationId} ${key.groupKey}`
      let group = groups.get(name)
      if (group === undefined) {
        group = { key, entries: [], episodes: [], evidence: [], facts: null }
        groups.set(name, group)
      }
      gather(group, key, state)
    }
    for (const stored of groups.values()) this.restoreGroup(stored)
    return foreign
  }

  private restoreGroup(stored: StoredGroup): void {
    const { correlationId, groupKey } = stored.key
    const state = this.states.get(correlationId) as CorrelationState
    const group = state.group(groupKey)
    group.restore(stored)
    this.hold(state, group.entries.length)
    state.schedule(group)
  }

  /** Sizes and losses, for metrics and health events. */
  stats(): CorrelatorStats[] {
    return [...this.states.values()].map((state) => ({
      correlationId: state.correlation.metadata.id,
      groups: state.groups.size,
      entries: state.entries,
      evictedEntries: state.evictedEntries,
      evictedGroups: state.evictedGroups,
      lateEvents: state.lateEvents,
    }))
  }

  private accept(observation: Observation, output: CorrelatorOutput): void {
    const state = this.states.get(observation.correlationId)
    if (state === undefined || !state.correlation.members.has(observation.ruleId)) return
    if (observation.atMs < state.watermarkMs) {
      state.lateEvents++
      output.late = observation
      return
    }
    const groupKey = groupKeyOf(observation.constituent, observation.key)
    const group = state.group(groupKey)
    const held = group.entries.length
    const index = group.insert(observation)
    if (index < 0) return
    this.hold(state, group.entries.length - held)
    if (state.correlation.immediate) this.pass(state, group, group.evaluateFrom(index), output)
    // What time has passed by goes first; only what then is still too much counts as given up.
    if (group.entries.length > this.limits.maxEntries) this.settle(state, group, state.watermarkMs, output, true)
    const cut = group.enforceCap()
    state.evictedEntries += cut
    this.hold(state, -cut)
    state.schedule(group)
    this.makeRoom(state)
  }

  private settle(
    state: CorrelationState,
    group: Group,
    reachedMs: number,
    output: CorrelatorOutput,
    pruneAll = false,
  ): void {
    const watermarkMs = reachedMs - state.correlation.lagMs
    const result: GroupOutput = { firings: [], fired: [] }
    const held = group.entries.length
    const final = group.settle(watermarkMs, result)
    if (this.positions) for (const entry of final) if (entry.holds) output.positions.push(positionOf(group, entry))
    group.close(watermarkMs, result)
    group.prune(watermarkMs, pruneAll)
    this.hold(state, group.entries.length - held)
    this.pass(state, group, result, output)
    if (group.entries.length === 0 && group.episodes.length === 0) this.discard(state, group)
    else state.schedule(group)
  }

  /** Hands on what a group reported, and lets the correlations above it see where its condition holds. */
  private pass(state: CorrelationState, group: Group, result: GroupOutput, output: CorrelatorOutput): void {
    if (result.firings.length > 0) output.firings.push(...result.firings)
    if (result.fired.length === 0) return
    const parents = this.index.fedBy(state.correlation.metadata.id)
    for (const parent of parents) {
      for (const entry of result.fired) {
        const chained = chainedObservation(parent, group, entry)
        if (chained === null) continue
        if (this.handOutChains) output.chained.push(chained)
        else this.accept(chained, output)
      }
    }
  }

  private hold(state: CorrelationState, entries: number): void {
    state.entries += entries
    this.held += entries
  }

  /** Keeps the caps: that of the correlation, and that of all, for which the one that holds most gives way. */
  private makeRoom(state: CorrelationState): void {
    if (state.groups.size > this.maxGroups) this.evict(state, state.groups.size - this.maxGroups)
    if (this.held <= this.maxHeldEvents) return
    const fullest = [...this.states.values()].reduce((most, next) => (next.entries > most.entries ? next : most), state)
    this.evict(fullest, 1)
  }

  private evict(state: CorrelationState, excess: number): void {
    for (const group of state.leastProgressed(excess)) {
      state.evictedGroups++
      this.discard(state, group)
    }
  }

  private discard(state: CorrelationState, group: Group): void {
    this.hold(state, -group.entries.length)
    group.forget()
    state.remove(group)
  }
}

function msAt(watermark: Watermark, { depth }: CompiledCorrelation): number {
  return typeof watermark === 'number' ? watermark : watermark(depth)
}

/** A correlation's firing as an event for the one above it: its group-by values first, then what the event carried (C12). */
function chainedObservation(parent: CompiledCorrelation, group: Group, entry: Entry): Observation | null {
  const child = group.correlation
  const fields = parent.members.get(child.metadata.id) as MemberFields
  const own = group.key
  const lookUp = (name: string): string | undefined => {
    const position = child.groupBy.indexOf(name)
    return position >= 0 ? own[position] : Object.hasOwn(entry.carry, name) ? entry.carry[name] : undefined
  }
  const key = fields.key.map(lookUp)
  const values = fields.value.map(lookUp)
  if (!key.every((text) => text !== undefined)) return null
  return {
    correlationId: parent.metadata.id,
    ruleId: child.metadata.id,
    eventId: entry.eventId,
    // An absence is known only when its timespan has passed, and that is when it happens for the correlation above.
    atMs: entry.atMs + child.lagMs,
    constituent: group.constituent,
    key,
    values: values.every((text) => text !== undefined) ? values : null,
    carry: Object.fromEntries(fields.carry.flatMap(({ name, field }) => present(name, lookUp(field)))),
    detail: entry.detail,
    order: entry.order,
  }
}

function present(name: string, text: string | undefined): [string, string][] {
  return text === undefined ? [] : [[name, text]]
}

function positionOf(group: Group, entry: Entry): Position {
  return {
    correlationId: group.correlation.metadata.id,
    eventId: entry.eventId,
    atMs: entry.atMs,
    order: entry.order,
    key: group.key,
    value: entry.value ?? 0,
    edge: entry.edge,
  }
}
