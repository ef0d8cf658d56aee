/**
 * The partition that a record with this key comes to, as every producer here decides it (settings.ts: murmur2, as Java and
 * kafkajs do). Takes the key and how many partitions the topic has.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** MurmurHash2 of 32 bits as Kafka's Java client computes it; a signed number. */
export function murmur2(octets: Uint8Array): number {
  const { length } = octets
  let hash = SEED ^ length
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    let word =
      octet(octets, at) | (octet(octets, at + 1) << 8) | (octet(octets, at + 2) << 16) | (octet(octets, at + 3) << 24)
    word = Math.imul(word, M)
    word = Math.imul(word ^ (word >>> 24), M)
    hash = Math.imul(hash, M) ^ word
  }
  if (length > whole) {
    for (let at = length - 1; at >= whole; at--) hash ^= octet(octets, at) << (8 * (at - whole))
    hash = Math.imul(hash, M)
  }
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

function octet(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0
}
