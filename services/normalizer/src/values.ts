/** Readers of single values: addresses, ports, numbers. All linear, none throws. */

export interface Address {
  readonly ip: string
  readonly port?: number
}

/** Dotted quad, four decimal octets. */
export function isIpv4(text: string): boolean {
  const length = text.length
  if (length < 7 || length > 15) return false
  let dots = 0
  let value = -1
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (value < 0) return false
      dots++
      value = -1
    } else if (code >= 48 && code <= 57) {
      value = value < 0 ? code - 48 : value * 10 + code - 48
      if (value > 255) return false
    } else return false
  }
  return dots === 3 && value >= 0
}

const ipv6Shape = /^[0-9A-Fa-f:]{2,39}(?:\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})?$/

/** RFC 4291 2.2 text form, without zone. */
export function isIpv6(text: string): boolean {
  if (text.length < 2 || text.length > 45 || !ipv6Shape.test(text)) return false
  const colon = text.indexOf(':')
  if (colon < 0) return false
  const gap = text.indexOf('::')
  if (gap !== text.lastIndexOf('::') || text.includes(':::')) return false
  if (gap < 0 && (text.startsWith(':') || text.endsWith(':'))) return false
  const groups = text.split(':')
  let count = 0
  for (const [index, group] of groups.entries()) {
    if (group === '') continue
    if (index === groups.length - 1 && group.includes('.')) {
      if (!isIpv4(group)) return false
      count += 2
    } else if (group.length > 4) return false
    else count++
  }
  return gap >= 0 ? count <= 7 : count === 8
}

/** The address in its plain form (zone cut, IPv4-mapped as IPv4), or undefined when the text is no address. */
export function readIp(text: string): string | undefined {
  if (isIpv4(text)) return text
  if (!text.includes(':')) return undefined
  const zone = text.indexOf('%')
  const bare = zone > 0 ? text.slice(0, zone) : text
  if (!isIpv6(bare)) return undefined
  if (bare.length > 7 && bare.slice(0, 7).toLowerCase() === '::ffff:' && isIpv4(bare.slice(7))) return bare.slice(7)
  return bare
}

/** An address with an optional port: `a`, `a:p`, `[a]:p`, `a/p`, `a#p`, `a(p)`; undefined when it starts with no address. */
export function readAddress(input: string): Address | undefined {
  const text = input.trim()
  if (text.length < 2 || text.length > 80) return undefined
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    const ip = end > 0 ? readIp(text.slice(1, end)) : undefined
    if (ip === undefined) return undefined
    return withPort(ip, text.slice(end + 1))
  }
  const whole = readIp(text)
  if (whole !== undefined) return { ip: whole }
  const cut = text.search(/[/#(,\s]|:\d{1,5}$/)
  if (cut <= 0) return undefined
  const ip = readIp(text.slice(0, cut))
  return ip === undefined ? undefined : withPort(ip, text.slice(cut))
}

function withPort(ip: string, rest: string): Address {
  const digits = /^[:/#([](\d{1,5})\b/.exec(rest)
  const port = digits?.[1] === undefined ? undefined : readPort(digits[1])
  // A mask such as 10.0.0.0/24 is not a port.
  if (port === undefined || (rest.startsWith('/') && port <= 128 && port !== 22 && port !== 53 && port !== 80))
    return { ip }
  return { ip, port }
}

export function readPort(text: string): number | undefined {
  const value = readInteger(text)
  return value !== undefined && value >= 0 && value <= 65_535 ? value : undefined
}

/** A whole number in decimal, or in hexadecimal with `0x`. */
export function readInteger(input: string): number | undefined {
  const text = input.trim()
  if (/^-?\d{1,16}$/.test(text)) return Number(text)
  if (/^\d{1,16}\.\d{1,9}$/.test(text)) return Math.trunc(Number(text))
  if (/^0x[0-9A-Fa-f]{1,13}$/.test(text)) return Number.parseInt(text.slice(2), 16)
  return undefined
}

const protocolNumbers: Record<string, string> = {
  '1': 'icmp',
  '2': 'igmp',
  '6': 'tcp',
  '17': 'udp',
  '41': 'ipv6',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'ipv6-icmp',
  '88': 'eigrp',
  '89': 'ospf',
  '103': 'pim',
  '112': 'vrrp',
  '132': 'sctp',
}
const transports = new Set([
  'tcp',
  'udp',
  'icmp',
  'ipv6-icmp',
  'icmp6',
  'icmpv6',
  'gre',
  'esp',
  'ah',
  'igmp',
  'sctp',
  'pim',
  'ospf',
  'eigrp',
  'vrrp',
  'quic',
  'ipip',
])

/** IANA protocol name in lower case from a number or a name; undefined for what is no transport. */
export function readTransport(input: string): string | undefined {
  const text = input.trim().toLowerCase()
  const name = protocolNumbers[text]
  if (name !== undefined) return name
  if (text === 'icmp6' || text === 'icmpv6') return 'ipv6-icmp'
  return transports.has(text) ? text : undefined
}

/** A MAC address as ECS wants it: upper case, hyphens (RFC 7042). */
export function readMac(input: string): string | undefined {
  const hex = input.trim().replaceAll(/[:.-]/g, '').toUpperCase()
  if (!/^[0-9A-F]{12}$/.test(hex)) return undefined
  return hex.replaceAll(/(..)(?=.)/g, '$1-')
}
