import { createHash } from 'node:crypto'
import { readCsv } from '@tocsin/sheets'
import { firstOfBlock, parseAddress, parseBlock } from '../address.ts'
import { GenerationCache } from '../generation-cache.ts'
import type { Lookup } from '../lookup.ts'

/** Scanners that somebody knows: research projects, a body's own scanner. A scan by one is seen, and rules may pass over it. */
export interface ScannerTable {
  version: string
  /** Name of the scanner that an address belongs to, the narrowest block first; null where it is none. */
  find(ip: string): string | null
}

/** Addresses whose answers are remembered. */
const REMEMBERED = 32_768

/**
 * Reads a list in CSV: name and address or CIDR in each row, `#` before a remark. Throws SyntaxError with the row where one is none: a list that is half
 * read would let scans through that it means to name.
 */
export function readScanners(text: string): ScannerTable {
  const { rows, faults } = readCsv(text)
  const [fault] = faults
  if (fault !== undefined) throw new SyntaxError(`row ${fault.row}: ${fault.reason}`)
  const byLength: Record<4 | 6, Map<number, Map<string, string>>> = { 4: new Map(), 6: new Map() }
  for (const { number, cells } of rows) {
    const [name = '', address = ''] = cells.map((cell) => cell.trim())
    if (name.startsWith('#') || (number === 1 && name.toLowerCase() === 'name')) continue
    const block = parseBlock(address)
    if (block === null || name === '')
      throw new SyntaxError(`row ${number}: "${address}" is no address, or the name is empty`)
    const blocks = byLength[block.family].get(block.bits) ?? new Map<string, string>()
    blocks.set(String(block.base), name.slice(0, 100))
    byLength[block.family].set(block.bits, blocks)
  }
  const levels = { 4: narrowestFirst(byLength[4]), 6: narrowestFirst(byLength[6]) }
  return {
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    find(ip) {
      const address = parseAddress(ip)
      if (address === null) return null
      for (const [bits, blocks] of levels[address.family]) {
        const name = blocks.get(String(firstOfBlock(address, bits)))
        if (name !== undefined) return name
      }
      return null
    },
  }
}

const narrowestFirst = <Value>(byLength: ReadonlyMap<number, Value>): [number, Value][] =>
  [...byLength].sort(([a], [b]) => b - a)

/** Names the known scanner behind the source address. */
export function scannerLookup(table: () => ScannerTable | null): Lookup {
  const cache = new GenerationCache<string | null>(REMEMBERED)
  return {
    name: 'scanners',
    version: () => table()?.version ?? '',
    apply(event, tail) {
      const current = table()
      if (current === null || event.source_ip === null) return
      tail.sourceScanner = cache.get(event.source_ip, current.version, (ip) => current.find(ip))
    },
  }
}
