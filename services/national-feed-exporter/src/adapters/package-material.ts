import type {
  Detection,
  EnrichedEvent,
  Incident,
  RegistryAsset,
  RegistryConstituent,
  RegistrySource,
  RegistrySystem,
} from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { Kafka } from '@tocsin/stage/kafka'
import type { Material } from '../package/build.ts'
import type { BodyRegistry } from '../package/listed-fields.ts'
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
    } else if (isIn(value.occurredAt) && events.length <= MAX_EVENTS) events.push(value)
  })
  await following.caughtUp
  await following.close()
  if (events.length > MAX_EVENTS)
    throw new TocsinError(
      'package_refused',
      `The period has more than ${MAX_EVENTS} log records; ask for it in shorter ones, each its own package.`,
    )
  const byTime = (a: Incident | Detection, b: Incident | Detection) => a.detectedAt - b.detectedAt
  return {
    cases: [...cases.values()].toSorted(byTime),
    detections: [...detections.values()].toSorted(byTime),
    registry: inputs.includes('registry') ? await readBody(kafka, constituent) : null,
    events: events.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : 1)),
  }
}

/** The registry of one body as it stands now. */
async function readBody(kafka: Pick<Kafka, 'follow'>, constituent: string): Promise<BodyRegistry> {
  const constituents = new Map<string, RegistryConstituent>()
  const systems = new Map<string, RegistrySystem>()
  const assets = new Map<string, RegistryAsset>()
  const sources = new Map<string, RegistrySource>()
  const keep = <Entry extends { deleted: boolean }>(
    map: Map<string, Entry>,
    key: string,
    entry: Entry | null,
    isOurs: boolean,
  ) => {
    if (entry === null || entry.deleted || !isOurs) map.delete(key)
    else map.set(key, entry)
  }
  const registryTopics = ['registry-constituents', 'registry-systems', 'registry-assets', 'registry-sources'] as const
  const following = await kafka.follow(registryTopics, { from: 'beginning' }, (record) => {
    const { key } = record
    if (record.topic === 'registry-constituents')
      keep(constituents, key, record.value, record.value?.constituentId === constituent)
    else if (record.topic === 'registry-systems')
      keep(systems, key, record.value, record.value?.constituent === constituent)
    else if (record.topic === 'registry-assets')
      keep(assets, key, record.value, record.value?.constituent === constituent)
    else keep(sources, key, record.value, record.value?.constituent === constituent)
  })
  await following.caughtUp
  await following.close()
  const all = <Entry>(map: ReadonlyMap<string, Entry>): Entry[] =>
    [...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  return { constituents: all(constituents), systems: all(systems), assets: all(assets), sources: all(sources) }
}
