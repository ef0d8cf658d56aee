import type { Match } from '@tocsin/events'
import { type CompiledRuleSet, Correlator, type CorrelatorOutput } from '@tocsin/sigma'
import { emit, type Output, reject, type StageDefinition, type Store, type Task } from '@tocsin/stage'
import { ChainWatermarks, type StoredWatermarks, type Upstream } from './chain-watermarks.ts'
import { detectionOfFiring } from './detection.ts'
import type { EventSummary } from './event-summary.ts'
import { HealthTally, type Tally } from './health-tally.ts'
import { lateOutput } from './late-output.ts'
import { chainedMatchOf, matchKey, observationOf } from './observation-record.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { isInShadow, shadowTally } from './shadow.ts'
import { chainWatermarkRecords, levelsOf } from './watermark-record.ts'

const WATERMARK_KEY = 'watermark'
/** The parts of a chain go on once a second at most: each time costs a record from each task to each. */
const TICK_MS = 1_000

/** T0 of a detection and when it may be forgotten: kept so that an update of an id never moves it. */
interface FirstSeen {
  detectedAt: number
}

/** How much one task may hold: groups of one correlation, and events in all. What is above is given up, counted and alarmed. */
export interface StateLimits {
  maxGroupsPerRule: number
  maxHeldEvents: number
}

const DEFAULT_LIMITS: StateLimits = { maxGroupsPerRule: 1_000_000, maxHeldEvents: 5_000_000 }

/** What the second half needs. */
export interface WindowSettings extends Upstream {
  /** The rules in force now; may change between records. */
  rules: () => RulesInForce
  limits?: StateLimits
}

/**
 * Second half of the engine: owns the windows of the groups of its partition. Groups and first moments are stored, so a
 * restart goes on where the last committed batch ended.
 */
export function correlateWindows(settings: WindowSettings): StageDefinition<'matches'> {
  return {
    name: 'correlation-engine.windows',
    inputs: ['matches'],
    stores: ['groups', 'detections'],
    maxBatchRecords: 2_000,
    tickMs: TICK_MS,
    create: (task) => new WindowsTask(settings, task),
  }
}

class WindowsTask {
  readonly #settings: WindowSettings
  readonly #partition: number
  readonly #tally: HealthTally
  readonly #evicted = new Map<string, number>()
  readonly #groups: Store<object>
  readonly #firstSeen: Store<FirstSeen>
  readonly #watermarks: ChainWatermarks
  #compiled: CompiledRuleSet
  #correlator: Correlator
  #depth = 1
  #watermarkMoved = false
  #told = ''

  constructor(settings: WindowSettings, task: Task) {
    this.#settings = settings
    this.#partition = task.partition
    this.#tally = new HealthTally(`windows/${task.partition}`)
    this.#groups = task.store<object>('groups')
    this.#firstSeen = task.store<FirstSeen>('detections')
    // Restored with the groups, so that after a restart the same events are late as without one.
    const stored = this.#groups.get(WATERMARK_KEY) as StoredWatermarks | undefined
    this.#watermarks = new ChainWatermarks(settings, stored)
    this.#compiled = settings.rules().rules
    this.#correlator = this.#restored()
  }

  process({ value }: { value: Match }, nowMs: number) {
    this.#followRules()
    try {
      if (value.kind === 'match') return emit(...this.#outputsOf(this.#correlator.observe(observationOf(value)), nowMs))
      this.#report(value)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      return reject(
        'invalid_match',
        `The match of event ${value.eventId} does not hold what the engine writes.`,
        value.constituent,
        error,
      )
    }
    return emit(
      ...this.#outputsOf(
        this.#correlator.advance((depth) => this.#watermarks.at(depth)),
        nowMs,
      ),
    )
  }

  /** Tells the other tasks how far the lower levels of chains have come here; what these handed on is in Kafka before it. */
  tick(): readonly Output[] {
    const levels = this.#watermarks.below(this.#depth)
    const told = levels.join()
    if (told === this.#told || (levels[0] ?? 0) === 0) return []
    this.#told = told
    return chainWatermarkRecords(this.#partition, this.#settings.matchPartitions, levels)
  }

  #report(said: Match): void {
    const { sourcePartition, occurredAt, fields } = said
    if (said.kind === 'watermark') {
      this.#watermarks.reportPartition(sourcePartition, { atMs: occurredAt, idle: fields['idle'] === 'true' })
    } else if (said.kind === 'chain-watermark' && this.#watermarks.hasTask(sourcePartition)) {
      this.#watermarks.reportTask(sourcePartition, levelsOf(said))
    } else throw new SyntaxError(`No record of kind ${said.kind} from partition ${sourcePartition} is written.`)
    this.#watermarkMoved = true
  }

  /**
   * What changed is stored once a batch, before its transaction: for each event its own small record, so that a group under a flood
   * costs no more than its events, and no record grows with the group.
   */
  endOfBatch(nowMs: number): readonly Output[] {
    this.#storeChanges()
    this.#countEvictions()
    return this.#tally.drain(nowMs)
  }

  #countEvictions(): void {
    for (const { correlationId, groups, entries, evictedGroups, evictedEntries } of this.#correlator.stats()) {
      const given = evictedGroups + evictedEntries
      const before = this.#evicted.get(correlationId) ?? 0
      if (given > before) this.#tally.add(evictionTally(correlationId, groups, entries), given - before)
      this.#evicted.set(correlationId, given)
    }
  }

  #storeChanges(): void {
    for (const { key, state } of this.#correlator.takeChanges()) {
      if (state === null) this.#groups.delete(key)
      else this.#groups.set(key, state)
    }
    if (this.#watermarkMoved) this.#groups.set(WATERMARK_KEY, this.#watermarks.stored())
    this.#watermarkMoved = false
  }

  /** New rules take effect between records; groups whose meaning is the same go on. */
  #followRules(): void {
    const { rules } = this.#settings.rules()
    if (rules === this.#compiled) return
    this.#storeChanges()
    this.#compiled = rules
    this.#correlator = this.#restored()
  }

  #restored(): Correlator {
    this.#evicted.clear()
    const { maxGroupsPerRule, maxHeldEvents } = this.#settings.limits ?? DEFAULT_LIMITS
    const { correlations } = this.#compiled
    this.#depth = correlations.reduce((deepest, { depth }) => Math.max(deepest, depth), 1)
    const correlator = new Correlator(correlations, {
      maxGroups: maxGroupsPerRule,
      maxHeldEvents,
      watermark: (depth) => this.#watermarks.at(depth),
      handOutChains: true,
    })
    for (const key of correlator.restore(this.#groups.entries())) if (key !== WATERMARK_KEY) this.#groups.delete(key)
    return correlator
  }

  #outputsOf(result: CorrelatorOutput, nowMs: number): Output[] {
    const outputs: Output[] = []
    for (const firing of result.firings) {
      if (!firing.alerts) continue
      if (isInShadow(firing.metadata, nowMs)) {
        if (firing.edge === 'open') this.#tally.add(shadowTally(firing.correlationId, firing.title))
        continue
      }
      const first = this.#firstSeen.get(firing.detectionId) ?? { detectedAt: nowMs }
      if (firing.edge === 'close') this.#firstSeen.delete(firing.detectionId)
      else if (firing.edge === 'open') this.#firstSeen.set(firing.detectionId, first)
      const summaries = firing.evidence.map(
        (evidence) => JSON.parse(evidence.detail['summary'] ?? '{}') as EventSummary,
      )
      outputs.push({
        topic: 'detections',
        key: firing.constituent,
        value: detectionOfFiring(firing, summaries, first.detectedAt, this.#setVersion(firing.correlationId)),
      })
    }
    for (const observation of result.chained) {
      outputs.push({
        topic: 'matches',
        key: matchKey(observation),
        value: chainedMatchOf(observation),
      })
    }
    if (result.late !== null) {
      const { output, tally } = lateOutput(result.late, this.#watermarks.at(this.#depthOf(result.late.correlationId)))
      this.#tally.add(tally)
      outputs.push(output)
    }
    return outputs
  }

  #depthOf(correlationId: string): number {
    return this.#compiled.correlations.find(({ metadata }) => metadata.id === correlationId)?.depth ?? 1
  }

  #setVersion(ruleId: string): string {
    return this.#settings.rules().setVersions.get(ruleId) ?? ''
  }
}

function evictionTally(correlationId: string, groups: number, entries: number): Tally {
  return {
    code: 'state_evicted',
    subject: correlationId,
    level: 'warning',
    constituent: null,
    sourceId: null,
    message: (count) =>
      `The correlation ${correlationId} gave up ${count} groups or events because it holds too much; narrow its rules or its group-by, or raise the limit.`,
    values: { correlationId, groups: String(groups), entries: String(entries) },
  }
}
