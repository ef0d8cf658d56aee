// The table in schemas/README.md, the topics that `tocsin topics apply` makes, the schemas and the code say the same.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { COMPACTED_TOPICS, RECORD_NAMES, topicOf } from '@tocsin/events'
import { planTopics } from '@tocsin/stage/admin'
import { parse } from 'yaml'
import { sourcesIn, textOf } from '../architecture/source-tree.ts'
import { schemaFiles, type TopicRow, tableOf, topicsFile } from './topic-table.ts'
import { inputsOf, namedLists, ownerOf, type TopicUse, usesIn } from './topic-use.ts'

const rows = tableOf(textOf('schemas/README.md'))
const file = topicsFile()
const names = new Set(rows.map(({ topic }) => topic))
const code = sourcesIn('services', 'packages/cli').filter(({ path }) => /^[a-z]+\/[^/]+\/src\//.test(path))
const uses = usesIn(code, names)

/** What every service does through packages/stage, whatever its own code says. */
const EVERY_SERVICE = 'every service'

/**
 * Uses that the table promises and the code does not have yet. Each goes when its service grows; one that the code has
 * meanwhile fails the test.
 */
const NOT_YET: readonly string[] = [
  'console reads health-events',
  'console reads incident-changes',
  'console writes registry-assets',
  'console writes registry-constituents',
  'console writes registry-contacts',
  'console writes registry-sources',
  'console writes registry-systems',
  'correlation-engine reads registry-assets',
  'incident-manager reads tickets',
  'indexer reads daily-facts',
  'indexer reads events',
  'indexer reads indicators',
  'indexer reads requests',
  'indexer reads response-actions',
  'notifier writes incident-commands',
]

const idOf = ({ who, does, topic }: Pick<TopicUse, 'who' | 'does' | 'topic'>): string => `${who} ${does} ${topic}`
const promised = (row: TopicRow): string[] => [
  ...row.writers.map((who) => idOf({ who, does: 'writes', topic: row.topic })),
  ...row.readers.map((who) => idOf({ who, does: 'reads', topic: row.topic })),
]

describe('the table of topics', () => {
  test('there is something to compare', () => {
    assert.ok(rows.length > 30)
    assert.ok(uses.length > 40)
    const wrong =
      "import x\nawait kafka.table('requests')\nemit({ topic: 'tickets', key })\nconst T = ['reports'] as const\nf({ inputs: T })"
    assert.deepEqual(usesIn([{ path: 'services/a/src/x.ts', text: wrong }], names).map(idOf), [
      'a writes tickets',
      'a reads requests',
      'a reads reports',
    ])
  })

  test('one row for each schema and one schema for each row; the topic is the plural of the record', () => {
    assert.deepEqual(rows.map(({ record }) => record).sort(), schemaFiles())
    assert.deepEqual(schemaFiles(), [...RECORD_NAMES])
    for (const { record, topic } of rows) assert.equal(topic, topicOf(record as (typeof RECORD_NAMES)[number]))
  })

  test('says what deploy/topics/topics.yaml says', () => {
    const declared = file.topics.map(({ name, key, writers, readers, partitions, retention, cleanup }) => ({
      topic: name,
      key,
      writers,
      readers: readers.join(', ').split(', '),
      partitions,
      retention,
      cleanup,
    }))
    assert.deepEqual(
      rows.map((row) => ({ ...row, record: undefined })),
      declared.map((row) => ({ ...row, record: undefined })),
    )
  })

  test('compacted topics are those in which a record without a value deletes', () => {
    assert.deepEqual(
      [...COMPACTED_TOPICS].sort(),
      rows
        .filter(({ cleanup }) => cleanup === 'compact')
        .map(({ topic }) => topic)
        .sort(),
    )
  })

  test('every use that the code shows is in the table', () => {
    const table = new Set(rows.flatMap(promised))
    const unknown = uses.filter(
      (use) =>
        !table.has(idOf(use)) &&
        !table.has(idOf({ ...use, who: EVERY_SERVICE })) &&
        // A command may look at any topic; no topic is kept for it.
        !(use.does === 'reads' && use.who === 'cli'),
    )
    assert.deepEqual([...new Set(unknown.map((use) => `${idOf(use)} (${use.path})`))], [])
  })

  test('every use in the table is in the code, or named as not there yet', () => {
    const shown = new Set(uses.map(idOf))
    const missing = rows
      .flatMap(promised)
      .filter(
        (use) =>
          !use.startsWith(EVERY_SERVICE) &&
          !use.startsWith('agencies') &&
          !use.startsWith('through') &&
          !shown.has(use),
      )
    assert.deepEqual(missing.sort(), [...NOT_YET].sort())
  })
})

describe('the file of access', () => {
  test('names every service that reads or writes a topic, and no other; people at the command line are none', () => {
    const people = new Set(['cli', 'agencies', 'through feed.<agency>', EVERY_SERVICE])
    const named = rows.flatMap(({ writers, readers }) => [...writers, ...readers]).filter((who) => !people.has(who))
    const { services } = parse(textOf('deploy/topics/access.yaml')) as { services: string[] }
    assert.deepEqual([...services].sort(), [...new Set(named)].sort())
  })
})

describe('the file of topics', () => {
  const plans = planTopics(textOf('deploy/topics/topics.yaml'), { prefix: '', brokers: 3 })

  test('makes three copies of every topic and asks two to acknowledge', () => {
    assert.ok(plans.length > 50)
    for (const { name, replication, config } of plans) {
      assert.deepEqual([replication, config['min.insync.replicas']], [3, '2'], name)
      assert.equal(config['unclean.leader.election.enable'], 'false', name)
    }
  })

  const lists = namedLists(code, names)
  const stateful = code.filter(({ text }) => /\binputs:/.test(text) && /\bstores:/.test(text))

  test('gives the inputs of a stateful stage equal partitions, and its changelogs as many', () => {
    const partitions = new Map(file.topics.map((topic) => [topic.name, topic.partitions]))
    assert.ok(stateful.length >= 3)
    for (const stage of stateful) {
      const inputs = inputsOf(stage, lists)
      assert.ok(inputs.length > 0, stage.path)
      assert.deepEqual([...new Set(inputs.map((topic) => partitions.get(topic)))], [4], stage.path)
    }
    for (const { stage, partitions: own } of file.changelogs) assert.equal(own, 4, stage)
  })

  test('has a changelog for every store that a service declares, and for no other', () => {
    const listOf = (text: string, name: string) => new RegExp(`const ${name} = \\[([^\\]]*)\\]`).exec(text)?.[1] ?? ''
    const declared = code.flatMap(({ path, text }) =>
      [...text.matchAll(/\bstores: (?:\[([^\]]*)\]|(\w+))/g)].flatMap(([, listed, name = '']) =>
        [
          ...(
            listed ??
            listOf(
              code
                .filter((other) => ownerOf(other.path) === ownerOf(path))
                .map((other) => other.text)
                .join('\n'),
              name,
            )
          ).matchAll(/'([a-z-]+)'/g),
        ].map(([, store]) => `${ownerOf(path)} ${store}`),
      ),
    )
    const planned = file.changelogs.flatMap(({ stage, stores }) =>
      stores.map((store) => `${stage.split('.')[0]} ${store}`),
    )
    assert.ok(declared.length > 5)
    assert.deepEqual(declared.sort(), planned.sort())
  })
})
