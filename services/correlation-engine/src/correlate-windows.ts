import type { Match } from '@tocsin/events'
import { type CompiledRuleSet, Correlator, type CorrelatorOutput } from '@tocsin/sigma'
import { emit, type Output, reject, type StageDefinition, type Store } from '@tocsin/stage'
import { detectionOfFiring } from './detection.ts'
import type { EventSummary } from './event-summary.ts'
import { chainedMatchOf, matchKey, observationOf } from './observation-record.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { type StoredWatermark, TaskWatermark } from './watermark.ts'

/** Event time that each step of a chain may take on its way through Kafka to the partition of the group above. */
const CHAIN_SLACK_MS = 10_000

const WATERMARK_KEY = 'watermark'

/** T0 of a detection and when it may be forgotten: kept so that an update of an id never moves it. */
interface FirstSeen {
  detectedAt: number
}

/**
 * Second half of the engine: owns the windows of the groups of its partition. Groups and first moments are stored, so a
 * restart goes on where the last committed batch ended.
 */
export function correlateWindows(rules: () => RulesInForce): StageDefinition<'matches'> {
  return {
    name: 'correlation-engine.windows',
    inputs: ['matches'],
    stores: ['groups', 'detections'],
    maxBatchRecords: 2_000,
    create: (task) =>
      new WindowsTask(rules, task.partition, task.store<object>('groups'), task.store<FirstSeen>('detections')),
  }
}

class WindowsTask {
  readonly #inForce: () => RulesInForce
  readonly #partition: number
  readonly #groups: Store<object>
  readonly #firstSeen: Store<FirstSeen>
  readonly #watermark: TaskWatermark
  #compiled: CompiledRuleSet
  #correlator: Correlator
  #watermarkMs: number
  #watermarkMoved = false

  constructor(inForce: () => RulesInForce, partition: number, groups: Store<object>, firstSeen: Store<FirstSeen>) {
    this.#inForce = inForce
    this.#partition = partition
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
    this.#watermark.expect(value.sourcePartition)
    return emit(...this.#outputsOf(this.#correlator.observe(observation), nowMs))
  }

  /**
   * What changed is stored once a batch, before its transaction: for each event its own small record, so that a group under a flood
   * costs no more than its events, and no record grows with the group.
   */
  endOfBatch(): readonly Output[] {
    this.#storeChanges()
    return []
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
    const correlator = new Correlator(this.#compiled.correlations, {
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
      const first = this.#firstSeen.get(firing.detectionId) ?? { detectedAt: nowMs }
      if (firing.edge === 'close') this.#firstSeen.delete(firing.detectionId)
      else if (firing.edge === 'open') this.#firstSeen.set(firing.detectionId, first)
      const summaries = firing.evidence.map(
        (evidence) => JSON.parse(evidence.detail['summary'] ?? '{}') as EventSummary,
      )
      outputs.push({
        topic: 'detections',
        key: firing.constituent,
        value: detectionOfFiring(firing, summaries, first.detectedAt),
      })
    }
    for (const observation of result.chained) {
      outputs.push({
        topic: 'matches',
        key: matchKey(observation),
        value: chainedMatchOf(observation, this.#partition),
      })
    }
    if (result.late !== null) {
      const { eventId, constituent, correlationId, ruleId, atMs } = result.late
      const watermark = Math.trunc(this.#watermarkMs)
      outputs.push({
        topic: 'late-events',
        key: constituent,
        value: {
          eventId,
          constituent,
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
}
