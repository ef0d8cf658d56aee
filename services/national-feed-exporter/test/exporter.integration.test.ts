import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Delivery } from '@tocsin/events'
import { readRuleTable, readServiceList } from '../src/feeds/tw-nccst-1.3/lists.ts'
import { CASE_WAIT_MS } from '../src/ticket-desk.ts'
import { detectionOf, exporterAt, incidents, startServer, uploads } from './exporter-world.ts'
import { change, constituent, defaultRuleSet, incident, ruleSet } from './fixtures.ts'
import { readWithPython } from './independent-parser.ts'

test('TW-2.3a once the account is there both lists are uploaded at once, without any ticket', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server, profileState: 'test' })
  await exporter.give('detections', 'tw-ey', detectionOf(1, { level: 'low' }))
  await exporter.settle(3)
  assert.deepEqual(incidents(server), [])
  const services = readFileSync(join(server.root, 'EXAMPLE-SOC_Service_Lists.csv'), 'utf8')
  assert.deepEqual(readServiceList(services), [{ id: '2.16.886.101.20003', name: '行政院', remark: '' }])
  const rules = readFileSync(join(server.root, 'EXAMPLE-SOC_Rules_ID.csv'), 'utf8')
  assert.equal(readRuleTable(rules)[0]?.name, 'ssh-bruteforce-v3')
})

test('TW-2.3b tickets stay queued with their reason until both lists are on the server, then they flow', async () => {
  const server = await startServer()
  const exporter = exporterAt({
    server,
    ruleSets: [ruleSet({ id: '144', title: 'a' }, { id: '144', title: 'b' }), defaultRuleSet()],
  })
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.settle()
  const [held] = exporter.tickets().values()
  assert.deepEqual([held?.state, held?.reason], ['withheld', 'lists-not-uploaded'])
  assert.deepEqual(incidents(server), [])
  const alarms = exporter.written('health-events')
  assert.deepEqual(
    alarms.map(({ code }) => code),
    ['lists_blocked'],
  )
  assert.match(alarms[0]?.message ?? '', /144 twice/)

  exporter.publish([constituent()], [defaultRuleSet()])
  await exporter.settle()
  assert.deepEqual(incidents(server), [`${held?.ticketId}.xml`])
  const order = uploads(server)
  assert.deepEqual(new Set(order.slice(0, 2)), new Set(['EXAMPLE-SOC_Rules_ID.csv', 'EXAMPLE-SOC_Service_Lists.csv']))
  assert.equal(order[2], `incident/${held?.ticketId}.xml`)
})

test('TW-2.3c the ledger says of each file what the server answered and whether its size was compared', async () => {
  for (const [mode, state] of [
    ['explicit', 'uploaded'],
    ['write-only', 'sent-unverified'],
  ] as const) {
    const server = await startServer({ mode })
    const exporter = exporterAt({ server })
    await exporter.give('incident-changes', 'tw-ey', change(incident()))
    await exporter.give('detections', 'tw-ey', detectionOf(1))
    await exporter.settle()
    const [ticket] = exporter.tickets().values()
    assert.equal(ticket?.state, state)
    const delivery = exporter.written('deliveries').find(({ subjectId }) => subjectId === ticket?.ticketId)
    assert.equal(delivery?.proof, mode === 'explicit' ? 'size check' : 'reply 226')
    assert.match(delivery?.reply ?? '', /^226 /)
    assert.equal(delivery?.sha256, ticket?.sha256)
    assert.equal(readFileSync(join(server.root, 'incident', ticket?.fileName ?? ''), 'utf8'), ticket?.xml)
  }
})

test('TW-2.3d TW-S4 of a thousand files each is named by the Event_ID inside, and none has the name of another', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  const ids = Array.from({ length: 1_000 }, (_, index) => index)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids.map((index) => `d-${index}`) })))
  for (const index of ids) await exporter.give('detections', 'tw-ey', detectionOf(index), index % 4)
  exporter.clock.advance(CASE_WAIT_MS)
  while (
    [...exporter.tickets().values()].some(({ state }) => state !== 'uploaded') ||
    exporter.tickets().size < 1_000
  ) {
    await exporter.settle(1)
  }
  const names = incidents(server)
  assert.equal(names.length, 1_000)
  const read = readWithPython(...names.map((name) => join(server.root, 'incident', name)))
  for (const name of names) {
    const elements = read.get(join(server.root, 'incident', name))?.elements ?? []
    assert.equal(`${elements[1]?.[1]}.xml`, name)
    assert.match(name, /^[A-Za-z0-9_-]{1,40}\.xml$/)
  }
})

test('TW-3.2 what the platform could not match is quarantined with the field, and goes when the registry is mended', async () => {
  const server = await startServer()
  const bodies = [constituent(), constituent({ constituentId: 'tw-new', name: '新機關', oid: '2.16.886.101.5' })]
  const exporter = exporterAt({ server, constituents: bodies })
  exporter.publish([constituent()], [defaultRuleSet()])
  await exporter.wake()
  await exporter.settle(3)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ['d-1', 'd-2', 'd-3', 'd-4'] })))
  await exporter.give(
    'incident-changes',
    'tw-new',
    change(incident({ caseId: 'case-2', constituent: 'tw-new', detectionIds: ['d-2'] })),
  )
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  await exporter.give('detections', 'tw-new', detectionOf(2, { constituent: 'tw-new' }))
  await exporter.give('detections', 'tw-ey', detectionOf(3, { ruleId: 'unknown-rule' }))
  await exporter.give('detections', 'tw-ey', detectionOf(4, { ruleName: 'renamed' }))
  await exporter.settle()
  const reasons = [...exporter.tickets().values()].map(({ state, reason }) =>
    `${state} ${reason?.split(' ')[0] ?? ''}`.trim(),
  )
  assert.deepEqual(reasons, [
    'uploaded',
    'quarantined Customer_ID',
    'quarantined Correlated_Rule_ID',
    'quarantined Correlated_Rule_Name',
  ])
  assert.equal(incidents(server).length, 1)
  assert.equal(exporter.written('health-events').filter(({ code }) => code === 'ticket_quarantined').length, 3)

  exporter.publish(bodies, [defaultRuleSet()])
  await exporter.settle(8)
  const mended = [...exporter.tickets().values()].find(({ constituent: id }) => id === 'tw-new')
  assert.equal(mended?.state, 'uploaded')
  assert.ok(incidents(server).includes(mended?.fileName ?? ''))
})

test('TW-S6a TW-S6b the file goes into incident, and what was cut into attachment before it', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1, { triggeredRuleName: '規'.repeat(300) }))
  await exporter.settle()
  const [ticket] = exporter.tickets().values()
  const attachment = ticket?.fields['Attachment'] ?? ''
  assert.deepEqual(readdirSync(join(server.root, 'attachment')), [attachment])
  const whole = JSON.parse(readFileSync(join(server.root, 'attachment', attachment), 'utf8')) as {
    fields: Record<string, string>
  }
  assert.equal(whole.fields['Triggered_Rule_Name'], '規'.repeat(300))
  const order = uploads(server)
  assert.deepEqual(order.slice(2), [`attachment/${attachment}`, `incident/${ticket?.fileName}`])
})

test('a suspended profile sends nothing and loses nothing; resumed, the backlog goes out oldest first', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server, profileState: 'suspended' })
  const ids = [1, 2, 3, 4, 5]
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids.map((index) => `d-${index}`) })))
  for (const index of ids) await exporter.give('detections', 'tw-ey', detectionOf(index))
  await exporter.settle()
  assert.deepEqual(
    [...exporter.tickets().values()].map(({ reason }) => reason),
    Array(5).fill('suspended'),
  )
  assert.deepEqual(exporter.transport.jobs, [])
  exporter.crash()
  exporter.become('production')
  await exporter.settle(8)
  assert.deepEqual(
    exporter.transport.jobs.slice(1),
    [...exporter.tickets().keys()].toSorted((a, b) => (a < b ? -1 : 1)),
  )
  assert.equal(incidents(server).length, 5)
})

test('TW-A3.2 a table with a duplicate is not published, a rule that is missing from it stops its ticket, and both alarm', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server, ruleSets: [defaultRuleSet(), defaultRuleSet()] })
  await exporter.wake()
  await exporter.settle(3)
  assert.deepEqual(
    readdirSync(server.root).toSorted((a, b) => (a < b ? -1 : 1)),
    ['attachment', 'incident'],
  )
  exporter.publish([constituent()], [defaultRuleSet()])
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1, { ruleId: 'not-in-the-table' }))
  await exporter.settle()
  assert.deepEqual(incidents(server), [])
  assert.deepEqual(
    exporter
      .written('health-events')
      .map(({ code }) => code)
      .toSorted((a, b) => (a < b ? -1 : 1)),
    ['lists_blocked', 'ticket_quarantined'],
  )
})

test('TW-A3.3 a new correlation rule is in the table on the server before the first ticket that cites it', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.wake()
  await exporter.settle(3)
  const rules = ruleSet({ id: 'new-rule', title: 'web-scan-v1' })
  exporter.publish([constituent()], [defaultRuleSet(), rules])
  const publishedAt = exporter.clock.now()
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1, { ruleId: 'new-rule', ruleName: 'web-scan-v1' }))
  await exporter.settle()
  const order = uploads(server)
  assert.equal(order.at(-1), `incident/${[...exporter.tickets().keys()][0]}.xml`)
  assert.equal(order.filter((path) => path === 'EXAMPLE-SOC_Rules_ID.csv').length, 2)
  const table = readRuleTable(readFileSync(join(server.root, 'EXAMPLE-SOC_Rules_ID.csv'), 'utf8'))
  assert.ok(table.some(({ id, name }) => id === 'new-rule' && name === 'web-scan-v1'))
  const sent = exporter.written('deliveries').filter(({ subjectId }) => subjectId.startsWith('lists'))
  assert.ok((sent.at(-1)?.at ?? Number.POSITIVE_INFINITY) - publishedAt <= 15 * 60_000)
})

test('XC-11 a ticket of an exercise reaches the test endpoint and never the production one', async () => {
  for (const [profileState, files] of [
    ['production', 0],
    ['test', 1],
  ] as const) {
    const server = await startServer()
    const exporter = exporterAt({ server, profileState })
    await exporter.give('incident-changes', 'tw-ey', change(incident({ exercise: true })))
    await exporter.give('detections', 'tw-ey', detectionOf(1, { exercise: true }))
    await exporter.settle()
    assert.equal(incidents(server).length, files, profileState)
    assert.equal([...exporter.tickets().values()][0]?.reason, profileState === 'production' ? 'exercise' : null)
  }
})

test('while the server is down nothing is lost, and everything is delivered once when it is back', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.wake()
  await exporter.settle(3)
  await server.stop()
  await exporter.give(
    'incident-changes',
    'tw-ey',
    change(incident({ detectionIds: ['d-1', 'd-2', 'd-3', 'd-4', 'd-5'] })),
  )
  for (const index of [1, 2, 3, 4, 5]) await exporter.give('detections', 'tw-ey', detectionOf(index))
  for (let turn = 0; turn < 5; turn++) {
    exporter.clock.advance(61_000)
    await exporter.settle(2)
  }
  const retries = exporter.written('deliveries').filter(({ errorCode }) => errorCode === 'endpoint_away')
  assert.ok(retries.length >= 2)
  assert.ok(retries.every(({ state }: Delivery) => state === 'retrying'))
  exporter.crash()
  await startServer({ dir: join(server.root, '..'), port: server.port })
  exporter.clock.advance(61_000)
  await exporter.settle(8)
  assert.deepEqual(
    [...exporter.tickets().values()].map(({ state }) => state),
    Array(5).fill('uploaded'),
  )
  assert.equal(incidents(server).length, 5)
  assert.equal(
    exporter.written('deliveries').filter(({ proof, caseId }) => proof !== null && caseId !== null).length,
    5,
  )
})

test('operators are told once that the server is away, and once that it is back', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.wake()
  await exporter.settle(3)
  await server.stop()
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  for (let turn = 0; turn < 3; turn++) {
    exporter.clock.advance(61_000)
    await exporter.settle(2)
  }
  const told = () =>
    exporter.written('health-events').flatMap(({ code, state }) => (code === 'endpoint_away' ? [state] : []))
  assert.deepEqual(told(), ['raised'])
  await startServer({ dir: join(server.root, '..'), port: server.port })
  for (let turn = 0; turn < 5; turn++) {
    exporter.clock.advance(600_000)
    await exporter.settle(3)
  }
  assert.deepEqual(told(), ['raised', 'cleared'])
})

test('a process that dies after the octets left and before it knew sends no second file', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  for (let turn = 0; turn < 20 && incidents(server).length === 0; turn++) await exporter.settle(1)
  assert.equal([...exporter.tickets().values()][0]?.state, 'uploading')
  exporter.crash()
  await exporter.settle()
  const [ticket] = exporter.tickets().values()
  assert.equal(ticket?.state, 'uploaded')
  assert.match(ticket?.reply ?? '', /was there already/)
  assert.equal([...server.log().matchAll(/OK UPLOAD: .*incident/g)].length, 1)
})
