import type { RegistryConstituent } from '@tocsin/events'
import { dateOf, inForce, localDayAt, nationalSeverityOf, type Pack } from '@tocsin/obligations'

/** What facts need to know of the world: whose law holds for a constituent, and how often a source should be heard. */
export interface World {
  constituent(id: string): RegistryConstituent | undefined
  pack(id: string): Pack | undefined
  /** Longest silence of a source that is normal, seconds; null where none is registered. */
  expectedIntervalSeconds(sourceId: string): number | null
}

/** Constituent of facts that concern the whole centre. */
export const ALL = '*'

/** The law of a constituent as facts use it; UTC and raw tens where it has none. */
export interface Law {
  packId: string
  dayOf(instant: number): string
  severityOf(score: number): string
}

/** Takes a constituent; gives its law: days are local days of its pack's zone. */
export function lawOf(world: World, constituent: string): Law {
  const packId = world.constituent(constituent)?.pack ?? 'none'
  const pack = world.pack(packId)
  const zone = pack?.timeZone ?? 'UTC'
  return {
    packId,
    dayOf: (instant) => dayIn(zone, instant),
    severityOf: (score) =>
      pack === undefined ? String(Math.floor(score / 20) * 20) : nationalSeverityOf(pack, score).code,
  }
}

const QUARTER_MS = 900_000
const MAX_CACHED = 20_000
const days = new Map<string, string>()

/** Every zone's midnight falls on a quarter of an hour, so a day is looked up once a quarter: the zone tables are slow. */
function dayIn(zone: string, instant: number): string {
  const key = `${zone} ${Math.floor(instant / QUARTER_MS)}`
  let day = days.get(key)
  if (day === undefined) {
    if (days.size >= MAX_CACHED) days.clear()
    day = dateOf(localDayAt(zone, instant))
    days.set(key, day)
  }
  return day
}

/** The version of a pack that is in force at an instant; where none is, the one that ended or begins nearest to it. */
export function currentPack(packs: readonly { pack: Pack }[], id: string, instant: number): Pack | undefined {
  const versions = packs.map(({ pack }) => pack).filter((pack) => pack.id === id)
  return versions.find((pack) => inForce(pack, instant)) ?? versions.at(-1)
}
