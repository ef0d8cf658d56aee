import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { z } from 'zod'
import { baseSettings, type Env, loadConfig, noSettings, settingName, type TocsinError } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'))
after(() => rmSync(folder, { recursive: true }))

const embedded: Env = {
  TOCSIN_PROFILE: 'embedded',
  KAFKA_BROKERS: '127.0.0.1:9092',
  REGISTRY_URL: 'http://127.0.0.1:8081/apis',
}
const production: Env = {
  KAFKA_BROKERS: 'kafka-1:9093,kafka-2:9093',
  KAFKA_SECURITY_PROTOCOL: 'ssl',
  REGISTRY_URL: 'https://registry/apis',
}

const problemsOf = (env: Env, schema: z.ZodObject = noSettings, service = 'some-service'): string => {
  try {
    loadConfig(schema, env, service)
    return ''
  } catch (error) {
    assert.equal((error as TocsinError).code, 'bad_settings')
    return (error as TocsinError).message
  }
}

describe('settings', () => {
  test('are read once, have defaults, and cannot be changed', () => {
    const config = loadConfig(z.object({ udpPort: z.coerce.number().default(514) }), embedded, 'syslog-ingest')
    assert.deepEqual([config.profile, config.slot, config.adminHost, config.udpPort], ['embedded', 0, '127.0.0.1', 514])
    assert.throws(() => Object.assign(config, { slot: 1 }), TypeError)
  })

  test('of a service are named after it', () => {
    assert.equal(settingName('syslog-ingest', 'udpPort'), 'SYSLOG_INGEST_UDP_PORT')
    assert.equal(settingName('', 'elasticsearchUrl'), 'ELASTICSEARCH_URL')
    const schema = z.object({ udpPort: z.coerce.number() })
    assert.equal(loadConfig(schema, { ...embedded, SYSLOG_INGEST_UDP_PORT: '5514' }, 'syslog-ingest').udpPort, 5514)
  })

  test('that are wrong are all named at once, with what is missing', () => {
    const schema = z.object({ port: z.coerce.number().max(65_535), host: z.string() })
    const message = problemsOf({ SOME_SERVICE_PORT: '99999', TOCSIN_SLOT: 'first', KAFKA_BROKERS: 'k:1' }, schema)
    for (const name of [
      'SOME_SERVICE_PORT',
      'SOME_SERVICE_HOST: is missing',
      'TOCSIN_SLOT',
      'REGISTRY_URL: is missing',
    ])
      assert.ok(message.includes(name), `${name} in: ${message}`)
  })

  test('may come from a file, so that a secret stands in no environment; an unreadable file is named, its value is not', () => {
    const path = join(folder, 'password')
    writeFileSync(path, 's3cret\n')
    const config = loadConfig(noSettings, { ...embedded, KAFKA_SASL_PASSWORD_FILE: path }, 's')
    assert.equal(config.kafkaSaslPassword, 's3cret')
    assert.equal(
      loadConfig(noSettings, { ...embedded, KAFKA_SASL_PASSWORD: 'given', KAFKA_SASL_PASSWORD_FILE: path }, 's')
        .kafkaSaslPassword,
      'given',
    )
    assert.match(
      problemsOf({ ...embedded, KAFKA_SASL_PASSWORD_FILE: join(folder, 'none') }),
      /KAFKA_SASL_PASSWORD_FILE: cannot read/,
    )
    assert.ok(!problemsOf({ ...embedded, KAFKA_SASL_PASSWORD: 's3cret', TOCSIN_SLOT: 'x' }).includes('s3cret'))
  })

  test('that several services share are given once, or for one service', () => {
    const schema = z.object({ elasticsearchUrl: z.url() })
    const shared = { ...embedded, ELASTICSEARCH_URL: 'http://127.0.0.1:9200' }
    assert.equal(loadConfig(schema, shared, 'indexer').elasticsearchUrl, 'http://127.0.0.1:9200')
    const own = { ...shared, INDEXER_ELASTICSEARCH_URL: 'http://127.0.0.1:9201' }
    assert.equal(loadConfig(schema, own, 'indexer').elasticsearchUrl, 'http://127.0.0.1:9201')
  })

  test('say in their description under which name they are given', () => {
    for (const [setting, schema] of Object.entries(baseSettings.shape))
      assert.match(schema.description ?? '', /^[A-Z][A-Z_]+/, setting)
  })
})

describe('the profile', () => {
  test('production asks for TLS to Kafka and the registry, and refuses the test clock', () => {
    assert.equal(problemsOf(production), '')
    assert.match(problemsOf({ ...production, KAFKA_SECURITY_PROTOCOL: 'plaintext' }), /KAFKA_SECURITY_PROTOCOL/)
    assert.match(
      problemsOf({ ...production, REGISTRY_URL: 'http://registry/apis' }),
      /REGISTRY_URL: production needs https/,
    )
    assert.match(problemsOf({ ...production, TOCSIN_CLOCK_FILE: '/tmp/clock' }), /TOCSIN_CLOCK_FILE.*refused/)
  })

  test('production is what a process runs in when nobody says', () => {
    const { TOCSIN_PROFILE: _profile, ...unsaid } = embedded
    assert.match(problemsOf(unsaid), /KAFKA_SECURITY_PROTOCOL/)
  })

  test('embedded stays on loopback', () => {
    assert.match(problemsOf({ ...embedded, KAFKA_BROKERS: '127.0.0.1:9092,10.0.0.5:9092' }), /loopback only/)
    assert.match(problemsOf({ ...embedded, TOCSIN_ADMIN_HOST: '0.0.0.0' }), /TOCSIN_ADMIN_HOST.*loopback only/)
  })
})
