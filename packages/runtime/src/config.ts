import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { TocsinError } from './errors.ts'

/** Settings that every service has. Environment names stand in the descriptions. */
export const baseSettings = z.object({
  profile: z
    .enum(['embedded', 'production'])
    .default('production')
    .describe('TOCSIN_PROFILE: embedded (demo, tests; loopback only) or production'),
  kafkaBrokers: z.string().min(1).describe('KAFKA_BROKERS: host:port, comma separated'),
  registryUrl: z.url().describe('REGISTRY_URL: Confluent-compatible schema registry, with its base path'),
  slot: z.coerce
    .number()
    .int()
    .min(0)
    .max(9999)
    .default(0)
    .describe('TOCSIN_SLOT: stable number of this process among its like'),
  dataDir: z.string().min(1).default('/data').describe('TOCSIN_DATA: folder for local caches and spools'),
  adminHost: z.string().default('127.0.0.1').describe('TOCSIN_ADMIN_HOST: address of /health, /ready and /metrics'),
  adminPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(9600)
    .describe('TOCSIN_ADMIN_PORT: port of /health, /ready and /metrics; 0 for any'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('TOCSIN_LOG_LEVEL: least level that is logged'),
  topicPrefix: z
    .string()
    .regex(/^[a-z0-9._-]{0,40}$/)
    .default('')
    .describe('TOCSIN_TOPIC_PREFIX: put before every topic, group and transactional id, where a cluster is shared'),
  clockFile: z.string().optional().describe('TOCSIN_CLOCK_FILE: test clock; refused outside the embedded profile'),
  kafkaSecurityProtocol: z.enum(['plaintext', 'ssl', 'sasl_ssl']).optional().describe('KAFKA_SECURITY_PROTOCOL'),
  kafkaSslCaFile: z.string().optional().describe('KAFKA_SSL_CA_FILE'),
  kafkaSslCertFile: z.string().optional().describe('KAFKA_SSL_CERT_FILE'),
  kafkaSslKeyFile: z.string().optional().describe('KAFKA_SSL_KEY_FILE'),
  kafkaSaslMechanism: z.enum(['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN']).optional().describe('KAFKA_SASL_MECHANISM'),
  kafkaSaslUsername: z.string().optional().describe('KAFKA_SASL_USERNAME'),
  kafkaSaslPassword: z.string().optional().describe('KAFKA_SASL_PASSWORD, or KAFKA_SASL_PASSWORD_FILE'),
})

/** The schema of a process that has no settings of its own: commands, workers of tests. */
export const noSettings = z.object({})

export type BaseSettings = z.infer<typeof baseSettings>

const BASE_NAMES: Readonly<Record<keyof BaseSettings, string>> = {
  profile: 'TOCSIN_PROFILE',
  kafkaBrokers: 'KAFKA_BROKERS',
  registryUrl: 'REGISTRY_URL',
  slot: 'TOCSIN_SLOT',
  dataDir: 'TOCSIN_DATA',
  adminHost: 'TOCSIN_ADMIN_HOST',
  adminPort: 'TOCSIN_ADMIN_PORT',
  logLevel: 'TOCSIN_LOG_LEVEL',
  topicPrefix: 'TOCSIN_TOPIC_PREFIX',
  clockFile: 'TOCSIN_CLOCK_FILE',
  kafkaSecurityProtocol: 'KAFKA_SECURITY_PROTOCOL',
  kafkaSslCaFile: 'KAFKA_SSL_CA_FILE',
  kafkaSslCertFile: 'KAFKA_SSL_CERT_FILE',
  kafkaSslKeyFile: 'KAFKA_SSL_KEY_FILE',
  kafkaSaslMechanism: 'KAFKA_SASL_MECHANISM',
  kafkaSaslUsername: 'KAFKA_SASL_USERNAME',
  kafkaSaslPassword: 'KAFKA_SASL_PASSWORD',
}

/** Settings that several services share: given once without the service's name, or for one service with it. */
const SHARED_NAMES: ReadonlySet<string> = new Set(['elasticsearchUrl', 'elasticsearchApiKey', 'elasticsearchCaFile'])

/** Environment of a process: names to values. */
export type Env = Readonly<Record<string, string | undefined>>

/** `udpPort` of the service `syslog-ingest` → `SYSLOG_INGEST_UDP_PORT`. */
export function settingName(prefix: string, setting: string): string {
  const snake = (text: string) =>
    text
      .replace(/-/g, '_')
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toUpperCase()
  return prefix === '' ? snake(setting) : `${snake(prefix)}_${snake(setting)}`
}

/**
 * Reads the settings of a service from the environment, once, at the start. `prefix` is the service's name; its own
 * settings are named `<SERVICE>_<SETTING>`. A value may be given as a file: `<NAME>_FILE` (secrets).
 * All problems are reported together in one `TocsinError('bad_settings')`.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Env,
  prefix: string,
): Readonly<BaseSettings & z.infer<z.ZodObject<Shape>>> {
  const problems: string[] = []
  const read = readerOf(env, problems)
  const names: Record<string, string> = { ...BASE_NAMES }
  for (const key of Object.keys(schema.shape)) names[key] = settingName(prefix, key)
  const input: Record<string, string> = {}
  for (const [key, name] of Object.entries(names)) {
    const value = read(name) ?? (SHARED_NAMES.has(key) ? read(settingName('', key)) : undefined)
    if (value !== undefined) input[key] = value
  }
  const result = z.object({ ...baseSettings.shape, ...schema.shape }).safeParse(input)
  if (!result.success) {
    for (const issue of result.error.issues) {
      const key = String(issue.path[0] ?? '')
      problems.push(`${names[key] ?? key}: ${input[key] === undefined ? 'is missing' : issue.message}`)
    }
  }
  const config = result.success ? (result.data as BaseSettings & z.infer<z.ZodObject<Shape>>) : undefined
  if (config !== undefined) problems.push(...profileProblems(config))
  if (config === undefined || problems.length > 0) {
    throw new TocsinError('bad_settings', `The settings of ${prefix} are wrong: ${problems.join('; ')}.`)
  }
  return Object.freeze(config)
}

/** The part of the settings that says where Kafka is and how one may enter it. */
const kafkaSettings = baseSettings.pick({
  kafkaBrokers: true,
  kafkaSecurityProtocol: true,
  kafkaSslCaFile: true,
  kafkaSslCertFile: true,
  kafkaSslKeyFile: true,
  kafkaSaslMechanism: true,
  kafkaSaslUsername: true,
  kafkaSaslPassword: true,
})

export type KafkaSettings = z.infer<typeof kafkaSettings>

/** Reads that part alone, for commands that need nothing else. Throws `TocsinError('bad_settings')` as `loadConfig` does. */
export function loadKafkaSettings(env: Env): KafkaSettings {
  const problems: string[] = []
  const read = readerOf(env, problems)
  const keys = Object.keys(kafkaSettings.shape) as (keyof KafkaSettings)[]
  const input = Object.fromEntries(keys.map((key) => [key, read(BASE_NAMES[key])]))
  const result = kafkaSettings.safeParse(input)
  for (const issue of result.error?.issues ?? []) {
    const key = issue.path[0] as keyof KafkaSettings
    problems.push(`${BASE_NAMES[key]}: ${input[key] === undefined ? 'is missing' : issue.message}`)
  }
  if (!result.success || problems.length > 0) {
    throw new TocsinError('bad_settings', `The settings of Kafka are wrong: ${problems.join('; ')}.`)
  }
  return result.data
}

/** Gives the value of a name, or the content of the file that `<NAME>_FILE` names; a file that cannot be read is a problem. */
function readerOf(env: Env, problems: string[]): (name: string) => string | undefined {
  return (name) => {
    const file = env[`${name}_FILE`]
    if (env[name] !== undefined && env[name] !== '') return env[name]
    if (file === undefined || file === '') return undefined
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      problems.push(`${name}_FILE: cannot read ${file}`)
      return undefined
    }
  }
}

/** Rules between settings: the embedded profile stays on loopback, production never goes without TLS (design.md 9). */
function profileProblems(config: BaseSettings): string[] {
  const problems: string[] = []
  const loopback = (hostPort: string) => /^(127\.|localhost(:|$)|\[::1\])/.test(hostPort.trim())
  if (config.profile === 'embedded') {
    if (!config.kafkaBrokers.split(',').every(loopback))
      problems.push('KAFKA_BROKERS: the embedded profile is for loopback only')
    if (!loopback(config.adminHost)) problems.push('TOCSIN_ADMIN_HOST: the embedded profile is for loopback only')
  } else {
    if (config.clockFile !== undefined)
      problems.push('TOCSIN_CLOCK_FILE: the test clock is refused outside the embedded profile')
    if (config.kafkaSecurityProtocol === undefined || config.kafkaSecurityProtocol === 'plaintext') {
      problems.push('KAFKA_SECURITY_PROTOCOL: production needs ssl or sasl_ssl')
    }
    if (!config.registryUrl.startsWith('https:')) problems.push('REGISTRY_URL: production needs https')
  }
  return problems
}
