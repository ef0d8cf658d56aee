// What `tocsin topics diff` says, and `tocsin topics apply` does, is decided by two pure functions.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeChange, diffTopics, planTopics } from '../src/admin/plan.ts'

const text = (topics: string): string => `
defaults: { replication: 3, minInSyncReplicas: 2, maxMessageBytes: 1048576, compression: lz4 }
topics:
${topics}
changelogs:
  - { stage: engine, stores: [windows, seen], partitions: 4 }
feeds: { agencies: [aa, bb], partitions: 1, retention: 90d, cleanup: delete }
`
const one = '  - { name: events, partitions: 4, retention: 3d, cleanup: delete }'
const plan = (topics = one, brokers = 3, prefix = '') => planTopics(text(topics), { prefix, brokers })
const asIs = (topics = one) =>
  new Map(plan(topics).map(({ name, partitions, config }) => [name, { partitions, config }]))

describe('the plan', () => {
  test('has every topic, a changelog for each store and a feed for each agency, under the prefix', () => {
    const names = plan(one, 3, 'p.').map(({ name }) => name)
    assert.deepEqual(names, [
      'p.events',
      'p.engine.windows.changelog',
      'p.engine.seen.changelog',
      'p.feed.aa',
      'p.feed.bb',
    ])
  })

  test('turns days, hours and forever into milliseconds; anything else is said to be wrong', () => {
    const retention = (value: string) => plan(one.replace('3d', value))[0]?.config['retention.ms']
    assert.deepEqual(['3d', '12h', 'forever'].map(retention), ['259200000', '43200000', '-1'])
    assert.throws(() => retention('3 weeks'), /events.*3 weeks.*<n>d, <n>h or forever/)
  })

  test('never asks for more copies than there are brokers, and always for one that acknowledges', () => {
    for (const [brokers, replication, inSync] of [
      [1, 1, '1'],
      [2, 2, '2'],
      [3, 3, '2'],
      [9, 3, '2'],
    ] as const) {
      const topic = plan(one, brokers)[0]
      assert.deepEqual([topic?.replication, topic?.config['min.insync.replicas']], [replication, inSync])
    }
  })

  test('compacts changelogs and keeps them for ever; a topic may ask for longer records', () => {
    const changelog = plan()[1]
    assert.deepEqual([changelog?.config['cleanup.policy'], changelog?.config['retention.ms']], ['compact', '-1'])
    const bigger = plan(one.replace('}', ', maxMessageBytes: 2097152 }'))[0]
    assert.equal(bigger?.config['max.message.bytes'], '2097152')
  })
})

describe('the difference', () => {
  test('is nothing where the cluster is as the file says', () => assert.deepEqual(diffTopics(plan(), asIs()), []))

  test('names what is missing, one line each', () => {
    const changes = diffTopics(plan(), new Map())
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      Array.from({ length: 5 }, () => 'create'),
    )
    assert.equal(
      describeChange(changes[0] as (typeof changes)[number]),
      '+ events: 4 partitions, delete, retention.ms 259200000',
    )
  })

  test('names a changed setting and more partitions; topics that are not in the file are left alone', () => {
    const states = asIs()
    states.set('somebody.elses', { partitions: 9, config: {} })
    const changed = one.replace('3d', '5d').replace('partitions: 4', 'partitions: 6')
    assert.deepEqual(diffTopics(plan(changed), states).map(describeChange), [
      '~ events: partitions 4 → 6',
      '~ events: retention.ms 259200000 → 432000000',
    ])
  })

  test('refuses fewer partitions, because Kafka cannot take one away', () => {
    const [change] = diffTopics(plan(one.replace('partitions: 4', 'partitions: 2')), asIs())
    assert.equal(change?.kind, 'refuse')
    assert.match(describeChange(change as NonNullable<typeof change>), /^! events: has 4 partitions, the file says 2/)
  })
})
