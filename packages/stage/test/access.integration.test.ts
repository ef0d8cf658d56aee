// Rights and quotas made by `tocsin topics apply` on a broker as production has it: who may read which feed, tried with
// each agency's own credentials.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  type AccessChange,
  applyAccess,
  applyTopics,
  clientConfig,
  diffAccessFiles,
  withAdmin,
} from '@tocsin/stage/admin'
// For its codec: the feeds are compressed by lz4.
import '@tocsin/test/support/outside-kafka'
import { promisify } from 'node:util'
import { type SecuredKafka, startSecuredKafka } from '@tocsin/test/support/secured-kafka'
import kafkajs from 'kafkajs'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, ResourcePatternTypes } = kafkajs
const folder = join(import.meta.dirname, '../../../deploy/topics')
const CLI = join(import.meta.dirname, '../../cli/src/main.ts')
const files = { topicsFile: join(folder, 'topics.yaml'), accessFile: join(folder, 'access.yaml'), prefix: '' }
// The first group of a broker waits for the topic of offsets; a refusal is not tried again.
const RETRY = { retries: 8, initialRetryTime: 100 }

describe('rights and quotas of agencies and services', () => {
  let kafka: SecuredKafka
  before(async () => {
    kafka = await startSecuredKafka(['vn-mic', 'kz-nsc', 'national-feed-exporter', 'normalizer', 'stranger'])
    await applyTopics(kafka.as('admin'), files.topicsFile)
  })
  after(() => kafka?.stop())

  /** Reads one record as the user in the group; gives it, or the type of Kafka's refusal. */
  const read = async (user: string, topic: string, groupId: string): Promise<string> => {
    const consumer = new Kafka({ ...clientConfig(kafka.as(user)), retry: RETRY }).consumer({
      groupId,
      retry: RETRY,
      allowAutoTopicCreation: false,
    })
    const { promise, resolve } = Promise.withResolvers<string>()
    const refused = (error: unknown) => resolve((error as { type?: string }).type ?? String(error))
    // A group that is still being loaded is tried again by the client.
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || refused(payload.error))
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString() ?? '') })
      return await promise
    } catch (error) {
      refused(error)
      return await promise
    } finally {
      await consumer.disconnect()
    }
  }
  const write = async (user: string, topic: string): Promise<string> => {
    const producer = new Kafka({ ...clientConfig(kafka.as(user)), retry: { retries: 0 } }).producer({
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    try {
      await producer.send({ topic, messages: [{ key: 'c', value: `for ${topic}` }] })
      return 'written'
    } catch (error) {
      // kafkajs hears of it when it looks for the topic, and keeps the sentence only.
      return /Topic authorization failed/.test(String(error)) ? 'TOPIC_AUTHORIZATION_FAILED' : String(error)
    } finally {
      await producer.disconnect()
    }
  }
  const grant = (principal: string, resourceName: string) =>
    withAdmin(kafka.as('admin'), (admin) =>
      admin.createAcls({
        acl: [
          {
            principal,
            resourceName,
            resourceType: AclResourceTypes.TOPIC,
            resourcePatternType: ResourcePatternTypes.LITERAL,
            host: '*',
            operation: AclOperationTypes.READ,
            permissionType: AclPermissionTypes.ALLOW,
          },
        ],
      }),
    )

  test('nobody reads a feed before; apply grants and limits, and twice changes nothing', async () => {
    assert.equal(await read('vn-mic', 'feed.vn-mic', 'vn-mic.a'), 'TOPIC_AUTHORIZATION_FAILED')
    const made = (await applyAccess(kafka.as('admin'), files, { prune: false })) ?? []
    assert.ok(made.filter(({ kind }) => kind === 'allow').length > 100)
    assert.equal(made.filter(({ kind }) => kind === 'limit').length, 9)
    assert.deepEqual(await applyAccess(kafka.as('admin'), files, { prune: false }), [])
    assert.deepEqual(await diffAccessFiles(kafka.as('admin'), files), [])
  })

  test("an agency's own read works; with another agency's credentials, or in another's group, it is refused", async () => {
    assert.equal(await write('national-feed-exporter', 'feed.vn-mic'), 'written')
    assert.equal(await write('national-feed-exporter', 'feed.kz-nsc'), 'written')
    assert.equal(await read('vn-mic', 'feed.vn-mic', 'vn-mic.a'), 'for feed.vn-mic')
    assert.equal(await read('kz-nsc', 'feed.kz-nsc', 'kz-nsc.a'), 'for feed.kz-nsc')
    assert.equal(await read('kz-nsc', 'feed.vn-mic', 'kz-nsc.b'), 'TOPIC_AUTHORIZATION_FAILED')
    assert.equal(await read('vn-mic', 'feed.kz-nsc', 'vn-mic.b'), 'TOPIC_AUTHORIZATION_FAILED')
    // A refused group has no coordinator for whoever asks: that is all that kafkajs keeps of GROUP_AUTHORIZATION_FAILED.
    assert.match(await read('vn-mic', 'feed.vn-mic', 'kz-nsc.a'), /Failed to find group coordinator/)
    assert.equal(await read('vn-mic', 'incidents', 'vn-mic.c'), 'TOPIC_AUTHORIZATION_FAILED')
    assert.equal(await read('stranger', 'feed.vn-mic', 'stranger.a'), 'TOPIC_AUTHORIZATION_FAILED')
    const seen = await withAdmin(kafka.as('vn-mic'), (admin) => admin.listTopics())
    assert.deepEqual(seen, ['feed.vn-mic'])
  })

  test('an agency writes nothing, and a service only what the file says', async () => {
    assert.equal(await write('vn-mic', 'feed.vn-mic'), 'TOPIC_AUTHORIZATION_FAILED')
    assert.equal(await write('normalizer', 'feed.vn-mic'), 'TOPIC_AUTHORIZATION_FAILED')
    assert.equal(await write('normalizer', 'events'), 'written')
  })

  test('what somebody else granted is shown, stays, and goes only when asked', async () => {
    await grant('User:kz-nsc', 'feed.vn-mic')
    await grant('User:stranger', 'some-topic-of-theirs')
    let stray: AccessChange[] = []
    while (stray.length === 0) stray = (await diffAccessFiles(kafka.as('admin'), files)) ?? []
    assert.deepEqual(
      stray.map(({ kind }) => kind),
      ['stray-right'],
    )
    assert.deepEqual(await applyAccess(kafka.as('admin'), files, { prune: false }), [])
    assert.equal(await read('kz-nsc', 'feed.vn-mic', 'kz-nsc.d'), 'for feed.vn-mic')
    assert.equal((await applyAccess(kafka.as('admin'), files, { prune: true }))?.length, 1)
    assert.equal(await read('kz-nsc', 'feed.vn-mic', 'kz-nsc.e'), 'TOPIC_AUTHORIZATION_FAILED')
    const left = await withAdmin(kafka.as('admin'), (admin) =>
      admin.describeAcls({
        resourceType: AclResourceTypes.TOPIC,
        resourceName: 'some-topic-of-theirs',
        resourcePatternType: ResourcePatternTypes.LITERAL,
        operation: AclOperationTypes.ANY,
        permissionType: AclPermissionTypes.ANY,
      }),
    )
    assert.equal(left.resources.length, 1)
  })

  test('the command says what it did, and that there is nothing left to do', async () => {
    const env = { ...process.env, ...kafka.env('admin') }
    const command = async (...args: string[]) =>
      (await promisify(execFile)(process.execPath, [CLI, 'topics', ...args], { env })).stdout
    assert.equal(await command('apply'), 'the topics are as the file says\nrights and quotas are as the file says\n')
    assert.equal(await command('diff'), '')
    await grant('User:kz-nsc', 'feed.tw-nccst')
    const stray = '- User:kz-nsc: read topic feed.tw-nccst (not in the file)\n'
    let shown = ''
    while (shown === '') shown = await command('diff')
    assert.equal(shown, stray)
    assert.ok((await command('apply', '--prune')).endsWith(`${stray}1 changes of rights and quotas made\n`))
    assert.equal(await command('diff', '--topics-only'), '')
  })

  test('a user who may not change rights is told which ones are missing', async () => {
    await assert.rejects(applyAccess(kafka.as('stranger'), files, { prune: false }), {
      code: 'access_refused',
      message: /--topics-only/,
    })
  })
})
