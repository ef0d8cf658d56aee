/** A frame as a collector had it, and where it had it from (`tocsin collect`). */
export interface CollectedFrame {
  /** Id of the collector's store. */
  collectorId: string
  /** Number there, from 1, rising by 1. */
  seq: number
  /** When the collector had it, UTC ms. */
  receivedAtMs: number
  /** Input of the collector that took it: `udp`, or the name of a file in its configuration. */
  input: string
  transport: string
  /** Address of the device; null where there is none (files, journal). */
  address: string | null
  framing: string
  truncatedBytes: number
  possibleRepeat: boolean
  octets: Buffer
}

/** The private enterprise number kept for documentation (RFC 5612), as no own one is registered. */
const ELEMENT = 'tocsin@32473'
const HEAD_MAX_BYTES = 640
const HEAD = new RegExp(
  `^<110>1 \\S{1,40} \\S{1,255} tocsin-collect - line \\[${ELEMENT} c="([a-z0-9-]{1,80})" n="(\\d{1,15})" t="(\\d{1,14})" ` +
    'i="([a-z0-9-]{1,40})" v="([a-z-]{1,12})" a="([0-9a-fA-F.:-]{1,45})" f="([a-z-]{1,20})" x="(\\d{1,10})" r="([01])"\\] ',
)

/**
 * Wraps a frame for the way to the centre: an RFC 5424 message whose structured data carries collector, number and origin
 * and whose text is the octets as they were. Any syslog receiver can read it; ours takes the octets out again.
 */
export function wrapCollected(frame: CollectedFrame, host: string): Buffer {
  const { collectorId, seq, receivedAtMs, input, transport, address, framing, truncatedBytes, possibleRepeat } = frame
  const head =
    `<110>1 ${new Date(receivedAtMs).toISOString()} ${host} tocsin-collect - line [${ELEMENT} c="${collectorId}" n="${seq}" ` +
    `t="${receivedAtMs}" i="${input}" v="${transport}" a="${address ?? '-'}" f="${framing}" x="${truncatedBytes}" r="${possibleRepeat ? 1 : 0}"] `
  return Buffer.concat([Buffer.from(head), frame.octets])
}

/** Takes the octets of a frame; gives what a collector wrapped, or null where it is none. The octets are a view. */
export function unwrapCollected(octets: Buffer): CollectedFrame | null {
  const match = HEAD.exec(octets.toString('latin1', 0, HEAD_MAX_BYTES))
  if (match === null) return null
  const [head, collectorId, seq, receivedAt, input, transport, address, framing, truncated, repeat] =
    match as unknown as [string, string, string, string, string, string, string, string, string, string]
  return {
    collectorId,
    seq: Number(seq),
    receivedAtMs: Number(receivedAt),
    input,
    transport,
    address: address === '-' ? null : address,
    framing,
    truncatedBytes: Number(truncated),
    possibleRepeat: repeat === '1',
    octets: octets.subarray(head.length),
  }
}
