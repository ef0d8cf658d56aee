// Bodies are separated from the first record on (S-1): topics, indices and agencies' feeds; who is out of scope is nowhere.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { OutsideKafka, type OutsideRecord } from '../support/outside-kafka.ts'
import { FROM, failedLogin, newAttacker, portScan, rootLogin, webAttack } from './lines.ts'
import { search } from './search.ts'
import { send } from './sockets.ts'
import { until } from './wait.ts'
import { type Watch, watch } from './watch.ts'

const FEEDS = { 'feed.vn-mic': 'vn-portal', 'feed.kz-nsc': 'kz-ministry', 'feed.tw-nccst': 'tw-agency' } as const
const GROUPS = { vn_portal: 'vn-portal', kz_ministry: 'kz-ministry', tw_agency: 'tw-agency' } as const
const EVERY_INDEX = 'logs-tocsin.*,tocsin-*'

let stack: FullStack
let kafka: OutsideKafka
let feeds: readonly OutsideRecord[]
let seen: Watch<'raw-blocks' | 'incidents' | 'source-counts' | 'health-events'>

before(async () => {
  stack = await startFullStack()
  kafka = new OutsideKafka(stack)
  feeds = await kafka.read(Object.keys(FEEDS))
  seen = await watch(stack, ['raw-blocks', 'incidents', 'source-counts', 'health-events'])
})
after(async () => {
  await kafka?.close()
  await seen?.close()
  await stack?.stop()
})

test('an attack on each body goes to its own index and to its own agency, and to no other', async () => {
  const attackers = { 'vn-portal': newAttacker(), 'kz-ministry': newAttacker(), 'tw-agency': newAttacker() }
  await send(stack, 'tcp by lines', FROM.vnWeb, [webAttack(stack.nowMs(), attackers['vn-portal'])])
  await send(stack, 'udp', FROM.kzSsh, [rootLogin(stack.nowMs(), attackers['kz-ministry'])])
  await send(stack, 'udp', FROM.twFirewall, portScan(stack.nowMs() - 3_000, attackers['tw-agency']))
  for (const [topic, constituent] of Object.entries(FEEDS)) {
    const attacker = attackers[constituent]
    await until(`record on ${topic} about ${attacker}`, () =>
      feeds.find((record) => record.topic === topic && textOf(record).includes(attacker)),
    )
    for (const record of feeds) {
      if (textOf(record).includes(attacker)) assert.equal(record.topic, topic, `${attacker} on ${record.topic}`)
    }
  }
  // Other scenarios of the run have bodies of their own there; ours are each on their agency's feed alone.
  const bodies: readonly unknown[] = Object.values(FEEDS)
  const ours = feeds.filter(({ value }) => bodies.includes(value?.['constituent']))
  for (const { topic, value } of ours) assert.equal(value?.['constituent'], FEEDS[topic as keyof typeof FEEDS])
  for (const [group, constituent] of Object.entries(GROUPS)) {
    const query = { term: { 'source.ip': attackers[constituent] } }
    const { hits } = await until(`events of ${attackers[constituent]} in the index`, async () => {
      const found = await search(stack, 'logs-tocsin.event-*', query)
      return found.total > 0 && found
    })
    for (const { index } of hits) assert.match(index, new RegExp(`logs-tocsin\\.event-${group}-`))
    for (const other of Object.values(attackers)) {
      const isOwn = other === attackers[constituent]
      const found = await search(stack, `logs-tocsin.*-${group},tocsin-*-${group}`, {
        simple_query_string: { query: `"${other}"` },
      })
      assert.equal(found.total > 0, isOwn, `${other} in the indices of ${group}`)
    }
  }
})

test('no index of a body holds a document of another body', async () => {
  for (const [group, constituent] of Object.entries(GROUPS)) {
    const pattern = `logs-tocsin.*-${group},tocsin-*-${group}`
    const own = await search(stack, pattern, { term: { 'organization.id': constituent } })
    assert.ok(own.total > 0, `${group} holds its own`)
    const strange = await search(stack, pattern, {
      bool: {
        filter: { exists: { field: 'organization.id' } },
        must_not: { term: { 'organization.id': constituent } },
      },
    })
    assert.equal(strange.total, 0, JSON.stringify(strange.hits[0]))
  }
})

test('VN-1.1 records of a body of the defence or public security ministry are refused, counted, and nowhere else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-registry-'))
  const id = `mps${process.pid}`
  const address = `127.5.${randomInt(256)}.${randomInt(1, 255)}`
  const user = `secret${process.pid}`
  try {
    const file = join(folder, 'bodies.yaml')
    writeFileSync(
      file,
      `constituents:
  - { id: ${id}, name: Public security, country: VN, pack: vn-circular-31, roles: [manager], legalScope: [mps], group: vn_mps, timeZone: Asia/Ho_Chi_Minh, languages: [vi] }
sources:
  - { id: ${id}-log, constituent: ${id}, name: Log, addresses: [${address}], circuit: inner, kind: system, timeZone: Asia/Ho_Chi_Minh }
`,
    )
    const { code, stdout, stderr } = await stack.tocsin(['registry', 'import', file])
    assert.equal(code, 0, stdout + stderr)
    const sources = { 'vn-defence-log': FROM.vnDefence, [`${id}-log`]: address }
    for (const [sourceId, from] of Object.entries(sources)) {
      const before = refusedOf(sourceId)
      // The registry reaches the door within moments; from then on each record is counted.
      await until(`refusals of ${sourceId}`, async () => {
        await send(stack, 'tcp by lines', from, [failedLogin(stack.nowMs(), user)])
        return refusedOf(sourceId) > before
      })
      const counts = seen.of('source-counts').filter((count) => count.sourceId === sourceId)
      for (const { accepted, reasons } of counts) {
        assert.equal(accepted, 0)
        assert.deepEqual(Object.keys(reasons), ['out-of-scope'])
      }
      assert.ok(
        seen.of('health-events').some((one) => one.code === 'sender_out_of_scope' && one.values['address'] === from),
        'the operators are told',
      )
    }
    assert.ok(!seen.of('raw-blocks').some(({ sourceId }) => Object.hasOwn(sources, sourceId)), 'no octet is kept')
    const known = `known${process.pid}`
    await send(stack, 'udp', FROM.kzSsh, [failedLogin(stack.nowMs(), known)])
    const everywhere = async (query: string) =>
      (await search(stack, EVERY_INDEX, { simple_query_string: { query } })).total
    await until('a line that may be kept, found by the same search', async () => (await everywhere(known)) > 0)
    assert.equal(await everywhere(user), 0)
    for (const group of ['vn_defence', 'vn_mps'])
      assert.equal((await search(stack, `logs-tocsin.event-${group},tocsin-*-${group}`, { match_all: {} })).total, 0)
    assert.ok(!feeds.some((record) => textOf(record).includes(user)))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('KZ-12b an unlisted sender is refused and told to the operators, and nothing of it is kept', async () => {
  const address = `127.8.${randomInt(256)}.${randomInt(1, 255)}`
  const user = `stranger${process.pid}`
  await send(stack, 'udp', address, [failedLogin(stack.nowMs(), user)])
  await until('alarm about the sender', () =>
    seen.of('health-events').some(({ code, values }) => code === 'unlisted_sender' && values['address'] === address),
  )
  assert.ok(!seen.of('raw-blocks').some(({ peerAddress }) => peerAddress === address))
  assert.equal((await search(stack, EVERY_INDEX, { simple_query_string: { query: user } })).total, 0)
})

const textOf = ({ value }: OutsideRecord): string => JSON.stringify(value ?? '')

const refusedOf = (id: string): number =>
  seen.of('source-counts').reduce((sum, { sourceId, refused }) => sum + (sourceId === id ? refused : 0), 0)
