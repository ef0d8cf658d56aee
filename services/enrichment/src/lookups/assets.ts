import type { AssetMatch, Event, RegistryAsset } from '@tocsin/events'
import { parseAddress, parseBlock, prefixOf } from '../address.ts'
import type { Lookup } from '../lookup.ts'

/**
 * Assets by constituent, address and time. Private addresses overlap between bodies and circuits, so the constituent is
 * always part of the key (KZ-A); of several circuits the event's own wins.
 */
export class AssetIndex {
  readonly #byId = new Map<string, RegistryAsset>()
  readonly #byPrefix = new Map<string, Set<string>>()
  /** Prefix lengths in use by constituent and family, longest first. */
  readonly #lengths = new Map<string, number[]>()
  #changes = 0

  get version(): string {
    return String(this.#changes)
  }

  /** Takes the newest record of an asset; null where it was withdrawn. An address that is none is left out. */
  put(assetId: string, asset: RegistryAsset | null): void {
    this.#changes++
    const before = this.#byId.get(assetId)
    if (before !== undefined) this.#byPrefix.get(keyOf(before) ?? '')?.delete(assetId)
    this.#byId.delete(assetId)
    if (asset === null) return
    const key = keyOf(asset)
    const block = parseBlock(asset.ip)
    if (key === null || block === null) return
    this.#byId.set(assetId, asset)
    const ids = this.#byPrefix.get(key) ?? new Set()
    this.#byPrefix.set(key, ids.add(assetId))
    const family = `${asset.constituent}/${block.family}`
    const lengths = this.#lengths.get(family) ?? []
    if (!lengths.includes(block.bits))
      this.#lengths.set(
        family,
        [...lengths, block.bits].sort((a, b) => b - a),
      )
  }

  /** The asset behind an address of a body at a time: longest prefix first, the event's circuit before another. */
  find(constituent: string, circuit: string, ip: string, atMs: number): RegistryAsset | null {
    const address = parseAddress(ip)
    if (address === null) return null
    for (const bits of this.#lengths.get(`${constituent}/${address.family}`) ?? []) {
      const ids = this.#byPrefix.get(`${constituent}/${address.family}/${bits}/${prefixOf(address, bits)}`)
      if (ids === undefined) continue
      const valid = [...ids]
        .map((id) => this.#byId.get(id) as RegistryAsset)
        .filter((asset) => asset.validFrom <= atMs && (asset.validTo === null || atMs < asset.validTo))
        .sort((a, b) => (a.assetId < b.assetId ? -1 : 1))
      const own = valid.find((asset) => asset.circuit === circuit) ?? valid[0]
      if (own !== undefined) return own
    }
    return null
  }
}

function keyOf(asset: RegistryAsset): string | null {
  const block = parseBlock(asset.ip)
  return block === null ? null : `${asset.constituent}/${block.family}/${block.bits}/${block.base}`
}

/** Columns 2 to 8 of KZ-A for both sides of an event. */
export function assetLookup(index: AssetIndex): Lookup {
  const match = (event: Event, ip: string | null): AssetMatch | null => {
    if (ip === null) return null
    const asset = index.find(event.constituent, event.circuit, ip, event.occurredAt)
    if (asset === null) return null
    const location = [asset.floor, asset.office].filter((part) => part !== null).join(', ')
    return {
      assetId: asset.assetId,
      systemId: asset.systemId,
      hostname: asset.hostname,
      unit: asset.unit,
      location: location === '' ? null : location,
      responsible: asset.responsible,
      os: asset.os,
      criticality: asset.criticality,
    }
  }
  return {
    name: 'assets',
    version: () => index.version,
    apply(event, tail) {
      tail.sourceAsset = match(event, event.source_ip)
      tail.destinationAsset = match(event, event.destination_ip)
    },
  }
}
