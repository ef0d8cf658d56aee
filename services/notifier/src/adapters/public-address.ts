import { type LookupAddress, lookup as lookUp } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Networks that no message to a registered address goes to: this host, the link, private networks, what embeds an IPv4 address. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
]

/** This host, where the embedded profile has its receivers. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Code of the error where an address is not allowed; nothing was sent then. */
export const NOT_ALLOWED = 'ERR_ADDRESS_NOT_ALLOWED'

/** Says of an address whether it may be connected to. */
export type AddressPolicy = (address: string) => boolean

/** Public addresses, and those of `allow` (`10.1.2.0/24`, or one address). Throws RangeError for what is no network. */
export function publicOr(allow: readonly string[]): AddressPolicy {
  const [refused, allowed] = [listOf(NOT_PUBLIC), listOf(allow)]
  return (address) => {
    // An IPv4 address in IPv6 clothes is judged as what it is.
    const bare = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? hexMapped(address) ?? address
    const family = isIP(bare)
    if (family === 0) return false
    const name = family === 4 ? 'ipv4' : 'ipv6'
    return allowed.check(bare, name) || !refused.check(bare, name)
  }
}

function hexMapped(address: string): string | null {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high === undefined || low === undefined) return null
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of networks) {
    const [address = '', prefix, ...rest] = text.trim().split('/')
    const family = isIP(address)
    if (family === 0 || rest.length > 0) throw new RangeError(`"${text}" is no network.`)
    list.addSubnet(address, Number(prefix ?? (family === 4 ? 32 : 128)), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/**
 * Looks a name up for one connection and fails when any of its addresses is not allowed. The connection uses what was checked:
 * a name that is answered otherwise the next time (DNS rebinding) gains nothing.
 */
export function guardedLookup(policy: AddressPolicy, lookup: typeof lookUp = lookUp): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) return callback(error, '')
      const wrong = found.find(({ address }) => !policy(address))
      const [first] = found
      if (wrong !== undefined || first === undefined) return callback(notAllowed(hostname, wrong?.address), '')
      if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

/** The error for a host whose address is not allowed. */
export function notAllowed(host: string, address: string | undefined): NodeJS.ErrnoException {
  const where = address === undefined || address === host ? host : `${host} (${address})`
  const message = `${where} is no public address, and not among those that NOTIFIER_HTTP_ALLOW names`
  return Object.assign(new Error(message), { code: NOT_ALLOWED })
}
