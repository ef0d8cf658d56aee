import { createHash } from 'node:crypto'
import { placeInCircuit } from './checks.ts'
import type { Registry } from './held.ts'
import type { AssetKey } from './sheet.ts'

/** Gives the id of an asset whose row has none. */
export type AssetIds = (asset: AssetKey) => string

const MAX_ID_CHARACTERS = 63

/**
 * Gives ids to assets whose rows have none: that of the asset with the same body, circuit and address, which are its key (KZ-A),
 * or a new one made of the three, always the same for the same three.
 */
export function assetIds(current: Registry): AssetIds {
  const known = new Map<string, string>()
  for (const { entry } of current.assets.values()) {
    const key = placeInCircuit(entry, 'ip')
    if (key !== null) known.set(key, entry.id)
  }
  return (asset) => {
    const key = placeInCircuit({ ...asset }, 'ip')
    return (key === null ? undefined : known.get(key)) ?? newId(asset)
  }
}

function newId({ constituent = 'asset', circuit = '', ip = '' }: AssetKey): string {
  const readable = `${constituent}-${circuit}-${ip}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const id = readable.replace(/^-+|-+$/g, '')
  if (id.length <= MAX_ID_CHARACTERS) return id
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 12)
  return `${id.slice(0, MAX_ID_CHARACTERS - 13)}-${hash}`
}
