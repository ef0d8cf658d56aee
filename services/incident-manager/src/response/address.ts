import { isIPv4, isIPv6 } from 'node:net'

/** An address as its number of bits and its value. */
interface Numbered {
  bits: 32 | 128
  value: bigint
}

/** A network: an address and how many of its bits count. */
export interface Network {
  text: string
  bits: 32 | 128
  value: bigint
  prefix: number
}

/**
 * Takes an address as a person typed it; gives the one way to write it (RFC 5952; dotted quad without leading zeros), or null.
 * IPv4 mapped into IPv6, zones, names, numbers and ranges are none: the filter and the list of protected networks would read
 * them differently (SEC-S12).
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text
  if (text.length > 45 || text.includes('%') || text.includes('.') || !isIPv6(text)) return null
  // Compressed and in lower case, as RFC 5952 asks: the WHATWG serialiser of hosts does exactly that.
  const written = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const numbered = numberOf(written)
  return numbered === null || numbered.value >> 32n === 0xffffn ? null : written
}

/** Takes `192.0.2.0/24`, `2001:db8::/32` or a single address; gives the network, or null. Host bits are ignored. */
export function networkOf(text: string): Network | null {
  const [address = '', prefixText, ...rest] = text.trim().split('/')
  const numbered = numberOf(address)
  if (numbered === null || rest.length > 0) return null
  const { bits, value } = numbered
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1
  return prefix < 0 || prefix > bits ? null : { text: text.trim(), bits, value, prefix }
}

/** The first of the networks that holds a canonical address. */
export function networkHolding(address: string, networks: readonly Network[]): Network | undefined {
  const numbered = numberOf(address)
  return numbered === null ? undefined : networks.find((network) => holds(network, numbered))
}

function holds({ bits, value, prefix }: Network, address: Numbered): boolean {
  const shift = BigInt(bits - prefix)
  return bits === address.bits && value >> shift === address.value >> shift
}

function numberOf(address: string): Numbered | null {
  if (isIPv4(address)) return { bits: 32, value: joined(address.split('.').map(Number), 8n) }
  if (address.includes('.') || address.includes('%') || !isIPv6(address)) return null
  const [head = '', tail] = address.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const gap = Array<number>(8 - left.length - right.length).fill(0)
  return { bits: 128, value: joined([...left, ...gap, ...right], 16n) }
}

function joined(parts: readonly number[], bitsEach: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bitsEach) | BigInt(part), 0n)
}
