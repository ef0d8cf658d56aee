import type { Detection, EnrichedEvent, Incident } from '@tocsin/events'
import type { Kafka } from '@tocsin/stage/kafka'
import type { Material } from '../package/build.ts'
import type { PackageRequest } from '../package/request.ts'

/** Most log records that one package holds; a longer period is asked for in parts. */
export const MAX_EVENTS = 5_000_000

/**
 * Reads from the topics what a request asks for: cases by their detection, detections by theirs (the last revision of each), log records
 * by their own time. Nothing of another body is kept even for a moment.
 */
export async function readMaterial(kafka: Pick<Kafka, 'follow'>, request: PackageRequest): Promise<Material> {
  const { constituent, from, to, inputs } = request
  const isIn = (ms: number): boolean => ms >= from && ms < to
  const cases = new Map<string, Incident>()
  const detections = new Map<string, Detection>()
  const events: EnrichedEvent[] = []
  const topics = [
    ...(inputs.includes('cases') ? (['incidents'] as const) : []),
    ...(inputs.includes('detections') ? (['detections'] as const) : []),
    ...(inputs.includes('events') ? (['enriched-events'] as const) : []),
  ]
  const following = await kafka.follow(topics, { from: 'beginning' }, ({ topic, key, value }) => {
    if (topic === 'incidents') {
      if (value === null || value.constituent !== constituent || !isIn(value.detectedAt)) cases.delete(key)
      else cases.set(key, value)
    } else if (value === null || value.constituent !== constituent) return
    else if (topic === 'detections') {
      const known = detections.get(value.detectionId)
      if (isIn(value.detectedAt) && (known === undefined || known.revision <= value.revision))
        detections.set(value.detectionId, value)
    } else if (isIn(value.occurredAt) && events.length < MAX_EVENTS) events.push(value)
  })
  await following.caughtUp
  await following.close()
  const byTime = (a: Incident | Detection, b: Incident | Detection) => a.detectedAt - b.detectedAt
  return {
    cases: [...cases.values()].toSorted(byTime),
    detections: [...detections.values()].toSorted(byTime),
    events: events.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : 1)),
  }
}
