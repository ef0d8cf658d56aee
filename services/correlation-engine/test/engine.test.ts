import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EnrichedEvent, Match } from '@tocsin/events'
import { type Store, TaskStores } from '@tocsin/stage'
import { harnessOf } from '@tocsin/stage/testing'
import { readRuleFiles } from '../src/adapters/rule-files.ts'
import { correlateWindows } from '../src/correlate-windows.ts'
import { matchRules } from '../src/match-rules.ts'
import { ParseMemory } from '../src/parse-memory.ts'
import { ruleSetsOf } from '../src/rule-sets.ts'
import { compileSets, type RulesInForce } from '../src/rules-in-force.ts'
import { enrichedWith } from './enriched-events.ts'
import { guessing, login, START } from './logins.ts'
import { runOver } from './over-partitions.ts'

const root = join(import.meta.dirname, '../../../rules')
const sets = ruleSetsOf(root, await readRuleFiles([root]), { publishedAt: START, publishedBy: 'test' })
const inForce = compileSets(sets).inForce as RulesInForce
const rules = () => inForce
const ONE = { eventPartitions: 1, matchPartitions: 1 }

/** Both halves of the engine, with the re-keyed records handed over as Kafka would. */
function engine() {
  const first = harnessOf(matchRules({ rules, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  const second = harnessOf(correlateWindows({ rules, ...ONE }), START)
  let handed = 0
  let back = 0
  const handOver = async () => {
    const matches = first.written('matches')
    for (const match of matches.slice(handed)) await second.give('matches', 'k', match as Match)
    handed = matches.length
    const chained = second.written('matches')
    for (const match of chained.slice(back)) await second.give('matches', 'k', match as Match)
    back = chained.length
  }
  return {
    first,
    second,
    give: async (event: EnrichedEvent) => {
      first.now(event.occurredAt)
      second.now(event.occurredAt + 500)
      await first.give('enriched-events', event.sourceId, event)
      await first.tick(event.occurredAt)
      await handOver()
    },
  }
}

/** The stage of the windows with a store that can be looked into; gives what one batch of records writes. */
function lookedInto() {
  const groups = new Map<string, unknown>()
  let writes: string[] = []
  const store: Store<unknown> = {
    get: (key) => groups.get(key),
    set: (key, value) => {
      writes.push(JSON.stringify(value))
      groups.set(key, value)
    },
    delete: (key) => void groups.delete(key),
    has: (key) => groups.has(key),
    entries: () => groups.entries(),
    get size() {
      return groups.size
    },
  }
  const stage = correlateWindows({ rules, ...ONE }).create({
    partition: 0,
    store: <V>(name: string) => (name === 'groups' ? (store as Store<V>) : new TaskStores().store<V>(name)),
  })
  return async (matches: readonly Match[]): Promise<string[]> => {
    writes = []
    for (const value of matches) {
      const received = { topic: 'matches', partition: 0, offset: 0, timestamp: START, key: 'k', value } as const
      await stage.process({ ...received, framed: Buffer.alloc(0) }, START)
    }
    assert.equal(writes.length, 0)
    stage.endOfBatch?.(START)
    return writes
  }
}

test('a match in a group under a flood stores a few small records, as many as in an empty group', async () => {
  const first = harnessOf(matchRules({ rules, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  const long = 'x'.repeat(40_000)
  for (let n = 0; n < 3_000; n++) {
    const at = { occurredAt: START + n * 10, receivedAt: START + n * 10 }
    await first.give('enriched-events', 'ssh-1', login(n, 'failure', { ...at, original: long, host_name: long }))
  }
  const matches = first.written('matches')
  assert.ok(matches.length >= 3_000)
  const batch = lookedInto()
  const written = await batch(matches.slice(0, -1))
  assert.ok(Math.max(...written.map((text) => text.length)) < 8_192)
  const one = await batch(matches.slice(-1))
  assert.ok(one.length <= 4, `${one.length} records for one match`)
})

test('after a crash the watermark is where it was: what was late stays late', async () => {
  const { second, give, first } = engine()
  await give(login(0, 'failure'))
  await give(login(3_600, 'failure', { eventId: 'new' }))
  await first.tick(START + 3_600_000)
  await give(login(3_601, 'failure', { eventId: 'newer' }))
  second.crash()
  const [old] = first.written('matches').filter((match) => match.kind === 'match')
  await second.give('matches', 'k', { ...(old as Match), eventId: 'old', sourcePartition: 7 })
  assert.deepEqual(
    second.written('late-events').map((late) => late.eventId),
    ['old'],
  )
})

test('SIG-4.5 a rule on a data segment matches the record of a sensor that logs payloads, and one that logs packets', async () => {
  const text = `title: Shell in a payload
id: 3a1b6d0e-8c3e-4f0e-9d61-5b1c5a0f7001
level: high
logsource:
    category: network
detection:
    selection:
        destination.port: 80
        packet.payload|segment:
            text: /bin/sh
            offset: 4
    condition: selection
`
  const set = { ...(sets[0] as (typeof sets)[number]), ruleSetId: 'own', files: [{ path: 'own.yml', content: text }] }
  const own = compileSets([set]).inForce as RulesInForce
  const first = harnessOf(matchRules({ rules: () => own, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  const sensor = (extra: Record<string, string>, eventId: string) =>
    enrichedWith({
      eventId,
      occurredAt: START,
      logProduct: 'suricata',
      logService: 'eve',
      logCategory: ['ids'],
      destination_port: 80,
      extra,
    })
  const base64 = (octets: Buffer): string => octets.toString('base64')
  const payload = Buffer.from('GET /bin/sh')
  const udp = Buffer.concat([Buffer.from('c3500050', 'hex'), Buffer.from([0, 8 + payload.length, 0, 0]), payload])
  const ip = Buffer.from(
    `4500${(20 + udp.length).toString(16).padStart(4, '0')}0000000040110000c0000207c6336409`,
    'hex',
  )
  await first.give('enriched-events', 's', sensor({ 'packet.payload': base64(payload) }, 'logged-payload'))
  await first.give('enriched-events', 's', sensor({ 'packet.raw': base64(Buffer.concat([ip, udp])) }, 'logged-packet'))
  await first.give('enriched-events', 's', sensor({ 'packet.payload': base64(Buffer.from('/bin/sh')) }, 'elsewhere'))
  await first.give('enriched-events', 's', sensor({}, 'without'))
  const matched = first.written('detections').map((detection) => detection.anchorEventId)
  assert.deepEqual(matched, ['logged-payload', 'logged-packet'])
})

test('SIG-C17 each detection says with which rule set it was made', async () => {
  const { second, first, give } = engine()
  for (let n = 0; n < 12; n++) await give(login(n * 5, 'failure'))
  const versions = new Set(
    [...second.written('detections'), ...first.written('detections')].map((d) => d.ruleSetVersion),
  )
  const identity = sets.find(({ ruleSetId }) => ruleSetId === 'identity')
  assert.deepEqual([...versions], [`identity@${identity?.version}`])
})

test('a rule in shadow reports nothing and is counted, and alerts by itself from its day on', async () => {
  const text = `title: New rule
id: 3a1b6d0e-8c3e-4f0e-9d61-5b1c5a0f7002
shadow: 2026-11-23
level: high
logsource:
    product: linux
detection:
    selection:
        event.outcome: failure
    condition: selection
`
  const set = { ...(sets[0] as (typeof sets)[number]), ruleSetId: 'own', files: [{ path: 'own.yml', content: text }] }
  const own = compileSets([set]).inForce as RulesInForce
  const first = harnessOf(matchRules({ rules: () => own, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  for (let n = 0; n < 5; n++) await first.give('enriched-events', 's', login(n, 'failure'))
  assert.deepEqual(first.written('detections'), [])
  first.now(START + 11 * 60_000)
  await first.give('enriched-events', 's', login(660, 'failure'))
  const told = first.written('health-events').filter(({ code }) => code === 'rule_in_shadow')
  assert.deepEqual(
    told.map(({ values }) => [values['count'], values['total']]),
    [
      ['1', '1'],
      ['5', '6'],
    ],
  )
  first.now(START + 86_400_000)
  await first.give('enriched-events', 's', login(86_400, 'failure'))
  assert.equal(first.written('detections').length, 1)
})

test('SIG-5.4 too many groups: those with least progress go, and operators are told how many', async () => {
  const first = harnessOf(matchRules({ rules, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  const second = harnessOf(
    correlateWindows({ rules, ...ONE, limits: { maxGroupsPerRule: 50, maxHeldEvents: 10_000 } }),
    START,
  )
  for (let n = 0; n < 200; n++) {
    await first.give('enriched-events', 's', login(n, 'failure', { source_ip: `192.0.2.${n}`, eventId: `v-${n}` }))
  }
  for (const match of first.written('matches')) await second.give('matches', 'k', match)
  const [told] = second.written('health-events')
  assert.equal(told?.code, 'state_evicted')
  assert.equal(told?.level, 'warning')
})

test('SIG-5.1 late events are counted by rule and source, told once for many', async () => {
  const { second, give, first } = engine()
  await give(login(0, 'failure'))
  await give(login(3_600, 'failure', { eventId: 'new' }))
  await first.tick(START + 3_600_000)
  for (let n = 0; n < 30; n++) await give(login(n, 'failure', { eventId: `old-${n}`, receivedAt: START + 3_600_000 }))
  const late = second.written('late-events')
  assert.ok(late.length >= 30)
  assert.ok(late.every(({ sourceId }) => sourceId === 'ssh-1'))
  const told = second.written('health-events').filter(({ code }) => code === 'late_events')
  assert.ok(told.length > 0 && told.length < 5)
  assert.equal(told[0]?.sourceId, 'ssh-1')
})

test('SIG-5.2 rules change between two events without a gap, and a file that became bad stays as it was', async () => {
  const ruleOf = (name: string, value: string): string =>
    `title: ${name}\nname: ${name}\nlevel: high\nlogsource:\n    product: linux\ndetection:\n    selection:\n        event.outcome: ${value}\n    condition: selection\n`
  const setOf = (version: string, files: Record<string, string>) => ({
    ...(sets[0] as (typeof sets)[number]),
    ruleSetId: 'own',
    version,
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
  })
  let now = compileSets([setOf('1', { 'a.yml': ruleOf('a', 'failure'), 'b.yml': ruleOf('b', 'failure') })]).inForce
  const first = harnessOf(
    matchRules({ rules: () => now as RulesInForce, matchPartitions: 1, latenessMs: 60_000, slot: 0 }),
    START,
  )
  await first.give('enriched-events', 's', login(1, 'failure'))
  const next = compileSets(
    [setOf('2', { 'a.yml': ruleOf('a', '{broken'), 'b.yml': ruleOf('b', 'success'), 'c.yml': ruleOf('c', 'failure') })],
    now,
  )
  assert.deepEqual(
    next.refused.map(({ file, line }) => [file, line]),
    [['own/a.yml', 9]],
  )
  now = next.inForce
  await first.give('enriched-events', 's', login(2, 'failure'))
  const seen = first
    .written('detections')
    .map(({ ruleName, ruleSetVersion, anchorEventId }) => [anchorEventId, ruleName, ruleSetVersion])
  assert.deepEqual(seen, [
    ['e-0001', 'a', 'own@1'],
    ['e-0001', 'b', 'own@1'],
    ['e-0002', 'a', 'own@1'],
    ['e-0002', 'c', 'own@2'],
  ])
})

test('SIG-5.5 SIG-5.3 over several partitions of events and matches the detections are those of one', async () => {
  const events = Array.from({ length: 160 }, (_, n) =>
    login(n * 7, n % 23 === 22 ? 'success' : 'failure', {
      source_ip: `198.51.100.${(n * n) % 5}`,
      sourceId: `ssh-${n % 3}`,
    }),
  )
  // One in four comes up to half a minute late, none beyond the lateness.
  const arriving = events
    .map((event, n) => ({ ...event, receivedAt: event.occurredAt + (n % 4 === 0 ? ((n * 13) % 30) * 1_000 : 0) }))
    .toSorted((a, b) => a.receivedAt - b.receivedAt)
  const end = login(7_200, 'success', { source_ip: '203.0.113.1', user_name: 'end' })
  const alone = await runOver(rules, [...events, end], { sources: 1, targets: 1 })
  assert.ok(alone.detections.length >= 3, `${alone.detections.length} detections`)
  for (const course of [
    { sources: 1, targets: 3 },
    { sources: 3, targets: 1 },
    { sources: 3, targets: 4 },
  ])
    assert.deepEqual(await runOver(rules, [...arriving, end], course), alone, JSON.stringify(course))
})

test('SIG-5.5 chains are complete however fast event time runs, in whatever order the partitions are read', async () => {
  const events = guessing({ count: 160 })
  const alone = await runOver(rules, events, { sources: 1, targets: 1, tickEvery: 1 })
  assert.ok(alone.detections.some((detection) => detection.includes('guessing that succeeds')))
  for (let seed = 1; seed <= (process.env['TOCSIN_TEST_DOSE'] === 'full' ? 300 : 15); seed++) {
    const course = { sources: 1 + (seed % 4), targets: 1 + (seed % 5), seed, tickEvery: 1 + (seed % 9) }
    const crashing = seed % 3 === 0 ? { ...course, crashEvery: 1 + (seed % 11) } : course
    assert.deepEqual(await runOver(rules, events, crashing), alone, JSON.stringify(crashing))
  }
})

test('SIG-5.2 crashed every few events, the windows report what they would have reported', async () => {
  const events = guessing({ count: 120 })
  const alone = await runOver(rules, events, { sources: 1, targets: 1 })
  for (const course of [
    { sources: 1, targets: 1, crashEvery: 1 },
    { sources: 1, targets: 1, crashEvery: 7 },
    { sources: 2, targets: 3, crashEvery: 5 },
  ])
    assert.deepEqual(await runOver(rules, events, course), alone, JSON.stringify(course))
})

test('a rule on a field that no source gives is a health event when it comes into force, cleared when it goes', async () => {
  const ruleOn = (field: string) =>
    compileSets([
      {
        ...(sets[0] as (typeof sets)[number]),
        version: field,
        files: [
          {
            path: 'a.yml',
            content: `title: Looks where nothing is\nlogsource:\n    product: linux\ndetection:\n    s:\n        ${field}: x\n    condition: s\n`,
          },
        ],
      },
    ]).inForce as RulesInForce
  let now = ruleOn('NoSuchField')
  const first = harnessOf(matchRules({ rules: () => now, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  first.open(0)
  first.open(1)
  await first.tick(START)
  await first.tick(START)
  now = ruleOn('user.name')
  await first.tick(START)
  const told = first.written('health-events')
  assert.deepEqual(
    told.map(({ code, state, values }) => [code, state, values['rules']]),
    [
      ['rules_unmapped', 'raised', 'Looks where nothing is: NoSuchField'],
      ['rules_unmapped', 'cleared', ''],
    ],
  )
})

test('a file that did not change is not read again, one that changed or went is', () => {
  const memory = new ParseMemory()
  const text = (title: string): string =>
    `title: ${title}\nlogsource:\n  product: x\ndetection:\n  s:\n    f: 1\n  condition: s\n`
  const files = [
    { file: 'a', text: text('one') },
    { file: 'b', text: text('two') },
  ]
  const [a, b] = memory.parse(files).documents
  const again = memory.parse([{ file: 'a', text: text('three') }, files[1] as (typeof files)[number]]).documents
  assert.notEqual(again[0], a)
  assert.equal(again[0]?.metadata.title, 'three')
  assert.equal(again[1], b)
  memory.parse([])
  assert.notEqual(memory.parse(files).documents[1], b)
})

test('our own rules are all taken', () => {
  assert.deepEqual(compileSets(sets).refused, [])
  assert.ok(inForce.rules.correlations.length >= 5)
})

test('guessing that succeeds is one detection for the guessing and one for the success, with evidence', async () => {
  const { second, give } = engine()
  for (let n = 0; n < 12; n++) await give(login(n * 5, 'failure'))
  await give(login(70, 'success'))
  const opened = second.written('detections').filter((detection) => detection.phase === 'open')
  const names = opened.map((detection) => detection.ruleName)
  assert.deepEqual(names, ['SSH password guessing', 'SSH password guessing that succeeds'])
  const [guessing] = opened
  assert.equal(guessing?.constituent, 'body-a')
  assert.equal(guessing?.groupBy['source.ip'], '198.51.100.23')
  assert.equal(guessing?.firstEvent, START)
  assert.equal(guessing?.rsitClass, 'intrusion-attempts')
  assert.ok(guessing?.titles['kk'])
  assert.equal(guessing?.participants[0]?.role, 'source')
  assert.equal(guessing?.participants[0]?.ip, '198.51.100.23')
})

test('T0 is stamped once: updates of an id keep it, and so does a crash in between', async () => {
  const { second, give } = engine()
  for (let n = 0; n < 10; n++) await give(login(n, 'failure'))
  second.crash()
  for (let n = 20; n < 60; n++) await give(login(n, 'failure'))
  const guessing = second.written('detections').filter((detection) => detection.ruleName === 'SSH password guessing')
  assert.ok(guessing.length > 1)
  assert.equal(new Set(guessing.map((detection) => detection.detectionId)).size, 1)
  assert.equal(new Set(guessing.map((detection) => detection.detectedAt)).size, 1)
  assert.deepEqual(
    guessing.map((detection) => detection.revision),
    guessing.map((_, index) => index),
  )
})

test('two bodies with the same address never share a group', async () => {
  const { second, give } = engine()
  for (let n = 0; n < 10; n++)
    await give(login(n, 'failure', { constituent: n % 2 === 0 ? 'body-a' : 'body-b', eventId: `x-${n}` }))
  assert.deepEqual(second.written('detections'), [])
})

test('SIG-5.1 an event behind the watermark goes to late events, with rule and lag', async () => {
  const { second, give, first } = engine()
  await give(login(0, 'failure'))
  await give(login(3_600, 'failure', { eventId: 'new' }))
  await first.tick(START + 3_600_000)
  await give(login(10, 'failure', { eventId: 'old' }))
  const [late] = second.written('late-events')
  assert.equal(late?.eventId, 'old')
  assert.ok((late?.lagMs ?? 0) > 0)
})

test('a broken rule file hurts itself only; a set without any good rule is not taken', () => {
  const broken = {
    ...(sets[0] as (typeof sets)[number]),
    ruleSetId: 'broken',
    files: [{ path: 'x.yml', content: 'title: x\ndetection: [' }],
  }
  const { inForce: both, refused } = compileSets([...sets, broken])
  assert.equal(both?.rules.rules.length, inForce.rules.rules.length)
  assert.equal(refused.length, 1)
  assert.equal(refused[0]?.file, 'broken/x.yml')
  assert.equal(compileSets([broken]).inForce, null)
})
