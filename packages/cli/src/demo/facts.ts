import type {
  ClockEvent,
  DeadLetter,
  Delivery,
  Detection,
  HealthEvent,
  Incident,
  Notice,
  SourceCount,
  Ticket,
} from '@tocsin/events'
import type { Followed } from '@tocsin/stage/kafka'

/** Topics that tell what became of the story. */
export const watchedTopics = [
  'source-counts',
  'detections',
  'incidents',
  'clock-events',
  'notices',
  'deliveries',
  'tickets',
  'dead-letters',
  'health-events',
] as const
export type WatchedTopic = (typeof watchedTopics)[number]

/** Sums of one hop. */
export type HopSums = Pick<SourceCount, 'received' | 'accepted' | 'refused' | 'dropped' | 'normalized' | 'rejected'>

/** What the topics said so far: the newest record of each thing. */
export class StoryFacts {
  readonly detections = new Map<string, Detection>()
  readonly cases = new Map<string, Incident>()
  readonly clockEvents: ClockEvent[] = []
  readonly notices = new Map<string, Notice>()
  readonly deliveries = new Map<string, Delivery>()
  readonly tickets = new Map<string, Ticket>()
  readonly deadLetters = new Map<string, DeadLetter>()
  readonly healthEvents: HealthEvent[] = []
  readonly #hops = new Map<string, HopSums>()
  /** Records seen; unchanged for a while means that the story has come to rest. */
  seen = 0

  take(record: Followed<WatchedTopic>): void {
    this.seen++
    if (record.value === null) return
    switch (record.topic) {
      case 'source-counts':
        this.#count(record.value)
        return
      case 'detections':
        this.detections.set(record.value.detectionId, record.value)
        return
      case 'incidents':
        this.cases.set(record.value.caseId, record.value)
        return
      case 'clock-events':
        this.clockEvents.push(record.value)
        return
      case 'notices':
        this.notices.set(record.value.noticeId, record.value)
        return
      case 'deliveries':
        this.deliveries.set(record.value.deliveryId, record.value)
        return
      case 'tickets':
        this.tickets.set(record.value.ticketId, record.value)
        return
      case 'dead-letters':
        this.deadLetters.set(record.value.deadLetterId, record.value)
        return
      case 'health-events':
        this.healthEvents.push(record.value)
        return
      default:
        record satisfies never
    }
  }

  #count(count: SourceCount): void {
    const sums = this.hop(count.service)
    for (const field of ['received', 'accepted', 'refused', 'dropped', 'normalized', 'rejected'] as const)
      sums[field] += count[field]
    this.#hops.set(count.service, sums)
  }

  /** Sums of a service over all sources. */
  hop(service: string): HopSums {
    return this.#hops.get(service) ?? { received: 0, accepted: 0, refused: 0, dropped: 0, normalized: 0, rejected: 0 }
  }
}
