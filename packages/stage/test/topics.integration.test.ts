// `tocsin topics apply` on a real broker: idempotent, shown by a diff before, refused as a whole where it cannot be done.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { applyTopics, describeChange, diffTopicsFile, withAdmin } from '../src/admin/index.ts'

const prefix = `topics-${process.pid}.`
const folder = mkdtempSync(join(tmpdir(), 'tocsin-topics-'))
const file = join(folder, 'topics.yaml')
const names = ['events', 'incidents', 'engine.windows.changelog', 'feed.aa', 'late'].map((name) => prefix + name)
const say = (events: string, more = ''): void =>
  writeFileSync(
    file,
    `defaults: { replication: 3, minInSyncReplicas: 2, maxMessageBytes: 1048576, compression: lz4 }
topics:
  - { name: events, ${events}, cleanup: delete }
  - { name: incidents, partitions: 2, retention: forever, cleanup: compact }
${more}
changelogs:
  - { stage: engine, stores: [windows], partitions: 2 }
feeds: { agencies: [aa], partitions: 1, retention: 90d, cleanup: delete }
`,
  )

let stack: Stack
before(async () => {
  stack = await startStack({ kafka: true })
})
after(async () => {
  await withAdmin(stack.kafka, async (admin) => {
    const known = new Set(await admin.listTopics())
    await admin.deleteTopics({ topics: names.filter((name) => known.has(name)) })
  })
  rmSync(folder, { recursive: true })
})

const diff = async (): Promise<string[]> => (await diffTopicsFile(stack.kafka, file, prefix)).map(describeChange)

test('the first apply makes every topic, the second changes nothing', async () => {
  say('partitions: 2, retention: 3d')
  assert.equal((await diff()).length, 4)
  assert.equal((await applyTopics(stack.kafka, file, prefix)).length, 4)
  assert.deepEqual(await diff(), [])
  assert.deepEqual(await applyTopics(stack.kafka, file, prefix), [])
})

test('a changed retention and more partitions are shown, then done', async () => {
  say('partitions: 3, retention: 5d')
  const expected = [`~ ${prefix}events: partitions 2 → 3`, `~ ${prefix}events: retention.ms 259200000 → 432000000`]
  assert.deepEqual(await diff(), expected)
  assert.deepEqual((await applyTopics(stack.kafka, file, prefix)).map(describeChange), expected)
  assert.deepEqual(await diff(), [])
})

test('fewer partitions are refused before anything else is changed', async () => {
  say('partitions: 1, retention: 7d', '  - { name: late, partitions: 1, retention: 1d, cleanup: delete }')
  await assert.rejects(applyTopics(stack.kafka, file, prefix), {
    code: 'topics_refused',
    message: /events has 3 partitions, the file says 1/,
  })
  assert.equal((await diff()).length, 3, 'a topic was made although the file is refused')
})

test('a broker that does not answer is named', async () => {
  await assert.rejects(diffTopicsFile('127.0.0.1:9', file), { code: 'kafka_unreachable', message: /127\.0\.0\.1:9/ })
})
