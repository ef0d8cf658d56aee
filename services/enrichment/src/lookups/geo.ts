import { isGlobal, parseAddress } from '../address.ts'
import { GenerationCache } from '../generation-cache.ts'
import type { Lookup, Tail } from '../lookup.ts'

/** Where an address is. */
export interface Place {
  country: string | null
  city: string | null
  /** Degrees. */
  lon: number | null
  lat: number | null
}

/** A geographical table: address text to place. */
export interface GeoTable {
  version: string
  find(address: string): Place | null
}

/** Addresses whose places are remembered: a log asks for the same few again and again. */
const REMEMBERED = 32_768

/** Country, city and coordinates of global addresses (ECS `source.geo.*`, `destination.geo.*`; TW fields 15 and 16). */
export function geoLookup(table: () => GeoTable | null): Lookup {
  const cache = new GenerationCache<Place | null>(REMEMBERED)
  const find = (ip: string): Place | null => {
    const address = parseAddress(ip)
    return address === null || !isGlobal(address) ? null : (table()?.find(ip) ?? null)
  }
  const place = (ip: string | null): Place | null => (ip === null ? null : cache.get(ip, table()?.version ?? '', find))
  return {
    name: 'geo',
    version: () => table()?.version ?? '',
    apply(event, tail: Tail) {
      const source = place(event.source_ip)
      if (source !== null) {
        tail.source_geo_country_iso_code = source.country
        tail.source_geo_city_name = source.city
        tail.source_geo_lon = source.lon
        tail.source_geo_lat = source.lat
      }
      const destination = place(event.destination_ip)
      if (destination !== null) {
        tail.destination_geo_country_iso_code = destination.country
        tail.destination_geo_city_name = destination.city
        tail.destination_geo_lon = destination.lon
        tail.destination_geo_lat = destination.lat
      }
    },
  }
}
