import type { Suppression } from '@tocsin/events'
import type { Outcome, Output, Received, Stage, StageDefinition, Store, Task } from '@tocsin/stage'
import type { Answer } from './answer.ts'
import { BodyWatch, type Told } from './bodies/body-watch.ts'
import type { DetectionEntry } from './case.ts'
import { CaseLedger } from './case-ledger.ts'
import { CommandDesk } from './command-desk.ts'
import { DeliveryDesk } from './delivery-desk.ts'
import { DetectionDesk } from './detection-desk.ts'
import { forget } from './forget.ts'
import { noticesOfHealth } from './health-notices.ts'
import { ReceivedDesk } from './received-desk.ts'
import type { Registry } from './registry.ts'
import { RequestDesk } from './requests/request-desk.ts'
import type { RequestState } from './requests/request-state.ts'
import { NO_REACH, type ResponseReach } from './response/filters.ts'
import { SuppressionList } from './suppression.ts'
import type { Upload } from './tickets.ts'

export const STAGE = 'incident-manager'
const INPUTS = ['detections', 'incident-commands', 'deliveries', 'health-events', 'received-items'] as const
type Inputs = (typeof INPUTS)[number]

const DAY_MS = 24 * 3_600_000
const PRUNE_EVERY_MS = DAY_MS
/** Longer than `detections` and `incident-commands` are kept: a replay cannot bring what was forgotten. */
const REMEMBER_MS = 401 * DAY_MS

/** What a deployer decides. */
export interface ManagerOptions {
  keepEndedMs?: number
  reach?: ResponseReach
  /** Partition that a body's records come to; what the law asks of a body by itself is done there and nowhere else. */
  partitionOf?: (constituent: string) => number
}

/**
 * Detections and commands in, cases with their legal clocks out (design.md 1). One task owns all cases and requests of its
 * constituents; its stores are the truth.
 */
export function incidentManager(registry: Registry, options: ManagerOptions = {}): StageDefinition<Inputs> {
  return {
    name: STAGE,
    inputs: INPUTS,
    stores: ['cases', 'detections', 'commands', 'numbers', 'audit', 'suppressions', 'uploads', 'requests', 'told'],
    create: (task) => new IncidentManager(task, registry, options),
  }
}

class IncidentManager implements Stage<Inputs> {
  readonly #registry: Registry
  readonly #ledger: CaseLedger
  readonly #detections: Store<DetectionEntry>
  readonly #commands: Store<Answer>
  readonly #uploads: Store<Upload>
  readonly #suppressions: SuppressionList
  readonly #requests: RequestDesk
  readonly #bodies: BodyWatch
  readonly #detectionDesk: DetectionDesk
  readonly #commandDesk: CommandDesk
  readonly #deliveryDesk: DeliveryDesk
  readonly #receivedDesk: ReceivedDesk
  readonly #keepEndedMs: number
  #prunedAt = 0

  constructor(task: Task, registry: Registry, { keepEndedMs, reach = NO_REACH, partitionOf }: ManagerOptions) {
    const owns = (constituent: string): boolean => (partitionOf?.(constituent) ?? task.partition) === task.partition
    this.#keepEndedMs = keepEndedMs ?? REMEMBER_MS
    this.#registry = registry
    this.#ledger = new CaseLedger(STAGE, task, registry, reach)
    this.#detections = task.store('detections')
    this.#commands = task.store('commands')
    this.#uploads = task.store('uploads')
    this.#suppressions = new SuppressionList(task.store<Suppression>('suppressions'))
    this.#requests = new RequestDesk({
      store: task.store<RequestState>('requests'),
      registry,
      owns,
      nextNumber: (law, nowMs) => this.#ledger.nextNumber(law, nowMs, 'R-'),
    })
    this.#bodies = new BodyWatch(task.store<Told>('told'), registry, owns)
    const parts = { ledger: this.#ledger, registry, detections: this.#detections, uploads: this.#uploads }
    const more = { suppressions: this.#suppressions, requests: this.#requests }
    this.#detectionDesk = new DetectionDesk({ ...parts, ...more, name: STAGE })
    this.#commandDesk = new CommandDesk({ ...parts, ...more, commands: this.#commands, reach })
    this.#deliveryDesk = new DeliveryDesk({ ...parts, ...more })
    this.#receivedDesk = new ReceivedDesk({ ledger: this.#ledger, registry, name: STAGE })
  }

  process(record: Received<Inputs>, nowMs: number): Outcome {
    switch (record.topic) {
      case 'detections':
        return this.#detectionDesk.process(record.value, nowMs)
      case 'incident-commands':
        return this.#commandDesk.process(record.value, nowMs)
      case 'deliveries':
        return this.#deliveryDesk.process(record.value, nowMs)
      case 'received-items':
        return this.#receivedDesk.process(record.value, nowMs)
      case 'health-events':
        return noticesOfHealth(record.value, this.#registry, nowMs)
    }
  }

  /** Looks at what waits for an instant: clocks of cases and requests, duties of each period, who is in charge. */
  tick(nowMs: number): Output[] {
    this.#prune(nowMs)
    return [
      ...this.#ledger.followRegulations(nowMs),
      ...this.#ledger.wakeDue(nowMs),
      ...this.#requests.tick(nowMs),
      ...this.#bodies.tick(nowMs),
    ]
  }

  /** Once a day: forgets what no topic can bring again, and cases that ended long ago. */
  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = nowMs
    const byTime = { commands: this.#commands, uploads: this.#uploads }
    forget(
      { cases: this.#ledger.cases, detections: this.#detections, ...byTime },
      nowMs - REMEMBER_MS,
      nowMs - this.#keepEndedMs,
    )
    this.#suppressions.prune(nowMs)
  }
}
