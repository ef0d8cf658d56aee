// An example for an agency: reads feed.<agency> and keeps the cases of now in one file. Settings: README.md beside it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs from 'kafkajs'
import lz4 from 'lz4js'

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs

/** What this example looks at; a record has more fields, see docs/asyncapi.yaml. */
interface FeedRecord {
  caseId: string
  revision: number
  verb: string
  titles: Record<string, string>
}
type Kept = FeedRecord | { revision: number; revoked: true }

// kafkajs leaves LZ4, in which the feeds are written, to a plug-in.
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder: { buffer: Buffer }) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (bytes: Buffer) => Buffer.from(lz4.decompress(bytes)),
})

const agency = setting('AGENCY')
const casesFile = setting('CASES_FILE', 'cases.json')
const registry = new SchemaRegistry({ host: setting('REGISTRY_URL') })
const consumer = new Kafka({
  clientId: `${agency}-example`,
  brokers: setting('KAFKA_BROKERS').split(','),
  logLevel: logLevel.NOTHING,
  ...security(),
  // A group must begin with the agency's name and a dot: no other is allowed.
}).consumer({ groupId: `${agency}.cases`, sessionTimeout: 10_000 })
const cases = readCases()

// What kafkajs cannot get over ends this process: whoever supervises it sees why and starts it again.
consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) fail(error)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void consumer.disconnect().then(() => process.exit(0)))
}

try {
  await consumer.connect()
  await consumer.subscribe({ topics: [`feed.${agency}`], fromBeginning: true })
  await consumer.run({
    // The offset is committed after this returns. Killed in between, we get the record again, and its revision tells.
    eachMessage: async ({ message }) => {
      if (message.value === null) return
      // The registry gives the schema of the writer by the id in front of the bytes; new fields do no harm.
      take((await registry.decode(message.value)) as FeedRecord)
    },
  })
} catch (error) {
  fail(error)
}

/** Of several records of a case the one with the highest revision holds, whatever order they come in and how often. */
function take(record: FeedRecord): void {
  const { caseId, revision, verb } = record
  const known = cases.get(caseId)
  if (known !== undefined && known.revision >= revision) return
  switch (verb) {
    case 'issue':
    case 'replace':
      cases.set(caseId, record)
      break
    case 'revoke':
      // The content goes, the revision stays: an older record that comes late must not bring the case back.
      cases.set(caseId, { revision, revoked: true })
      break
    default:
      throw new Error(`The feed says "${verb}" about ${caseId}, which this consumer does not know.`)
  }
  keepCases()
  const title = record.titles['en'] ?? Object.values(record.titles)[0] ?? ''
  console.log(JSON.stringify({ verb, caseId, revision, title }))
}

function readCases(): Map<string, Kept> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(casesFile, 'utf8')) as Record<string, Kept>))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
}

/** Under another name first: a kill leaves the old file or the new one, never half of one. */
function keepCases(): void {
  writeFileSync(`${casesFile}.new`, JSON.stringify(Object.fromEntries(cases)), { mode: 0o600 })
  renameSync(`${casesFile}.new`, casesFile)
}

/** A client certificate, or a name with a password in a file; the brokers' certificate is always checked. */
function security() {
  const ca = [readFileSync(setting('KAFKA_CA_FILE'), 'utf8')]
  if (process.env['KAFKA_CERT_FILE'] !== undefined) {
    const cert = readFileSync(setting('KAFKA_CERT_FILE'), 'utf8')
    return { ssl: { ca, cert, key: readFileSync(setting('KAFKA_KEY_FILE'), 'utf8') } }
  }
  const password = readFileSync(setting('KAFKA_PASSWORD_FILE'), 'utf8').trim()
  return { ssl: { ca }, sasl: { mechanism: 'scram-sha-512' as const, username: setting('KAFKA_USERNAME'), password } }
}

function setting(name: string, otherwise?: string): string {
  return process.env[name] ?? otherwise ?? fail(`${name} is not set.`)
}

function fail(why: unknown): never {
  console.error(why instanceof Error ? `${why.name}: ${why.message}` : String(why))
  process.exit(1)
}
