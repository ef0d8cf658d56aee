import type { Match } from '@tocsin/events'
import { type CompiledRuleSet, Correlator, type CorrelatorOutput } from '@tocsin/sigma'
import { emit, type Output, reject, type StageDefinition, type Store } from '@tocsin/stage'
import { detectionOfFiring } from './detection.ts'
import type { EventSummary } from './event-summary.ts'
import { chainedMatchOf, matchKey, observationOf } from './observation-record.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { TaskWatermark } from './watermark.ts'

/** Event time that each step of a chain may take on its way through Kafka to the partition of the group above. */
const CHAIN_SLACK_MS = 10_000

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
      new WindowsTask(rules, task.partition, task.store<string>('groups'), task.store<FirstSeen>('detections')),
  }
}

class WindowsTask {
  readonly #inForce: () => RulesInForce
  readonly #partition: number
  readonly #groups: Store<string>
  readonly #firstSeen: Store<FirstSeen>
  readonly #watermark = new TaskWatermark()
  #compiled: CompiledRuleSet
  #correlator: Correlator
  #watermarkMs = Number.NEGATIVE_INFINITY

  constructor(inForce: () => RulesInForce, partition: number, groups: Store<string>, firstSeen: Store<FirstSeen>) {
    this.#inForce = inForce
    this.#partition = partition
    this.#groups = groups
    this.#firstSeen = firstSeen
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
    return emit(...this.#outputsOf(this.#correlator.observe(observation), nowMs))
  }

  /**
   * Changed groups are stored once a batch, before its transaction: a group under a flood holds thousands of entries, and
   * writing it for each of them would cost their square.
   */
  endOfBatch(): readonly Output[] {
    this.#storeGroups()
    return []
  }

  #storeGroups(): void {
    for (const { key, state } of this.#correlator.takeDirty()) {
      if (state === null) this.#groups.delete(key)
      else this.#groups.set(key, state)
    }
  }

  /** New rules take effect between records; groups whose meaning is the same go on. */
  #followRules(): void {
    const { rules } = this.#inForce()
    if (rules === this.#compiled) return
    this.#storeGroups()
    this.#compiled = rules
    this.#correlator = this.#restored()
  }

  #restored(): Correlator {
    const correlator = new Correlator(this.#compiled.correlations, {
      watermarkMs: this.#watermarkMs,
      handOutChainsMs: CHAIN_SLACK_MS,
    })
    for (const [key, state] of this.#groups.entries()) if (!correlator.restore(key, state)) this.#groups.delete(key)
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
