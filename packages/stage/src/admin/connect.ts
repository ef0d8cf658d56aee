import { readFileSync } from 'node:fs'
import { type KafkaSettings, messageOf, TocsinError } from '@tocsin/runtime'
import kafkajs, { type Admin, type KafkaConfig, type SASLOptions } from 'kafkajs'

// CommonJS: its named exports are not seen by Node's module loader.
const { Kafka, logLevel } = kafkajs

/**
 * Connects kafkajs' administration client, runs `work` and disconnects. Takes the settings of Kafka, or plain brokers on
 * loopback (`host:port`, comma separated). Throws `TocsinError('kafka_unreachable')`.
 */
export async function withAdmin<T>(cluster: string | KafkaSettings, work: (admin: Admin) => Promise<T>): Promise<T> {
  const given = typeof cluster === 'string' ? { kafkaBrokers: cluster } : cluster
  const admin = new Kafka(clientConfig(given)).admin()
  try {
    await admin.connect()
  } catch (error) {
    throw new TocsinError(
      'kafka_unreachable',
      `Kafka does not answer at ${given.kafkaBrokers}, or does not let us in: ${messageOf(error)}.`,
      error,
    )
  }
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The same in the words of kafkajs: certificates are always verified, files are read once. Throws `TocsinError('bad_settings')`. */
export function clientConfig(settings: KafkaSettings): KafkaConfig {
  const base: KafkaConfig = {
    clientId: 'tocsin-admin',
    brokers: settings.kafkaBrokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 1_000 },
  }
  if ((settings.kafkaSecurityProtocol ?? 'plaintext') === 'plaintext') return base
  const { kafkaSslCaFile, kafkaSslCertFile, kafkaSslKeyFile } = settings
  const ssl = {
    ...(kafkaSslCaFile === undefined ? {} : { ca: [pem(kafkaSslCaFile, 'KAFKA_SSL_CA_FILE')] }),
    ...(kafkaSslCertFile === undefined ? {} : { cert: pem(kafkaSslCertFile, 'KAFKA_SSL_CERT_FILE') }),
    ...(kafkaSslKeyFile === undefined ? {} : { key: pem(kafkaSslKeyFile, 'KAFKA_SSL_KEY_FILE') }),
  }
  if (settings.kafkaSecurityProtocol === 'ssl') return { ...base, ssl }
  return { ...base, ssl, sasl: saslOf(settings) }
}

function saslOf({ kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword }: KafkaSettings): SASLOptions {
  if (kafkaSaslUsername === undefined || kafkaSaslPassword === undefined) {
    throw new TocsinError(
      'bad_settings',
      'KAFKA_SECURITY_PROTOCOL is sasl_ssl, but KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD (or …_FILE) is missing: give both.',
    )
  }
  const login = { username: kafkaSaslUsername, password: kafkaSaslPassword }
  switch (kafkaSaslMechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', ...login }
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', ...login }
    case 'SCRAM-SHA-512':
    case undefined:
      return { mechanism: 'scram-sha-512', ...login }
    default:
      return kafkaSaslMechanism satisfies never
  }
}

function pem(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TocsinError('bad_settings', `${setting} names ${file}, which cannot be read: ${messageOf(error)}.`, error)
  }
}
