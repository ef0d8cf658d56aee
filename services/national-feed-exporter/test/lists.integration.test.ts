// Both lists and the format test, on a real server with the injected clock.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listKeeper } from '../src/adapters/caretaker.ts'
import { readServiceList } from '../src/feeds/tw-nccst-1.3/lists.ts'
import { RESEND_AFTER_MS } from '../src/list-desk.ts'
import { listDelays } from '../src/self-check.ts'
import { CASE_WAIT_MS } from '../src/ticket-desk.ts'
import { runCommand } from './command-run.ts'
import { detectionOf, exporterAt, incidents, startServer, uploads } from './exporter-world.ts'
import { change, constituent, defaultRuleSet, incident } from './fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-lists-'))
after(() => rmSync(base, { recursive: true }))

test('TW-A2.2, TW-A6.2-2 a new agency is in the list on the server within 15 minutes, both lists go again each month, and old versions are kept here', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server, keepLists: listKeeper(base) })
  await exporter.wake()
  await exporter.settle(3)
  const names = () =>
    readServiceList(readFileSync(join(server.root, 'EXAMPLE-SOC_Service_Lists.csv'), 'utf8')).map(({ name }) => name)
  assert.deepEqual(names(), ['行政院'])
  // The server is away when the registry changes, and back ten minutes later.
  const more = constituent({ constituentId: 'tw-new', name: '新機關', oid: '2.16.886.101.5' })
  await server.stop()
  const changedAt = exporter.clock.now()
  exporter.publish([constituent(), more], [defaultRuleSet()])
  for (let minute = 0; minute < 10; minute++) {
    exporter.clock.advance(60_000)
    await exporter.settle(2)
  }
  await startServer({ dir: join(server.root, '..'), port: server.port })
  for (let turn = 0; turn < 6 && names().length < 2; turn++) {
    exporter.clock.advance(30_000)
    await exporter.settle(2)
  }
  assert.deepEqual(names(), ['新機關', '行政院'])
  assert.ok(exporter.clock.now() - changedAt <= 15 * 60_000)
  // A change that leaves the file as long as it was.
  exporter.publish([constituent(), { ...more, name: '舊機關' }], [defaultRuleSet()])
  await exporter.settle(4)
  assert.deepEqual(names(), ['舊機關', '行政院'])
  // The log of changes against the log of uploads: the cut above is the worst.
  const rows = exporter.written('deliveries').filter(({ subjectId }) => subjectId.startsWith('lists'))
  const { versions, worstMinutes, missing } = listDelays(rows)
  assert.deepEqual([versions, missing], [3, 0])
  assert.ok(worstMinutes >= 9 && worstMinutes <= 15, `${worstMinutes} minutes`)
  const before = uploads(server).length
  exporter.clock.advance(RESEND_AFTER_MS + 1_000)
  await exporter.settle(4)
  const sent = exporter
    .written('deliveries')
    .filter(({ subjectId, proof }) => subjectId.startsWith('lists') && proof !== null)
  assert.equal(sent.length, 4)
  assert.equal(uploads(server).length, before + 2, 'both lists went again')
  const kept = readdirSync(join(base, 'lists')).toSorted((a, b) => (a < b ? -1 : 1))
  assert.equal(kept.length, 4)
  const lengths = kept.map(
    (version) =>
      readServiceList(readFileSync(join(base, 'lists', version, 'EXAMPLE-SOC_Service_Lists.csv'), 'utf8')).length,
  )
  assert.deepEqual(lengths, [1, 2, 2, 2])
})

test('TW-2.1a of a hundred tickets each field gets its verdict, and one that fails is quarantined with the reason and never uploaded', async () => {
  const server = await startServer()
  const wrong = constituent({ constituentId: 'tw-wrong', name: '錯誤機關', oid: '1.2.3' })
  const exporter = exporterAt({ server, constituents: [constituent(), wrong] })
  const ids = Array.from({ length: 100 }, (_, index) => `d-${index}`)
  const isWrong = (index: number) => index % 20 === 7
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids })))
  for (const index of ids.keys()) {
    const body = isWrong(index) ? 'tw-wrong' : 'tw-ey'
    await exporter.give('detections', body, detectionOf(index, { constituent: body }))
  }
  exporter.clock.advance(CASE_WAIT_MS)
  for (let turn = 0; turn < 40 && incidents(server).length < 95; turn++) await exporter.settle(1)
  const failed = [...exporter.tickets().values()].filter(({ state }) => state === 'quarantined')
  assert.equal(failed.length, 5)
  for (const { reason, fileName } of failed) {
    assert.match(reason ?? '', /^Customer_ID is no OID under 2\.16\.886/)
    assert.ok(!incidents(server).includes(fileName))
  }
  const files = incidents(server).map((name) => join(server.root, 'incident', name))
  assert.equal(files.length, 95)
  const { code, out } = await runCommand('feed check', ['--lists', server.root, '--all', ...files])
  assert.equal(code, 0)
  assert.equal(
    out
      .trim()
      .split('\n')
      .filter((line) => line.endsWith('\tok')).length,
    95 * 29,
  )
})
