import type { Match } from '@tocsin/events'
import { type CompiledRuleSet, Correlator, type CorrelatorOutput } from '@tocsin/sigma'
import { emit, type Output, reject, type StageDefinition, type Store } from '@tocsin/stage'
import { detectionOfFiring } from './detection.ts'
import type { EventSummary } from './event-summary.ts'
import { HealthTally, type Tally } from './health-tally.ts'
import { chainedMatchOf, matchKey, NO_SOURCE_PARTITION, observationOf } from './observation-record.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { isInShadow, shadowTally } from './shadow.ts'
import { type StoredWatermark, TaskWatermark } from './watermark.ts'

/** Event time that each step of a chain may take on its way through Kafka to the partition of the group above. */
const CHAIN_SLACK_MS = 10_000

const WATERMARK_KEY = 'watermark'

/** T0 of a detection and when it may be forgotten: kept so that an update of an id never moves it. */
interface FirstSeen {
  detectedAt: number
}

/** How much one task may hold: groups of one correlation, and events in all. What is above is given up, counted and alarmed. */
export interface StateLimits {
  maxGroupsPerRule: number
  maxHeldEvents: number
}

/**
 * Second half of the engine: owns the windows of the groups of its partition. Groups and first moments are stored, so a
 * restart goes on where the last committed batch ended.
 */
export function correlateWindows(
  rules: () => RulesInForce,
  limits: StateLimits = { maxGroupsPerRule: 1_000_000, maxHeldEvents: 5_000_000 },
): StageDefinition<'matches'> {
  return {
    name: 'correlation-engine.windows',
    inputs: ['matches'],
    stores: ['groups', 'detections'],
    maxBatchRecords: 2_000,
    create: (task) =>
      new WindowsTask(
        rules,
        limits,
        `windows/${task.partition}`,
        task.store<object>('groups'),
        task.store<FirstSeen>('detections'),
      ),
  }
}

class WindowsTask {
  readonly #inForce: () => RulesInForce
  readonly #limits: StateLimits
  readonly #tally: HealthTally
  readonly #evicted = new Map<string, number>()
  readonly #groups: Store<object>
  readonly #firstSeen: Store<FirstSeen>
  readonly #watermark: TaskWatermark
  #compiled: CompiledRuleSet
  #correlator: Correlator
  #watermarkMs: number
  #watermarkMoved = false

  constructor(
    inForce: () => RulesInForce,
    limits: StateLimits,
    slot: string,
    groups: Store<object>,
    firstSeen: Store<FirstSeen>,
  ) {
    this.#inForce = inForce
    this.#limits = limits
    this.#tally = new HealthTally(slot)
    this.#groups = groups
    this.#firstSeen = firstSeen
    // Restored with the groups, so that after a restart the same events are late as without one.
    this.#watermark = new TaskWatermark(groups.get(WATERMARK_KEY) as StoredWatermark | undefined)
    this.#watermarkMs = this.#watermark.currentMs
    this.#compiled = inForce().rules
    this.#correlator = this.#restored()
  }

  process({ value }: { value: Match }, nowMs: number) {
    this.#followRules()
    if (value.kind === 'watermark') {
      this.#watermarkMs = this.#watermark.report(value.sourcePartition, {
        atMs: value.occurredAt,
        idle: value.fields['idle'] === 'true',
      })
      this.#watermarkMoved = true
      return emit(...this.#outputsOf(this.#correlator.advance(this.#watermarkMs), nowMs))
    }
    let observation: ReturnType<typeof observationOf>
    try {
      observation = observationOf(value)
    } catch (error) {
      return reject(
        'invalid_match',
        `The match of event ${value.eventId} does not hold what the engine writes.`,
        value.constituent,
        error,
      )
    }
    if (value.sourcePartition !== NO_SOURCE_PARTITION) this.#watermark.expect(value.sourcePartition)
    return emit(...this.#outputsOf(this.#correlator.observe(observation), nowMs))
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
    if (this.#watermarkMoved) this.#groups.set(WATERMARK_KEY, this.#watermark.stored())
    this.#watermarkMoved = false
  }

  /** New rules take effect between records; groups whose meaning is the same go on. */
  #followRules(): void {
    const { rules } = this.#inForce()
    if (rules === this.#compiled) return
    this.#storeChanges()
    this.#compiled = rules
    this.#correlator = this.#restored()
  }

  #restored(): Correlator {
    this.#evicted.clear()
    const correlator = new Correlator(this.#compiled.correlations, {
      maxGroups: this.#limits.maxGroupsPerRule,
      maxHeldEvents: this.#limits.maxHeldEvents,
      watermarkMs: this.#watermarkMs,
      handOutChainsMs: CHAIN_SLACK_MS,
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
      const { eventId, constituent, correlationId, ruleId, atMs, detail } = result.late
      const watermark = Math.trunc(this.#watermarkMs)
      const sourceId = (JSON.parse(detail['summary'] || '{}') as Partial<EventSummary>).sourceId ?? null
      this.#tally.add(lateTally(ruleId, sourceId, constituent))
      outputs.push({
        topic: 'late-events',
        key: sourceId ?? constituent,
        value: {
          eventId,
          constituent,
          sourceId,
          correlationId,
          ruleId,
          occurredAt: Math.trunc(atMs),
          watermark,
          lagMs: Math.trunc(watermark - atMs),
        },
      })
    }
    return outputs
  }

  #setVersion(ruleId: string): string {
    return this.#inForce().setVersions.get(ruleId) ?? ''
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

function lateTally(ruleId: string, sourceId: string | null, constituent: string): Tally {
  return {
    code: 'late_events',
    subject: `${ruleId} ${sourceId ?? ''}`,
    level: 'info',
    constituent,
    sourceId,
    message: (count) =>
      `${count} events of the source ${sourceId ?? '(unknown)'} came too late for correlations over the rule ${ruleId}; see its clock and its way.`,
    values: { ruleId },
  }
}
