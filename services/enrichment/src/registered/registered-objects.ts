import type { AssetMatch, Indicator, RegistryAsset, RegistrySystem } from '@tocsin/events'
import { type Block, firstOfBlock, isShared, parseAddress, parseBlock } from '../address.ts'
import { matchOf } from '../lookups/assets.ts'

/** What a body has registered and others can see: an asset or a system with its public addresses and names. */
export interface RegisteredObject {
  /** Asset or system; systemId alone where the system itself is registered with the address. */
  asset: AssetMatch
  constituent: string
  circuit: string
  ips: readonly string[]
  names: readonly string[]
  validFrom: number
  validTo: number | null
  /** UTC milliseconds. */
  changedAt: number
}

/** One address or name of an object that an indicator is about. */
export interface Concern {
  object: RegisteredObject
  /** ECS name of the field that carries it in the event. */
  field: 'source.ip' | 'destination.domain'
  value: string
}

/** An asset as an object; without a name of several labels the network name says nothing outside. */
export function objectOfAsset(asset: RegistryAsset): RegisteredObject {
  const { constituent, circuit, ip, hostname, validFrom, validTo, changedAt } = asset
  const names = hostname === null ? [] : [hostname]
  return { asset: matchOf(asset), constituent, circuit, ips: [ip], names, validFrom, validTo, changedAt }
}

/** A system as an object: its addresses and domain names (A1-2, A1-3). */
export function objectOfSystem(system: RegistrySystem): RegisteredObject {
  const { systemId, constituent, ips, domains, changedAt } = system
  const nothing = { hostname: null, unit: null, location: null, responsible: null, os: null }
  const asset = { assetId: '', systemId, ...nothing, criticality: system.systemClass * 20 }
  return { asset, constituent, circuit: 'outer', ips, names: domains, validFrom: 0, validTo: null, changedAt }
}

/** Public addresses of an object, and its names of at least two labels, as they are compared. */
export function publicPartsOf({ ips, names }: Pick<RegisteredObject, 'ips' | 'names'>): {
  blocks: { text: string; block: Block }[]
  domains: string[]
} {
  const blocks = ips.flatMap((text) => {
    const block = parseBlock(text)
    const first = parseAddress(text.split('/', 1)[0] ?? '')
    return block === null || first === null || isShared(first) ? [] : [{ text, block }]
  })
  return { blocks, domains: names.map(bare).filter((name) => name.includes('.')) }
}

const bare = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()

/** A name and its parents of at least two labels. */
function* withParents(name: string): Generator<string> {
  for (let at = 0; name.indexOf('.', at) > 0; at = name.indexOf('.', at) + 1) yield name.slice(at)
}

interface Entry extends Concern {
  id: string
  block: Block | null
}

/**
 * Registered objects of all bodies by what the outside sees of them: public addresses and domain names. Private addresses overlap between
 * bodies, so a list that names one is about nobody.
 */
export class RegisteredObjects {
  readonly #byId = new Map<string, readonly Entry[]>()
  readonly #byAddress = new Map<string, Set<Entry>>()
  readonly #byName = new Map<string, Set<Entry>>()
  readonly #lengths: Record<4 | 6, Map<number, number>> = { 4: new Map(), 6: new Map() }

  /** Takes the newest of an object; null where it was withdrawn. Ids of assets and systems must not meet: prefix them. */
  put(id: string, object: RegisteredObject | null): void {
    for (const entry of this.#byId.get(id) ?? []) this.#link(entry, false)
    this.#byId.delete(id)
    if (object === null) return
    const { blocks, domains } = publicPartsOf(object)
    const entries: Entry[] = [
      ...blocks.map(({ text, block }) => ({ id, object, field: 'source.ip' as const, value: text, block })),
      ...domains.map((value) => ({ id, object, field: 'destination.domain' as const, value, block: null })),
    ]
    if (entries.length === 0) return
    this.#byId.set(id, entries)
    for (const entry of entries) this.#link(entry, true)
  }

  /** What an indicator is about: objects with its address, within its block, with its name or one below it, or that its URL lies on. */
  concernedBy({ type, value }: Pick<Indicator, 'type' | 'value'>): Concern[] {
    switch (type) {
      case 'ip':
        return this.#ofAddress(value)
      case 'cidr':
        return this.#ofBlock(value)
      case 'domain':
        return this.#ofName(bare(value))
      case 'url': {
        const host = URL.canParse(value) ? new URL(value).hostname.replaceAll(/[[\]]/g, '') : ''
        return parseAddress(host) === null ? this.#ofName(bare(host)) : this.#ofAddress(host)
      }
      default:
        return []
    }
  }

  #ofAddress(text: string): Concern[] {
    const address = parseAddress(text)
    if (address === null) return []
    return [...this.#lengths[address.family].keys()].flatMap((bits) => [
      ...(this.#byAddress.get(`${address.family}/${bits}/${firstOfBlock(address, bits)}`) ?? []),
    ])
  }

  #ofBlock(text: string): Concern[] {
    const wide = parseBlock(text)
    if (wide === null) return []
    const width = wide.family === 4 ? 32n : 128n
    const shift = width - BigInt(wide.bits)
    return [...this.#byAddress.values()].flatMap((entries) =>
      [...entries].filter(
        ({ block }) =>
          block !== null &&
          block.family === wide.family &&
          block.bits >= wide.bits &&
          block.base >> shift === wide.base >> shift,
      ),
    )
  }

  // A listed name is about the object whose name it is, about those below it, and about the one that it lies below.
  #ofName(name: string): Concern[] {
    const found = new Set<Concern>(this.#byName.get(name))
    for (const parent of withParents(name))
      for (const entry of this.#byName.get(parent) ?? []) if (entry.value === parent) found.add(entry)
    return [...found]
  }

  #link(entry: Entry, isIn: boolean): void {
    const change = (map: Map<string, Set<Entry>>, key: string): void => {
      const entries = map.get(key) ?? new Set()
      if (isIn) entries.add(entry)
      else entries.delete(entry)
      if (entries.size === 0) map.delete(key)
      else map.set(key, entries)
    }
    if (entry.block === null) {
      for (const name of withParents(entry.value)) change(this.#byName, name)
      return
    }
    const { family, bits, base } = entry.block
    change(this.#byAddress, `${family}/${bits}/${base}`)
    const lengths = this.#lengths[family]
    const left = (lengths.get(bits) ?? 0) + (isIn ? 1 : -1)
    if (left === 0) lengths.delete(bits)
    else lengths.set(bits, left)
  }
}
