/** An IPv4 or IPv6 address as 16 octets; IPv4 stands in its mapped form (RFC 4291 2.5.5.2), so both compare alike. */
export type AddressOctets = Uint8Array

/** Addresses that share their first `prefixBits` of 128. */
export interface AddressRange {
  octets: AddressOctets
  prefixBits: number
}

const MAPPED_BITS = 96

/** Takes an address as text (IPv4, IPv6, IPv4-mapped, a zone after `%` is ignored); gives its octets, or null. */
export function parseAddress(text: string): AddressOctets | null {
  const bare = text.split('%')[0] as string
  if (!bare.includes(':')) {
    const v4 = parseV4(bare)
    return v4 === null ? null : mapped(v4)
  }
  return parseV6(bare)
}

/** Takes an address or CIDR (`10.0.0.0/8`, `2001:db8::/32`, `::ffff:10.0.0.0/104`); gives the range, or null. */
export function parseRange(text: string): AddressRange | null {
  const [address, prefix, more] = text.trim().split('/')
  const octets = parseAddress(address ?? '')
  if (octets === null || more !== undefined) return null
  if (prefix === undefined) return { octets, prefixBits: 128 }
  if (!/^\d{1,3}$/.test(prefix)) return null
  const prefixBits = Number(prefix) + (text.includes(':') ? 0 : MAPPED_BITS)
  return prefixBits > 128 ? null : { octets, prefixBits }
}

/** True when the address lies in the range. An IPv6 range shorter than /96 never holds an IPv4 address. */
export function isInRange(address: AddressOctets, range: AddressRange): boolean {
  if (range.prefixBits < MAPPED_BITS && isMapped(address)) return false
  const whole = range.prefixBits >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== range.octets[index]) return false
  const rest = range.prefixBits & 7
  if (rest === 0) return true
  const mask = (0xff << (8 - rest)) & 0xff
  return ((address[whole] as number) & mask) === ((range.octets[whole] as number) & mask)
}

/** Takes what a socket calls its peer; gives the text to keep: IPv4 where it is mapped, lower case, no zone. */
export function addressText(peer: string): string {
  const bare = (peer.split('%')[0] as string).toLowerCase()
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare
}

/** Takes octets; gives the one text for them (RFC 5952), IPv4 where it is mapped. */
export function textOf(octets: AddressOctets): string {
  if (isMapped(octets)) return octets.subarray(12).join('.')
  const text = Array.from({ length: 8 }, (_, word) =>
    (((octets[word * 2] as number) << 8) | (octets[word * 2 + 1] as number)).toString(16),
  ).join(':')
  // The first of the longest runs of zeros is left out; a single zero is not.
  const [longest] = [...text.matchAll(/\b0(?::0\b)+/g)].toSorted((a, b) => b[0].length - a[0].length)
  if (longest === undefined) return text
  return `${text.slice(0, Math.max(0, longest.index - 1))}::${text.slice(longest.index + longest[0].length + 1)}`
}

function isMapped(octets: AddressOctets): boolean {
  return octets[10] === 0xff && octets[11] === 0xff && octets.subarray(0, 10).every((octet) => octet === 0)
}

function mapped(v4: readonly number[]): AddressOctets {
  return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4])
}

function parseV4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  // A leading zero is refused: some readers take 010 for 8.
  const octets = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256))
  return octets.every((octet) => octet <= 255) ? octets : null
}

function parseV6(text: string): AddressOctets | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groupsOf(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : []
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null
  return Uint8Array.from([...head, ...Array.from({ length: missing }, () => 0), ...tail])
}

/** Octets of groups between colons; the last may be a dotted IPv4 where `mayEndDotted`. */
function groupsOf(text: string, mayEndDotted: boolean): number[] | null {
  if (text === '') return []
  const octets: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (group.includes('.') && mayEndDotted && index === groups.length - 1) {
      const v4 = parseV4(group)
      if (v4 === null) return null
      octets.push(...v4)
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      octets.push(value >> 8, value & 0xff)
    } else return null
  }
  return octets
}
