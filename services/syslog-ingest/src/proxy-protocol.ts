import { parseAddress, textOf } from './address.ts'

/** What stands at the beginning of a proxy's connection. */
export type ProxyHeader =
  | { kind: 'more' }
  | { kind: 'bad' }
  /** `peer` is null where the proxy speaks for itself (LOCAL, UNKNOWN). `bytes` is the length of the header. */
  | { kind: 'header'; bytes: number; peer: { address: string; port: number } | null }

const MORE: ProxyHeader = { kind: 'more' }
const BAD: ProxyHeader = { kind: 'bad' }
const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const V2_HEAD_BYTES = 16
/** Addresses and what a proxy may add (type-length-values); nothing that we know of sends more. */
const V2_REST_MAX_BYTES = 4_096
const V1_START = 'PROXY '
const V1_MAX_BYTES = 107
const V1_LINE = /^PROXY (TCP4|TCP6) (\S{1,45}) (\S{1,45}) (\d{1,5}) (\d{1,5})$/
const V1_UNKNOWN = /^PROXY UNKNOWN( |$)/
const PORT_MAX = 65_535

/** Takes the first octets of a connection; gives the header of the PROXY protocol, version 1 or 2 (HAProxy, proxy-protocol.txt). */
export function proxyHeader(octets: Buffer): ProxyHeader {
  const length = Math.min(octets.length, V2_SIGNATURE.length)
  if (octets.subarray(0, length).equals(V2_SIGNATURE.subarray(0, length))) return version2(octets)
  const text = octets.toString('latin1', 0, V1_MAX_BYTES)
  if (!V1_START.startsWith(text.slice(0, V1_START.length))) return BAD
  return version1(text)
}

function version1(text: string): ProxyHeader {
  const end = text.indexOf('\r\n')
  if (end === -1) return text.length >= V1_MAX_BYTES ? BAD : MORE
  const line = text.slice(0, end)
  const bytes = end + 2
  if (V1_UNKNOWN.test(line)) return { kind: 'header', bytes, peer: null }
  const [, family, address = '', , port = ''] = V1_LINE.exec(line) ?? []
  const octets = address.includes(':') === (family === 'TCP6') ? parseAddress(address) : null
  if (octets === null || Number(port) > PORT_MAX) return BAD
  return { kind: 'header', bytes, peer: { address: textOf(octets), port: Number(port) } }
}

function version2(octets: Buffer): ProxyHeader {
  if (octets.length < V2_HEAD_BYTES) return MORE
  const versionAndCommand = octets.readUInt8(12)
  const family = octets.readUInt8(13)
  const rest = octets.readUInt16BE(14)
  const bytes = V2_HEAD_BYTES + rest
  if (versionAndCommand >> 4 !== 2 || (versionAndCommand & 0x0f) > 1 || rest > V2_REST_MAX_BYTES) return BAD
  if (octets.length < bytes) return MORE
  if ((versionAndCommand & 0x0f) === 0) return { kind: 'header', bytes, peer: null }
  switch (family >> 4) {
    case 1:
      return rest < 12
        ? BAD
        : { kind: 'header', bytes, peer: { address: octets.subarray(16, 20).join('.'), port: octets.readUInt16BE(24) } }
    case 2:
      return rest < 36
        ? BAD
        : { kind: 'header', bytes, peer: { address: textOf(octets.subarray(16, 32)), port: octets.readUInt16BE(48) } }
    default:
      return { kind: 'header', bytes, peer: null }
  }
}
