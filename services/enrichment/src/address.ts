import { isIPv6 } from 'node:net'

/** An address as a number: 32 bits for IPv4, 128 for IPv6; IPv4-mapped IPv6 counts as IPv4. */
export type Address = { family: 4; value: number } | { family: 6; value: bigint }

/** Takes address text (RFC 4291, RFC 5952, dotted quad); gives its number, or null where it is no address. */
export function parseAddress(text: string): Address | null {
  const value4 = quad(text)
  if (value4 >= 0) return { family: 4, value: value4 }
  if (!isIPv6(text)) return null
  const bare = text.split('%', 1)[0] ?? text
  const value = groups(bare)
  if (value >> 32n === 0xffffn) return { family: 4, value: Number(value & 0xffffffffn) }
  return { family: 6, value }
}

const ZERO = 48
const DOT = 46

/** Dotted quad without leading zeros as a number; -1 where the text is none. One pass: it is asked twice for each event. */
function quad(text: string): number {
  if (text.length < 7 || text.length > 15) return -1
  let value = 0
  let part = -1
  let dots = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === DOT) {
      if (part < 0 || ++dots > 3) return -1
      value = value * 256 + part
      part = -1
      continue
    }
    const digit = char - ZERO
    if (digit < 0 || digit > 9 || part === 0) return -1
    part = part < 0 ? digit : part * 10 + digit
    if (part > 255) return -1
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1
}

function groups(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const left = words(head)
  const right = tail === undefined ? [] : words(tail)
  const missing = tail === undefined ? 0 : 8 - left.length - right.length
  const all = [...left, ...Array.from({ length: missing }, () => 0), ...right]
  return all.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n)
}

function words(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const value = quad(group)
    return [Math.floor(value / 65_536), value % 65_536]
  })
}

/** Blocks that no geography or autonomous system belongs to (RFC 6890): private, loopback, link-local, documentation, multicast. */
const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
  '2001:db8::/32',
]

/** A block of addresses. */
export interface Block {
  family: 4 | 6
  /** First address of the block. */
  base: bigint
  bits: number
}

/** Takes CIDR text, or a single address; gives the block, or null where it is none. */
export function parseBlock(text: string): Block | null {
  const [host = '', length] = text.split('/')
  const address = parseAddress(host)
  if (address === null) return null
  const width = address.family === 4 ? 32 : 128
  const bits = length === undefined ? width : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > width) return null
  return { family: address.family, base: prefixOf(address, bits), bits }
}

/** First address of the block of `bits` that holds `address`. */
export function prefixOf(address: Address, bits: number): bigint {
  return BigInt(firstOfBlock(address, bits))
}

/** The same, as a number for IPv4: big integers cost more than the look-up itself. */
export function firstOfBlock(address: Address, bits: number): number | bigint {
  if (address.family === 4) return bits === 0 ? 0 : (address.value & (-1 << (32 - bits))) >>> 0
  const shift = BigInt(128 - bits)
  return (address.value >> shift) << shift
}

const special4 = SPECIAL.map((text) => parseBlock(text) as Block)
  .filter(({ family }) => family === 4)
  .map(({ base, bits }) => ({ base: Number(base), bits }))
const special6 = SPECIAL.map((text) => parseBlock(text) as Block).filter(({ family }) => family === 6)

/** Whether an address is global, so that geography and autonomous system mean something. */
export function isGlobal(address: Address): boolean {
  if (address.family === 4) return !special4.some(({ base, bits }) => firstOfBlock(address, bits) === base)
  return !special6.some(({ base, bits }) => firstOfBlock(address, bits) === base)
}

/** Blocks that many networks use at once, so that an address of them says nothing outside its own. */
const SHARED = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12']
  .concat('192.168.0.0/16', '224.0.0.0/3', '::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8')
  .map((text) => parseBlock(text) as Block)

/** Whether an address may stand for several machines in several networks. */
export function isShared(address: Address): boolean {
  return SHARED.some(
    ({ family, base, bits }) => family === address.family && BigInt(firstOfBlock(address, bits)) === base,
  )
}
