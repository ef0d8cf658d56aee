import type { BaseSettings } from '@tocsin/runtime'

/** librdkafka settings: names to values. */
export type RdSettings = Record<string, string | number | boolean>

/** Address and security of the cluster, for every client. */
export function clusterSettings(config: BaseSettings, clientId: string): RdSettings {
  const settings: RdSettings = {
    'bootstrap.servers': config.kafkaBrokers,
    'client.id': clientId,
    'allow.auto.create.topics': false,
    'socket.keepalive.enable': true,
    'reconnect.backoff.max.ms': 2_000,
    'topic.metadata.refresh.interval.ms': 30_000,
    log_level: 3,
  }
  const optional: readonly [string, string | undefined][] = [
    ['security.protocol', config.kafkaSecurityProtocol],
    ['ssl.ca.location', config.kafkaSslCaFile],
    ['ssl.certificate.location', config.kafkaSslCertFile],
    ['ssl.key.location', config.kafkaSslKeyFile],
    ['sasl.mechanism', config.kafkaSaslMechanism],
    ['sasl.username', config.kafkaSaslUsername],
    ['sasl.password', config.kafkaSaslPassword],
  ]
  for (const [name, value] of optional) if (value !== undefined) settings[name] = value
  return settings
}

/**
 * Consumer of a stage. `fetch.queue.backoff.ms` decides the throughput of the loop (28 k against 116 k msg/s, kafka.md
 * 1.5). The group is classic: KIP-848 stalls with this librdkafka (kafka.md 3.2). Several co-partitioned inputs need
 * `range`, which gives partition n of each topic to the same member; one input moves cooperatively.
 */
export function stageConsumerSettings(group: string, slot: number, coPartitioned: boolean): RdSettings {
  return {
    'group.id': group,
    'group.instance.id': `${group}.${slot}`,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'isolation.level': 'read_committed',
    'partition.assignment.strategy': coPartitioned ? 'range' : 'cooperative-sticky',
    'session.timeout.ms': 10_000,
    'heartbeat.interval.ms': 2_000,
    'max.poll.interval.ms': 300_000,
    'fetch.queue.backoff.ms': 10,
    'fetch.wait.max.ms': 50,
    'queued.min.messages': 100_000,
    'queued.max.messages.kbytes': 65_536,
  }
}

/** Consumer without a group's care: tables, changelogs, live readers. It notices the end of a partition. */
export function readerSettings(group: string): RdSettings {
  return {
    'group.id': group,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
    'fetch.queue.backoff.ms': 10,
    'fetch.wait.max.ms': 50,
    'queued.max.messages.kbytes': 32_768,
  }
}

/** Every producer: idempotent, murmur2 as Java and kafkajs (librdkafka's own default would split keys), lz4. */
export function producerSettings(): RdSettings {
  return {
    'enable.idempotence': true,
    acks: 'all',
    partitioner: 'murmur2_random',
    'compression.codec': 'lz4',
    'queue.buffering.max.messages': 200_000,
    'queue.buffering.max.kbytes': 262_144,
    'batch.num.messages': 10_000,
    // Of one record before compression: a dead letter holds one that was too long. The codec bounds all others at 1 MB.
    'message.max.bytes': 33_554_432,
  }
}

/** The transactional producer of one stage and slot; its id is stable, so a restart fences what died before. */
export function transactionalSettings(stage: string, slot: number): RdSettings {
  return {
    ...producerSettings(),
    'transactional.id': `${stage}.${slot}`,
    'transaction.timeout.ms': 20_000,
    'linger.ms': 1,
  }
}
