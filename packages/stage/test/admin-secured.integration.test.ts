// The administration of topics against a broker as production has it: TLS, SCRAM, an authorizer that allows nothing by itself.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { applyTopics, diffTopicsFile, withAdmin } from '@tocsin/stage/admin'
import { type SecuredKafka, startSecuredKafka } from '@tocsin/test/support/secured-kafka'

const FILE = join(import.meta.dirname, '../../../deploy/topics/topics.yaml')

describe('a cluster with TLS, SASL and ACLs', () => {
  let kafka: SecuredKafka
  before(async () => {
    kafka = await startSecuredKafka(['agency'])
  })
  after(() => kafka?.stop())

  test('topics apply works with the credentials of the settings, and twice changes nothing', async () => {
    const made = await applyTopics(kafka.as('admin'), FILE)
    assert.ok(made.length > 40 && made.every(({ kind }) => kind === 'create'))
    assert.deepEqual(await diffTopicsFile(kafka.as('admin'), FILE), [])
  })

  test('SEC-S5 a wrong password, no TLS and an unknown authority are each refused in one sentence', async () => {
    const wrong = [
      { ...kafka.as('admin'), kafkaSaslPassword: 'not this one' },
      { kafkaBrokers: kafka.as('admin').kafkaBrokers },
      { ...kafka.as('admin'), kafkaSslCaFile: undefined },
    ]
    for (const settings of wrong) {
      await assert.rejects(
        withAdmin(settings, (admin) => admin.listTopics()),
        { code: 'kafka_unreachable', message: /does not answer at localhost:\d+, or does not let us in: .+\.$/ },
      )
    }
  })

  test('SEC-S5 a user without an ACL sees no topic and may make none', async () => {
    assert.deepEqual(await withAdmin(kafka.as('agency'), (admin) => admin.listTopics()), [])
    await assert.rejects(
      withAdmin(kafka.as('agency'), (admin) => admin.createTopics({ topics: [{ topic: 'mine' }] })),
      (error: { errors?: { type: string }[] }) => error.errors?.[0]?.type === 'TOPIC_AUTHORIZATION_FAILED',
    )
  })
})
