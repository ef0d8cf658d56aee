// The consistency audit as the receiver may ask for it: tickets and ledger from the real topics, files from the real FTPS server.
import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { fromCsv } from '../src/feeds/tw-nccst-1.3/csv.ts'
import { runCommand } from './command-run.ts'
import { detectionOf, exporterAt, startServer } from './exporter-world.ts'
import { change, incident } from './fixtures.ts'

const prefix = `audit-${process.pid}.`
const out = mkdtempSync(join(tmpdir(), 'tocsin-audit-'))
const TICKETS = 8
let stack: Stack

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  const topics = ['tickets', 'deliveries'].map((name) => ({
    topic: prefix + name,
    numPartitions: 2,
    replicationFactor: 1,
  }))
  await withAdmin(stack.kafka, (admin) => admin.createTopics({ waitForLeaders: true, topics }))
})
after(async () => {
  await stack.stop()
  rmSync(out, { recursive: true })
})

test('TW-3.1, TW-A6.2-1 tickets, ledger, files and the readable server agree by count and content, and exactly the seeded faults are found', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  const ids = Array.from({ length: TICKETS }, (_, index) => `d-${index}`)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids })))
  for (let index = 0; index < TICKETS; index++) await exporter.give('detections', 'tw-ey', detectionOf(index))
  await exporter.settle(10)
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix })
  const publisher = await kafka.publisher()
  for (const ticket of exporter.written('tickets'))
    await publisher.send({ topic: 'tickets', key: ticket.ticketId, value: ticket })
  for (const row of exporter.written('deliveries'))
    await publisher.send({ topic: 'deliveries', key: row.constituent, value: row })
  const env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    NATIONAL_FEED_EXPORTER_FTPS_HOST: server.host,
    NATIONAL_FEED_EXPORTER_FTPS_PORT: String(server.port),
    NATIONAL_FEED_EXPORTER_FTPS_USER: server.user,
    NATIONAL_FEED_EXPORTER_FTPS_PASSWORD: server.password,
    NATIONAL_FEED_EXPORTER_FTPS_CA_FILE: server.caFile,
  }
  const audit = (...args: string[]) => runCommand('feed audit', ['--server', ...args], { env })

  const clean = await audit('--from', '2026-07-01', '--to', '2027-01-01', '--out', out)
  assert.equal(clean.code, 0, clean.out + clean.err)
  assert.deepEqual(JSON.parse(clean.out), {
    tickets: TICKETS,
    byState: { uploaded: TICKETS },
    byConstituent: { 'tw-ey': TICKETS },
    files: TICKETS,
    ledgerRows: TICKETS,
    delays: { sent: TICKETS, worstMinutes: 7, late: {} },
  })
  const rows = fromCsv(readFileSync(join(out, 'reconciliation.csv'), 'utf8'))
  assert.deepEqual(rows[1], ['20261122', 'tw-ey', String(TICKETS), String(TICKETS), '0', '0', '0'])
  const hashes = new Map(
    fromCsv(readFileSync(join(out, 'files.csv'), 'utf8'))
      .slice(1)
      .map(([name, sha256]) => [name, sha256]),
  )
  const tickets = [...exporter.tickets().values()]
  for (const { fileName, sha256 } of tickets) assert.equal(hashes.get(fileName), sha256)

  const file = (name: string) => join(server.root, 'incident', name)
  const [gone, altered, copied] = tickets.map(({ fileName }) => fileName)
  unlinkSync(file(gone ?? ''))
  const octets = readFileSync(file(altered ?? ''))
  octets[200] = (octets[200] ?? 0) ^ 1
  writeFileSync(file(altered ?? ''), octets)
  copyFileSync(file(copied ?? ''), file('EXSOC-20261122-999999.xml'))
  const [row] = exporter.written('deliveries').filter(({ caseId }) => caseId !== null)
  assert.ok(row !== undefined)
  const ghost = { ...row, deliveryId: 'ghost', subjectId: 'EXSOC-20261122-777777' }
  await publisher.send({ topic: 'deliveries', key: ghost.constituent, value: ghost })
  const dirty = await audit()
  assert.equal(dirty.code, 1)
  const found = dirty.out
    .trim()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { kind: string; file: string })
    .map(({ kind, file: name }) => `${kind} ${name}`)
  assert.deepEqual(
    new Set(found),
    new Set([
      `missing ${gone}`,
      `altered ${altered}`,
      'doubled EXSOC-20261122-999999.xml',
      'ledger-without-ticket EXSOC-20261122-777777.xml',
    ]),
  )
  assert.equal(found.length, 4)
  appendFileSync(file('EXSOC-1.xml.part'), 'x')
  assert.match((await audit()).out, /"left-over","file":"EXSOC-1.xml.part"/)
  await kafka.close()
})

test('an account that may not read is told to use the listing of the receiver', async () => {
  const server = await startServer({ mode: 'write-only' })
  const env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: prefix,
    NATIONAL_FEED_EXPORTER_FTPS_HOST: server.host,
    NATIONAL_FEED_EXPORTER_FTPS_PORT: String(server.port),
    NATIONAL_FEED_EXPORTER_FTPS_USER: server.user,
    NATIONAL_FEED_EXPORTER_FTPS_PASSWORD: server.password,
    NATIONAL_FEED_EXPORTER_FTPS_CA_FILE: server.caFile,
  }
  await assert.rejects(runCommand('feed audit', ['--server'], { env }), { code: 'server_unreadable' })
})
