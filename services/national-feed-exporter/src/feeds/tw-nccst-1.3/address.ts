const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/** Takes an address as text; gives its one spelling (RFC 5952 for IPv6), or null when it is none. */
export function canonicalIp(text: string): string | null {
  const address = text.trim()
  if (IPV4.test(address)) return address
  // A zone index names an interface of one machine and means nothing elsewhere.
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(address) || !address.includes(':')) return null
  const groups = groupsOf(address)
  return groups === null ? null : formatGroups(groups)
}

/** Eight 16-bit groups of an IPv6 text, or null; the URL parser checks it and turns a dotted tail into hexadecimal. */
function groupsOf(address: string): number[] | null {
  const url = URL.parse(`http://[${address}]/`)
  if (url === null) return null
  const [head = '', tail] = url.hostname.slice(1, -1).split('::')
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = numbers(head)
  if (tail === undefined) return left
  const right = numbers(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** RFC 5952 4: no leading zeros, the longest run of two or more zero groups shortened, the first one of equals; 5: mapped IPv4 dotted. */
function formatGroups(groups: readonly number[]): string {
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6)
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  let best = { from: -1, length: 1 }
  for (let from = 0; from < groups.length; from++) {
    let length = 0
    while (from + length < groups.length && groups[from + length] === 0) length++
    if (length > best.length) best = { from, length }
    from += length
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.from < 0) return hex.join(':')
  return `${hex.slice(0, best.from).join(':')}::${hex.slice(best.from + best.length).join(':')}`
}

/** True for addresses that have no place on the map: private, loopback, link-local, unique local. */
export function isPrivateIp(address: string): boolean {
  if (IPV4.test(address)) {
    const [a = 0, b = 0] = address.split('.').map(Number)
    return (
      a === 10 ||
      a === 127 ||
      a === 0 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b < 128)
    )
  }
  if (address === '::' || address === '::1') return true
  if (address.startsWith('::ffff:')) return isPrivateIp(address.slice(7))
  const first = Number.parseInt(address.split(':')[0] || '0', 16)
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80
}
