import { createHash } from 'node:crypto'

/** UUID version 5 (RFC 9562 section 5.5): the same name in the same namespace gives the same UUID. */
export function uuidV5(name: string, namespace: string): string {
  const octets = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x50
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const hex = octets.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Namespace of everything that we name ourselves. */
export const OWN_NAMESPACE = '5d2f1f0e-6f0b-5c6a-9a52-3c1f6f7d9b10'
