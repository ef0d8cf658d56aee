/** An address as its number of bits and its value; an IPv4 address mapped into IPv6 is an IPv4 address. */
interface Address {
  bits: 32 | 128
  value: bigint
}

/** Compiles `a.b.c.d/n` or an IPv6 network to a test of addresses. Null when the text is no network. Host bits are ignored. */
export function compileCidr(text: string): ((address: string) => boolean) | null {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === null) return null
  const prefixText = slash < 0 ? String(address.bits) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(prefixText)) return null
  const mapped = address.bits === 32 && text.includes(':') ? 96 : 0
  const prefix = Number(prefixText) - (slash < 0 ? 0 : mapped)
  if (prefix < 0 || prefix > address.bits) return null
  const shift = BigInt(address.bits - prefix)
  const network = address.value >> shift
  if (address.bits === 32 && mapped === 0) return compileIpv4(Number(address.value), prefix)
  return (candidate) => {
    const parsed = parseAddress(candidate)
    return parsed !== null && parsed.bits === address.bits && parsed.value >> shift === network
  }
}

// IPv4 is nearly every network of real rules: compared as plain numbers, without big integers.
function compileIpv4(base: number, prefix: number): (address: string) => boolean {
  const size = 2 ** (32 - prefix)
  const network = Math.floor(base / size)
  return (candidate) => {
    const value = candidate.includes(':') ? mappedIpv4(candidate) : parseIpv4(candidate)
    return value !== null && Math.floor(value / size) === network
  }
}

function mappedIpv4(text: string): number | null {
  const parsed = parseAddress(text)
  return parsed?.bits === 32 ? Number(parsed.value) : null
}

function parseAddress(text: string): Address | null {
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  if (!bare.includes(':')) {
    const value = parseIpv4(bare)
    return value === null ? null : { bits: 32, value: BigInt(value) }
  }
  const value = parseIpv6(bare)
  if (value === null) return null
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value }
}

function parseIpv4(text: string): number | null {
  let value = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (digits === 0 || ++dots > 3) return null
      value = value * 256 + part
      part = 0
      digits = 0
    } else {
      if (code < 48 || code > 57 || (digits > 0 && part === 0)) return null
      part = part * 10 + code - 48
      if (++digits > 3 || part > 255) return null
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : null
}

function parseIpv6(text: string): bigint | null {
  if (text.length > 45) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groupsOf(halves[0] ?? '')
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : []
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  let value = 0n
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group)
  return value
}

function groupsOf(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const ipv4 = parseIpv4(part)
      if (ipv4 === null) return null
      groups.push(Math.floor(ipv4 / 65536), ipv4 % 65536)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return null
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}
