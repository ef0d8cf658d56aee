import type { DeadLetter } from '@tocsin/events'

/** A dead letter of the normalizer, with what the test changes. */
export function letterOf(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    deadLetterId: '3f0a91'.padEnd(32, '0'),
    service: 'normalizer',
    slot: '0',
    serviceVersion: '0.1.0',
    stage: 'decode',
    code: 'undecodable_record',
    message: 'The octets do not decode as RawBlock.',
    stack: null,
    constituent: 'dc-health',
    topic: 'raw-blocks',
    partition: 3,
    offset: 17,
    timestamp: 1_772_323_200_000,
    key: Buffer.from('edge-1'),
    original: Buffer.from('not avro'),
    headers: { 'x-from': Buffer.from('elsewhere') },
    attempts: 1,
    firstSeenAt: 1_772_323_200_000,
    at: 1_772_323_200_500,
    traceparent: null,
    ...changes,
  }
}
