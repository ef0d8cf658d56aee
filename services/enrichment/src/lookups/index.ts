import type { Lookup } from '../lookup.ts'
import { asnLookup, type SystemTable } from './asn.ts'
import { type AssetIndex, assetLookup } from './assets.ts'
import { type GeoTable, geoLookup } from './geo.ts'
import { type IndicatorIndex, indicatorLookup } from './indicators.ts'
import { type ScannerTable, scannerLookup } from './scanners.ts'
import { userAgentLookup } from './user-agent.ts'

/** Tables that the look-ups read; a table that could not be loaded is null. */
export interface Tables {
  geo: () => GeoTable | null
  asn: () => SystemTable | null
  assets: AssetIndex
  indicators: IndicatorIndex
  scanners: () => ScannerTable | null
}

/** Every look-up, in the order asked. A new one: one file here and one line below. */
export function lookupsOf(tables: Tables): readonly Lookup[] {
  return [
    geoLookup(tables.geo),
    asnLookup(tables.asn),
    assetLookup(tables.assets),
    indicatorLookup(tables.indicators),
    scannerLookup(tables.scanners),
    userAgentLookup(),
  ]
}
