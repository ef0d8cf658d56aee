import type { RegistrySource, SensorPack, SensorState } from '@tocsin/events'

/** One sensor of the central list (VN-10.1a, VN-5.2e). */
export interface SensorRow {
  sensorId: string
  constituent: string | null
  groups: readonly string[]
  /** never: it has not reported yet; stale: it has not for three of its intervals. */
  link: 'never' | 'connected' | 'stale'
  /** UTC milliseconds. */
  reportedAt: number | null
  agentVersion: string | null
  /** As the sensor says, else as the registry says. */
  version: string | null
  configHash: string | null
  /** Position and connections that it watches (VN-10.2b), from the registry. */
  position: string | null
  connections: readonly string[]
  packs: SensorState['packs']
}

/** Intervals without a report after which a sensor is stale. */
const patience = 3

/** Registered sources that are security devices or monitoring, and whatever reports, by id. */
export function sensorRows(
  sources: Iterable<RegistrySource>,
  states: Iterable<SensorState>,
  nowMs: number,
): SensorRow[] {
  const byId = new Map([...states].map((state) => [state.sensorId, state]))
  const registered = new Map<string, RegistrySource>()
  for (const source of sources)
    if (byId.has(source.sourceId) || ['security-device', 'monitoring'].includes(source.kind))
      registered.set(source.sourceId, source)
  const ids = [...new Set([...registered.keys(), ...byId.keys()])].sort((a, b) => (a < b ? -1 : 1))
  return ids.map((sensorId) => {
    const [source, state] = [registered.get(sensorId), byId.get(sensorId)]
    return {
      sensorId,
      constituent: source?.constituent ?? state?.constituent ?? null,
      groups: state?.groups ?? [],
      link: linkOf(state, nowMs),
      reportedAt: state?.reportedAt ?? null,
      agentVersion: state?.agentVersion ?? null,
      version: state?.sensorVersion ?? source?.version ?? null,
      configHash: state?.configHash ?? source?.configHash ?? null,
      position: source?.position ?? null,
      connections: source?.connections ?? [],
      packs: state?.packs ?? [],
    }
  })
}

function linkOf(state: SensorState | undefined, nowMs: number): SensorRow['link'] {
  if (state === undefined) return 'never'
  return nowMs - state.reportedAt > patience * state.everySeconds * 1_000 ? 'stale' : 'connected'
}

/** What became of a pack at one sensor; pending where the sensor has not said anything of this version. */
export interface PackRow {
  sensorId: string
  state: 'applied' | 'refused' | 'pending'
  message: string | null
  at: number | null
}

/** The result of a push at each sensor of its group. */
export function resultsOf({ group, name, version }: SensorPack, states: Iterable<SensorState>): PackRow[] {
  return [...states]
    .filter(({ groups }) => groups.includes(group))
    .sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1))
    .map(({ sensorId, packs }) => {
      const result = packs.find((pack) => pack.name === name && pack.version === version)
      if (result === undefined || result.state === 'removed')
        return { sensorId, state: 'pending', message: null, at: null }
      return {
        sensorId,
        state: result.state === 'applied' ? 'applied' : 'refused',
        message: result.message,
        at: result.at,
      }
    })
}
