// What `tocsin topics apply` grants is decided by two pure functions.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type AccessState,
  describeAccessChange,
  diffAccess,
  type GrantedRight,
  isStray,
} from '../src/admin/access-diff.ts'
import { planAccess, type Right } from '../src/admin/access-plan.ts'

const deployed = (name: string) => readFileSync(join(import.meta.dirname, '../../../deploy/topics', name), 'utf8')
const topics = `
topics:
  - { name: events, writers: [engine], readers: [engine-two, exporter] }
  - { name: source-counts, writers: [every service], readers: [engine] }
  - { name: feed-records, writers: [exporter], readers: [agencies] }
changelogs:
  - { stage: engine.windows, stores: [groups] }
  - { stage: engine-two, stores: [seen] }
feeds: { agencies: [aa, bb] }
`
const access = (change: (text: string) => string = (text) => text) =>
  change(`
principals: { service: "User:svc-{name}", agency: "User:{name}" }
quotas: { every: { consumerByteRate: 1000 }, agencies: { bb: { requestPercentage: 5 } }, services: {} }
services: [engine, engine-two, exporter]
`)
const plan = (prefix = '') => planAccess(topics, access(), prefix)
const line = ({ principal, operation, resource, name, pattern }: Right) =>
  `${principal} ${operation} ${resource} ${name}${pattern === 'prefixed' ? '*' : ''}`
const of = (principal: string, prefix = '') =>
  plan(prefix)
    .rights.filter((right) => right.principal === principal)
    .map(line)
const granted = (right: Right, change: Partial<GrantedRight> = {}): GrantedRight => ({
  ...right,
  host: '*',
  codes: { resourceType: 0, resourcePatternType: 0, operation: 0 },
  ...change,
})
const asPlanned = (): AccessState => ({ rights: plan().rights.map((right) => granted(right)), quotas: plan().quotas })

describe('the plan of access', () => {
  test('an agency reads its own feed in groups of its own name, and nothing else', () => {
    assert.deepEqual(of('User:aa', 'p.'), ['User:aa read topic p.feed.aa', 'User:aa read group p.aa.*'])
  })

  test('a service reads and writes what names it, its own changelogs, groups and transactions', () => {
    assert.deepEqual(of('User:svc-engine'), [
      'User:svc-engine read topic source-counts',
      'User:svc-engine read topic engine.windows.groups.changelog',
      'User:svc-engine write topic events',
      'User:svc-engine write topic source-counts',
      'User:svc-engine write topic engine.windows.groups.changelog',
      'User:svc-engine read group engine',
      'User:svc-engine read group engine.*',
      'User:svc-engine write transactional-id engine.*',
      'User:svc-engine describe transactional-id engine.*',
    ])
    const feeds = of('User:svc-exporter').filter((text) => text.includes('feed.'))
    assert.deepEqual(feeds, ['User:svc-exporter write topic feed.aa', 'User:svc-exporter write topic feed.bb'])
  })

  test('each agency has the quota of all or its own; a service only one that is written', () => {
    assert.deepEqual(Object.fromEntries(plan().quotas), {
      aa: { consumer_byte_rate: 1000 },
      bb: { request_percentage: 5 },
    })
  })

  test('SEC-S5 what is deployed has no wildcard, no user of all, and no operation but read, write and describe', () => {
    const { rights, quotas } = planAccess(deployed('topics.yaml'), deployed('access.yaml'), '')
    assert.ok(rights.length > 100)
    for (const { principal, name, pattern } of rights) {
      assert.ok(name !== '*' && name !== '' && principal !== 'User:*')
      assert.ok(pattern === 'literal' || name.endsWith('.'), name)
    }
    assert.deepEqual([...quotas.keys()], ['vn-mic', 'kz-nsc', 'tw-nccst'])
  })

  test('a wrong file is refused with what is wrong', () => {
    const wrong: [string, string, RegExp][] = [
      ['User:{name}', 'everybody', /principals.agency/],
      ['engine-two', 'aa', /aa is there twice/],
      ['engine-two', '"a.b"', /"a\.b" is no name/],
      ['bb:', 'cc:', /quotas name cc/],
      ['1000', '-1', /consumerByteRate of every/],
      ['requestPercentage', 'speed', /has speed/],
    ]
    for (const [from, to, message] of wrong) {
      assert.throws(
        () =>
          planAccess(
            topics,
            access((text) => text.replace(from, to)),
            '',
          ),
        { code: 'bad_access', message },
      )
    }
  })
})

describe('the difference', () => {
  test('an empty cluster gets everything, one as planned nothing', () => {
    const empty = diffAccess(plan(), { rights: [], quotas: new Map() })
    assert.equal(empty.length, plan().rights.length + 2)
    assert.deepEqual(diffAccess(plan(), asPlanned()), [])
  })

  test('whatever part is missing, applying the difference gives the plan', () => {
    fc.assert(
      fc.property(fc.subarray(plan().rights), fc.subarray([...plan().quotas]), (rights, quotas) => {
        const state: AccessState = { rights: rights.map((right) => granted(right)), quotas: new Map(quotas) }
        const changes = diffAccess(plan(), state)
        assert.ok(!changes.some(isStray))
        const added = changes.flatMap((change) => (change.kind === 'allow' ? [line(change.right)] : []))
        assert.deepEqual([...rights.map(line), ...added].sort(), plan().rights.map(line).sort())
      }),
    )
  })

  test("too much is a user's right that the file does not give and anybody's that reaches a feed; nothing else", () => {
    const stranger = { principal: 'User:other', operation: 'read', resource: 'topic', pattern: 'literal' } as const
    const rights = [
      granted({ ...stranger, principal: 'User:aa', name: 'feed.bb' }),
      granted({ ...stranger, principal: 'User:aa', name: 'feed.aa' }, { host: '192.0.2.7' }),
      granted({ ...stranger, name: 'feed.aa' }, { operation: 'all' }),
      granted({ ...stranger, name: 'feed.', pattern: 'prefixed' }),
      granted({ ...stranger, principal: 'User:*', name: '*' }),
      granted({ ...stranger, name: 'events' }),
      granted({ ...stranger, name: 'feed.aaa' }),
    ]
    const state = { ...asPlanned(), rights: [...asPlanned().rights, ...rights] }
    assert.deepEqual(diffAccess(plan(), state).map(describeAccessChange), [
      '- User:aa: read topic feed.bb (not in the file)',
      '- User:aa: read topic feed.aa from 192.0.2.7 (not in the file)',
      '- User:other: all topic feed.aa (not in the file)',
      '- User:other: read topic feed.… (not in the file)',
      '- User:*: read topic * (not in the file)',
    ])
  })

  test('a quota that differs is set, one that is not in the file is shown', () => {
    const quotas = new Map([...plan().quotas, ['aa', { consumer_byte_rate: 9, producer_byte_rate: 3 }]])
    assert.deepEqual(diffAccess(plan(), { ...asPlanned(), quotas }).map(describeAccessChange), [
      '~ aa: consumer_byte_rate 9 → 1000',
      '- aa: producer_byte_rate 3 (not in the file)',
    ])
  })
})
