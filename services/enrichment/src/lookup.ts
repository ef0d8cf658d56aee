import type { EnrichedEvent, Event } from '@tocsin/events'

/** What enrichment adds to an event: exactly the fields of EnrichedEvent that Event does not have, in any order. */
export type Tail = Omit<EnrichedEvent, keyof Event>

/**
 * One table that adds facts. It is asked for each event in the order of lookups/index.ts; it answers from memory, for
 * the event's own time, so that a replay gives the same (design.md 2.3).
 */
export interface Lookup {
  /** Name, for `tables` and metrics. */
  name: string
  /** Version of the table in use; '' where none is loaded. */
  version(): string
  /** Fills what it knows into `tail`. */
  apply(event: Event, tail: Tail): void
}

/** A tail with nothing in it. */
export function emptyTail(nowMs: number): Tail {
  return {
    source_geo_country_iso_code: null,
    source_geo_city_name: null,
    source_geo_lon: null,
    source_geo_lat: null,
    source_as_number: null,
    source_as_organization_name: null,
    destination_geo_country_iso_code: null,
    destination_geo_city_name: null,
    destination_geo_lon: null,
    destination_geo_lat: null,
    destination_as_number: null,
    destination_as_organization_name: null,
    sourceAsset: null,
    destinationAsset: null,
    indicators: [],
    enrichedAt: nowMs,
    tables: {},
    sourceScanner: null,
    user_agent_name: null,
    user_agent_version: null,
    user_agent_os_name: null,
    user_agent_device_name: null,
  }
}
