import type { AssetMatch, Event, RegistryAsset } from '@tocsin/events'
import { firstOfBlock, parseAddress, parseBlock } from '../address.ts'
import type { Lookup } from '../lookup.ts'

/** Assets of one body whose addresses have one length of prefix. */
interface Level {
  bits: number
  /** By the first address of the block, as a number for IPv4. */
  byFirst: Map<number | bigint, RegistryAsset[]>
}

/** Assets of one body, longest prefix first. */
type Levels = Record<4 | 6, Level[]>

/**
 * Assets by constituent, circuit, address and time. Private addresses overlap between bodies and circuits, so the constituent is
 * always part of the key (KZ-A); of several circuits the event's own wins.
 */
export class AssetIndex {
  readonly #byId = new Map<string, RegistryAsset>()
  readonly #byBody = new Map<string, Levels>()
  #changes = 0

  get version(): string {
    return String(this.#changes)
  }

  get size(): number {
    return this.#byId.size
  }

  /** Takes the newest record of an asset; null where it was withdrawn. An address that is none is left out. */
  put(assetId: string, asset: RegistryAsset | null): void {
    this.#changes++
    const before = this.#byId.get(assetId)
    if (before !== undefined) this.#remove(before)
    this.#byId.delete(assetId)
    if (asset === null) return
    const block = parseBlock(asset.ip)
    if (block === null) return
    this.#byId.set(assetId, asset)
    const first = block.family === 4 ? Number(block.base) : block.base
    const level = this.#levelOf(asset.constituent, block.family, block.bits)
    const assets = level.byFirst.get(first)
    if (assets === undefined) level.byFirst.set(first, [asset])
    else {
      assets.push(asset)
      assets.sort((a, b) => (a.assetId < b.assetId ? -1 : 1))
    }
  }

  #remove(asset: RegistryAsset): void {
    const block = parseBlock(asset.ip)
    if (block === null) return
    const first = block.family === 4 ? Number(block.base) : block.base
    const level = this.#levelOf(asset.constituent, block.family, block.bits)
    const left = (level.byFirst.get(first) ?? []).filter(({ assetId }) => assetId !== asset.assetId)
    if (left.length === 0) level.byFirst.delete(first)
    else level.byFirst.set(first, left)
  }

  #levelOf(constituent: string, family: 4 | 6, bits: number): Level {
    let levels = this.#byBody.get(constituent)
    if (levels === undefined) {
      levels = { 4: [], 6: [] }
      this.#byBody.set(constituent, levels)
    }
    let level = levels[family].find((found) => found.bits === bits)
    if (level === undefined) {
      level = { bits, byFirst: new Map() }
      levels[family].push(level)
      levels[family].sort((a, b) => b.bits - a.bits)
    }
    return level
  }

  /** The asset behind an address of a body at a time: longest prefix first, the event's circuit before another. */
  find(constituent: string, circuit: string, ip: string, atMs: number): RegistryAsset | null {
    const levels = this.#byBody.get(constituent)
    if (levels === undefined) return null
    const address = parseAddress(ip)
    if (address === null) return null
    for (const { bits, byFirst } of levels[address.family]) {
      const assets = byFirst.get(firstOfBlock(address, bits))
      if (assets === undefined) continue
      const valid = assets.filter(
        (asset) => asset.validFrom <= atMs && (asset.validTo === null || atMs < asset.validTo),
      )
      const own = valid.find((asset) => asset.circuit === circuit) ?? valid[0]
      if (own !== undefined) return own
    }
    return null
  }
}

/** What an event carries of an asset: columns 2 to 8 of KZ-A. */
export function matchOf(asset: RegistryAsset): AssetMatch {
  const { assetId, systemId, hostname, unit, floor, office, responsible, os, criticality } = asset
  const location = [floor, office].filter((part) => part !== null).join(', ')
  return {
    assetId,
    systemId,
    hostname,
    unit,
    location: location === '' ? null : location,
    responsible,
    os,
    criticality,
  }
}

/** Columns 2 to 8 of KZ-A for both sides of an event. */
export function assetLookup(index: AssetIndex): Lookup {
  const match = (event: Event, ip: string | null): AssetMatch | null => {
    if (ip === null) return null
    const asset = index.find(event.constituent, event.circuit, ip, event.occurredAt)
    return asset === null ? null : matchOf(asset)
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
