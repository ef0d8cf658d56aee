import { type Indicator, type IndicatorMatch, idFrom, type RegistryAsset, type RegistrySystem } from '@tocsin/events'
import { drop, emit, type Outcome, type StageDefinition } from '@tocsin/stage'
import type { IndicatorIndex } from '../lookups/indicators.ts'
import { listedEvent } from './listed-event.ts'
import {
  type Concern,
  objectOfAsset,
  objectOfSystem,
  publicPartsOf,
  type RegisteredObject,
  type RegisteredObjects,
} from './registered-objects.ts'

/** What the stage looks into; both follow the topics that it reads. */
export interface ListedTables {
  objects: RegisteredObjects
  indicators: IndicatorIndex
  /** Resolves when the tables have what was committed before now. */
  settled(): Promise<void>
}

const LIVE_BATCH = 1_000
const REMEMBERED = 100_000
/** A registered block is looked up address by address up to this size; a wider one meets lists that come after it. */
const BLOCK_ADDRESSES_MAX = 1_024

/**
 * Indirect surveillance (VN-4.3a): a list that names what a body has registered is told at once, without waiting for a line of a log. A new
 * indicator is compared with the registry, a new asset or system with the indicators. Each pair has one id for each state of verification, so what
 * is told again, after a restart or because the registry was imported anew, is known downstream.
 */
export function tellListedObjects(
  tables: ListedTables,
): StageDefinition<'indicators' | 'registry-assets' | 'registry-systems'> {
  return {
    name: 'enrichment.registered',
    inputs: ['indicators', 'registry-assets', 'registry-systems'],
    maxBatchRecords: 5_000,
    create: () => {
      const told = new Set<string>()
      const tell = (hits: readonly Hit[], at: number): Outcome => {
        const outputs = hits.flatMap(({ concern, indicator }) => {
          const { constituent } = concern.object
          const eventId = idFrom('listed', constituent, concern.value, indicator.indicatorId, indicator.verification)
          if (told.has(eventId)) return []
          if (told.size >= REMEMBERED) told.clear()
          told.add(eventId)
          const value = listedEvent({ eventId, at, concern, indicator })
          return [{ topic: 'enriched-events' as const, key: value.sourceId, value }]
        })
        return outputs.length === 0 ? drop('not_listed') : emit(...outputs)
      }
      return {
        process: () => drop('not_listed'),
        processBatch: async (records, nowMs) => {
          // A small batch is live: the tables read the same topics and may be a moment behind.
          if (records.length < LIVE_BATCH) await tables.settled()
          return records.map(({ topic, value }) => {
            switch (topic) {
              case 'indicators':
                return tell(hitsOfIndicator(tables.objects, value, nowMs), value.importedAt)
              case 'registry-assets':
                return tell(hitsOfAsset(tables.indicators, value), value.changedAt)
              case 'registry-systems':
                return tell(hitsOfSystem(tables.indicators, value), value.changedAt)
            }
          })
        },
      }
    },
  }
}

interface Hit {
  concern: Concern
  indicator: IndicatorMatch
}

function hitsOfIndicator(objects: RegisteredObjects, indicator: Indicator, nowMs: number): Hit[] {
  const { indicatorId, type, value, feed, confidence, tlp, verification } = indicator
  const { revoked, validFrom, validUntil, importedAt } = indicator
  if (revoked || verification === 'rejected' || validFrom > importedAt) return []
  if (validUntil !== null && validUntil <= Math.max(nowMs, importedAt)) return []
  return objects
    .concernedBy(indicator)
    .filter(({ object }) => isValidAt(object, importedAt))
    .map((concern) => {
      const { field } = concern
      return { concern, indicator: { indicatorId, type, value, field, feed, confidence, tlp, verification } }
    })
}

const isValidAt = ({ validFrom, validTo }: RegisteredObject, atMs: number): boolean =>
  validFrom <= atMs && (validTo === null || atMs < validTo)

const hitsOfAsset = (indicators: IndicatorIndex, asset: RegistryAsset): Hit[] =>
  asset.deleted ? [] : hitsOfObject(indicators, objectOfAsset(asset))

const hitsOfSystem = (indicators: IndicatorIndex, system: RegistrySystem): Hit[] =>
  system.deleted ? [] : hitsOfObject(indicators, objectOfSystem(system))

function hitsOfObject(indicators: IndicatorIndex, object: RegisteredObject): Hit[] {
  const { blocks, domains } = publicPartsOf(object)
  const hits: Hit[] = []
  const take = (rows: readonly number[], field: Concern['field'], value: string): void => {
    for (const row of rows) {
      const indicator = indicators.hit(row, field, object.changedAt)
      if (indicator !== null) hits.push({ concern: { object, field, value }, indicator })
    }
  }
  for (const { text, block } of blocks) {
    const rows: number[] = []
    for (const address of addressesOf(text, block.family, block.base, block.bits)) indicators.ofAddress(address, rows)
    take([...new Set(rows)], 'source.ip', text)
  }
  for (const domain of domains) {
    const rows: number[] = []
    indicators.ofDomain(domain, rows)
    take(rows, 'destination.domain', domain)
  }
  return hits
}

function addressesOf(text: string, family: 4 | 6, base: bigint, bits: number): string[] {
  const size = 2 ** ((family === 4 ? 32 : 128) - bits)
  if (family === 6 || size === 1 || size > BLOCK_ADDRESSES_MAX) return [text.split('/', 1)[0] ?? text]
  return Array.from({ length: size }, (_, index) => quadOf(Number(base) + index))
}

const quadOf = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')

/** For main: keeps the objects as the registry's tables change. */
export function followRegistry(
  objects: RegisteredObjects,
  assets: { entries(): Iterable<[string, RegistryAsset]>; onChange: Follow<RegistryAsset> },
  systems: { entries(): Iterable<[string, RegistrySystem]>; onChange: Follow<RegistrySystem> },
): void {
  const putAsset = (id: string, asset: RegistryAsset | null): void =>
    objects.put(`asset/${id}`, asset === null ? null : objectOfAsset(asset))
  const putSystem = (id: string, system: RegistrySystem | null): void =>
    objects.put(`system/${id}`, system === null ? null : objectOfSystem(system))
  for (const [id, asset] of assets.entries()) putAsset(id, asset)
  for (const [id, system] of systems.entries()) putSystem(id, system)
  assets.onChange(putAsset)
  systems.onChange(putSystem)
}

type Follow<Value> = (listener: (key: string, value: Value | null) => void) => void
