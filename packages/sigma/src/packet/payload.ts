import { lowered } from './segment.ts'

/** A payload, decoded, and the same with its ASCII letters in lower case. */
export interface Payload {
  octets: Buffer
  lower: Buffer
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

let lastText: string | null = null
let last: Payload | null = null

/** Decodes base64 as sensors log it; null for anything else. Kept for the next question: all rules ask about the same payload. */
export function payloadOf(text: string): Payload | null {
  if (text === lastText) return last
  lastText = text
  const octets = base64.test(text) ? Buffer.from(text, 'base64') : null
  last = octets === null ? null : { octets, lower: lowered(octets) }
  return last
}

/**
 * The TCP or UDP payload of a packet that was logged whole (Suricata's `packet`: Ethernet, or bare IP), in base64; null where it carries
 * none or is cut. Fragments are left out: their payload is no payload.
 */
export function payloadOfPacket(text: string): string | null {
  const packet = base64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  const start = ipStart(packet)
  if (start < 0) return null
  const version = (packet[start] ?? 0) >> 4
  const transport = version === 4 ? afterIpv4(packet, start) : version === 6 ? afterIpv6(packet, start) : null
  if (transport === null) return null
  const { protocol, at, end } = transport
  const header = protocol === 6 ? ((packet[at + 12] ?? 0) >> 4) * 4 : protocol === 17 ? 8 : 0
  if (header < 8 || at + header > end) return null
  return packet.subarray(at + header, end).toString('base64')
}

function ipStart(packet: Buffer): number {
  if (packet.length < 20) return -1
  let at = 12
  let type = packet.readUInt16BE(at)
  while ((type === 0x8100 || type === 0x88a8) && at + 6 <= packet.length) {
    at += 4
    type = packet.readUInt16BE(at)
  }
  if (type === 0x0800 || type === 0x86dd) return at + 2
  return packet[0] === 0x45 ? 0 : -1
}

interface Transport {
  protocol: number
  at: number
  end: number
}

function afterIpv4(packet: Buffer, start: number): Transport | null {
  if (start + 20 > packet.length || (packet.readUInt16BE(start + 6) & 0x3fff) !== 0) return null
  const end = Math.min(packet.length, start + packet.readUInt16BE(start + 2))
  return { protocol: packet[start + 9] ?? 0, at: start + ((packet[start] ?? 0) & 15) * 4, end }
}

function afterIpv6(packet: Buffer, start: number): Transport | null {
  if (start + 40 > packet.length) return null
  const end = Math.min(packet.length, start + 40 + packet.readUInt16BE(start + 4))
  let protocol = packet[start + 6] ?? 0
  let at = start + 40
  // Hop-by-hop, routing and destination options; a fragment header ends it.
  while ((protocol === 0 || protocol === 43 || protocol === 60) && at + 8 <= end) {
    protocol = packet[at] ?? 0
    at += 8 + (packet[at + 1] ?? 0) * 8
  }
  return { protocol, at, end }
}
