// Writes docs/asyncapi.yaml (AsyncAPI 3, Kafka bindings): what a downstream agency may read, from deploy/topics/topics.yaml
// and schemas/feed-record.avsc. Run by `npm run generate`; `--check` fails when the file is stale.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planTopics } from '@tocsin/stage/admin'
import { stringify } from 'yaml'
import { root, textOf } from '../architecture/source-tree.ts'
import type { Schema } from './schema-shape.ts'
import { topicsFile } from './topic-table.ts'

const BINDING = '0.5.0'
const TARGET = 'docs/asyncapi.yaml'

/** Gives the text of docs/asyncapi.yaml. */
export function asyncapiText(): string {
  const { agencies } = topicsFile().feeds
  const plans = planTopics(textOf('deploy/topics/topics.yaml'), { prefix: '', brokers: 3 })
  const record = JSON.parse(textOf('schemas/feed-record.avsc')) as Schema
  const { version } = JSON.parse(textOf('package.json')) as { version: string }
  const channelOf = (agency: string) => {
    const plan = plans.find(({ name }) => name === `feed.${agency}`)
    if (plan === undefined) throw new Error(`There is no topic feed.${agency} in deploy/topics/topics.yaml.`)
    return {
      address: plan.name,
      title: `Feed for ${agency}`,
      description: `Records for ${agency} alone. Of several records of one caseId the one with the highest revision holds: it issues, replaces or revokes.`,
      messages: { feedRecord: { $ref: '#/components/messages/feedRecord' } },
      bindings: {
        kafka: {
          topic: plan.name,
          partitions: plan.partitions,
          replicas: plan.replication,
          topicConfiguration: {
            'cleanup.policy': [plan.config['cleanup.policy']],
            'retention.ms': Number(plan.config['retention.ms']),
            'max.message.bytes': Number(plan.config['max.message.bytes']),
          },
          bindingVersion: BINDING,
        },
      },
    }
  }
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Tocsin: feeds for downstream agencies',
      version,
      description:
        'One Kafka topic for each agency, read with its own certificate or password, in consumer groups whose names begin ' +
        "with the agency's name and a dot; nothing else is allowed. Values are Avro in the Confluent wire format: octet 0, " +
        'schema id (4 octets, big endian), Avro binary; the registry gives the schema of an id. Schemas are FULL_TRANSITIVE: ' +
        'read with your own version, fields that you do not know are passed over. Read with isolation.level=read_committed.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    servers: {
      centre: {
        host: 'kafka.centre.example:9093',
        protocol: 'kafka-secure',
        description:
          'Brokers of the centre; TLS with a client certificate that names the agency, or with its name and password.',
        security: [
          { $ref: '#/components/securitySchemes/certificate' },
          { $ref: '#/components/securitySchemes/password' },
        ],
        bindings: {
          kafka: {
            schemaRegistryUrl: 'https://registry.centre.example',
            schemaRegistryVendor: 'confluent',
            bindingVersion: BINDING,
          },
        },
      },
    },
    channels: Object.fromEntries(agencies.map((agency) => [agency, channelOf(agency)])),
    operations: Object.fromEntries(
      agencies.map((agency) => [
        `${agency}-feed`,
        {
          action: 'send',
          title: `The centre writes to feed.${agency}`,
          channel: { $ref: `#/channels/${agency}` },
          messages: [{ $ref: `#/channels/${agency}/messages/feedRecord` }],
        },
      ]),
    ),
    components: {
      messages: {
        feedRecord: {
          name: record.name,
          title: 'Feed record',
          summary: record.doc,
          contentType: 'application/vnd.apache.avro',
          headers: {
            type: 'object',
            properties: {
              traceparent: { type: 'string', description: 'W3C trace context of the case, where there is one.' },
            },
          },
          payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: record },
          bindings: {
            kafka: {
              key: { type: 'string', description: 'Id of the case' },
              schemaIdLocation: 'payload',
              schemaIdPayloadEncoding: 'confluent',
              schemaLookupStrategy: 'TopicIdStrategy',
              bindingVersion: BINDING,
            },
          },
        },
      },
      securitySchemes: {
        certificate: { type: 'X509', description: 'Client certificate of the agency.' },
        password: { type: 'scramSha512', description: 'Name and password of the agency.' },
      },
    },
  }
  const head =
    '# Generated from deploy/topics/topics.yaml and schemas/feed-record.avsc by test/schemas/asyncapi.ts.\n# Do not edit: run `npm run generate`.\n'
  return head + stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(join(root, TARGET), asyncapiText())
  else if (textOf(TARGET) !== asyncapiText()) {
    console.error(`${TARGET} is stale: run \`npm run generate\` and commit the result.`)
    process.exit(1)
  }
}
