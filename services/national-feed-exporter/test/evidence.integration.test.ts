// What the connectivity test asks for, from a real FTPS server and the real command: speed from the trigger, first success, evidence.
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Ticket } from '@tocsin/events'
import { openPackage } from '@tocsin/exchange'
import { makeSigningKey } from '@tocsin/runtime'
import { listKeeper } from '../src/adapters/caretaker.ts'
import { fromCsv } from '../src/feeds/tw-nccst-1.3/csv.ts'
import { testProgress } from '../src/feeds/tw-nccst-1.3/progress.ts'
import { account } from './account/example-account.ts'
import { runCommand } from './command-run.ts'
import { detectionOf, exporterAt, startServer } from './exporter-world.ts'
import { change, constituent, defaultRuleSet, incident, ruleSet } from './fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-evidence-'))
after(() => rmSync(base, { recursive: true }))
const keyFile = join(base, 'key.pem')
const { publicFile } = makeSigningKey(keyFile)

let folders = 0
/** Some tickets on the server, one of a body with a wrong OID that stays here, and the ledger as files. */
async function uploaded() {
  const folder = mkdtempSync(join(base, `world-${folders++}-`))
  const server = await startServer()
  const wrong = constituent({ constituentId: 'tw-wrong', name: '錯誤機關', oid: '1.2.3' })
  const exporter = exporterAt({ server, constituents: [constituent(), wrong], keepLists: listKeeper(folder) })
  const ids = Array.from({ length: 6 }, (_, index) => `d-${index}`)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids })))
  for (const index of ids.keys()) await exporter.give('detections', 'tw-ey', detectionOf(index))
  const held = change(incident({ caseId: 'c-wrong', constituent: 'tw-wrong', detectionIds: ['d-9'] }))
  await exporter.give('incident-changes', 'tw-wrong', held)
  await exporter.give('detections', 'tw-wrong', detectionOf(9, { constituent: 'tw-wrong' }))
  await exporter.settle(8)
  // A rule comes later: a second version of both lists.
  exporter.publish([constituent(), wrong], [defaultRuleSet(), ruleSet({ id: 'new', title: 'later' })])
  await exporter.settle(4)
  const lines = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n')
  writeFileSync(join(folder, 'tickets.ndjson'), lines(exporter.written('tickets')))
  writeFileSync(join(folder, 'deliveries.ndjson'), lines(exporter.written('deliveries')))
  return { server, exporter, folder }
}

type World = Awaited<ReturnType<typeof uploaded>>

/** Makes the pack by the command and opens it as the receiver would; gives verdicts by item and the files by name. */
async function packOf({ server, folder }: World, ledger = 'tickets.ndjson') {
  const out = join(folder, 'evidence.tar')
  const words = [
    '--lists',
    join(folder, 'lists'),
    '--dir',
    join(server.root, 'incident'),
    '--key',
    keyFile,
    '--out',
    out,
  ]
  const files = ['--ledger', join(folder, ledger), '--deliveries', join(folder, 'deliveries.ndjson')]
  const { code, out: said } = await runCommand('feed evidence', [...words, ...files])
  const opened = openPackage(readFileSync(out), [createPublicKey(readFileSync(publicFile))])
  const verdicts = new Map(said.split('\n').map((line) => line.split('\t').slice(0, 2) as [string, string]))
  return { code, verdicts, files: new Map(opened.map(({ name, content }) => [name, content.toString()])) }
}

test('TW-1.2 from the trigger to the whole file on the server it takes under a minute for each of a hundred tickets, with its case and without', async () => {
  const server = await startServer()
  const exporter = exporterAt({ server })
  const ids = Array.from({ length: 100 }, (_, index) => index)
  // Half of the detections belong to a case that is told; the others are never told of one.
  const told = ids.filter((index) => index % 2 === 0).map((index) => `d-${index}`)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: told })))
  for (const index of ids) {
    await exporter.give('detections', 'tw-ey', detectionOf(index, { detectedAt: exporter.clock.now() }))
    await exporter.settle(1)
  }
  const tickets = () => [...exporter.tickets().values()]
  // The clock is the test's own: what is measured is how long the service itself waits.
  for (let turn = 0; turn < 240 && tickets().filter(({ state }) => state === 'uploaded').length < 100; turn++)
    await exporter.settle(1)
  const tookMs = tickets()
    .filter(({ state }) => state === 'uploaded')
    .map(({ stateAt, detectedAt }) => stateAt - detectedAt)
    .toSorted((a, b) => a - b)
  assert.equal(tookMs.length, 100)
  assert.ok((tookMs[94] ?? Number.POSITIVE_INFINITY) <= 60_000, `p95 ${tookMs[94]} ms`)
  assert.ok((tookMs[99] ?? Number.POSITIVE_INFINITY) <= 300_000, `p99.9 ${tookMs[99]} ms`)
  assert.ok((tookMs[0] ?? 0) < 2_000, 'a detection whose case is known does not wait for anything')
})

test('TW-2.3e the form of the connectivity test is made only after a first upload without error, and says when that was, on how many days, how many files', async () => {
  const file = join(base, 'account.json')
  writeFileSync(file, JSON.stringify(account({ confirmed: { by: 'Lin Mei', at: 1 } })))
  const { exporter, folder } = await uploaded()
  const ledger = join(folder, 'ledger.ndjson')
  const form = (tickets: readonly Ticket[]) => {
    writeFileSync(ledger, tickets.map((ticket) => JSON.stringify(ticket)).join('\n'))
    return runCommand('feed form', ['5', '--file', file, '--ledger', ledger, '--as', 'html', '--out', folder])
  }
  const all = [...exporter.tickets().values()]
  const first = all.filter(({ state }) => state === 'uploaded').slice(0, 1)
  for (const before of [[], all.filter(({ state }) => state !== 'uploaded')]) {
    assert.deepEqual(testProgress(before), { firstSuccessAt: null, days: 0, files: 0, ready: false })
    await assert.rejects(form(before), { code: 'form_refused' })
  }
  assert.equal((await form(first)).code, 0)
  assert.match(readFileSync(join(folder, 'appendix-5.html'), 'utf8'), /2026-11-22 09:2\d:\d\d\.\d（計 1 日、1 個檔案）/)
  const nextDay = all.map((ticket, index) => ({ ...ticket, stateAt: ticket.stateAt + (index % 3) * 86_400_000 }))
  const { days, files, firstSuccessAt } = testProgress(nextDay)
  assert.deepEqual([days, files, firstSuccessAt], [3, 6, first[0]?.stateAt])
})

test('TW-A5.1-1 TW-A5.1-2 the evidence shows every upload of the service list with its delay, and the rule table without duplicates that holds the rule of every ticket', async () => {
  const world = await uploaded()
  const { code, verdicts, files } = await packOf(world)
  assert.equal(code, 0, JSON.stringify([...verdicts]))
  const [header, ...uploads] = fromCsv(files.get('1-1-list-uploads.csv') ?? '')
  assert.equal(header?.[1], 'version_sha256')
  assert.equal(new Set(uploads.map((row) => row[1])).size, 2, 'two versions')
  assert.ok(uploads.every((row) => row[4] === 'size check' && Number(row[6]) <= 15))
  const kept = [...files.keys()].filter((name) => name.startsWith('list-'))
  assert.equal(kept.length, 4, 'both lists as the server took them, twice')
  assert.match(files.get(kept[0] ?? '') ?? '', /2\.16\.886\.101\.20003,行政院|關聯規則/)
  assert.deepEqual(JSON.parse(files.get('1-2-rule-table.json') ?? ''), { rows: 2, duplicates: [], unmatched: [] })

  // A ticket that cites a rule which no table ever held.
  const records = readFileSync(join(world.folder, 'tickets.ndjson'), 'utf8')
  writeFileSync(
    join(world.folder, 'other.ndjson'),
    records.replaceAll('"Correlated_Rule_Name":"ssh-bruteforce-v3"', '"Correlated_Rule_Name":"renamed"'),
  )
  const dirty = await packOf(world, 'other.ndjson')
  assert.deepEqual([dirty.code, dirty.verdicts.get('1-1'), dirty.verdicts.get('1-2')], [1, 'ok', 'OPEN'])
  assert.equal(
    (JSON.parse(dirty.files.get('1-2-rule-table.json') ?? '') as { unmatched: string[] }).unmatched.length,
    6,
  )
})

test('TW-A5.2-1 TW-A5.2-3 the evidence names each file with size, hash and what was read back, and by which schema and validator none that was uploaded is invalid', async () => {
  const world = await uploaded()
  const { verdicts, files } = await packOf(world)
  const [, ...rows] = fromCsv(files.get('2-1-files.csv') ?? '')
  const tickets = [...world.exporter.tickets().values()]
  assert.equal(rows.length, 6)
  for (const [name, bytes, sha256, state, , , back] of rows) {
    const ticket = tickets.find(({ fileName }) => fileName === name)
    assert.deepEqual([bytes, sha256, state, back], [String(ticket?.bytes), ticket?.sha256, 'uploaded', 'equal'])
  }
  const schema = JSON.parse(files.get('2-3-schema.json') ?? '') as {
    versions: Record<string, string>
    checked: number
    invalid: { fileName: string }[]
    heldBack: { reason: string }[]
  }
  assert.match(schema.versions['libxml2-wasm'] ?? '', /^\d+\.\d+\.\d+$/)
  assert.match(schema.versions['incident.xsd (SHA-256)'] ?? '', /^[0-9a-f]{64}$/)
  assert.deepEqual([schema.checked, schema.invalid, schema.heldBack.length], [6, [], 1])
  assert.deepEqual([...verdicts.values()].slice(0, 6), Array(6).fill('ok'))

  // One octet turned on the server, and a ledger by which an invalid file had left.
  const [altered = '', invalid = ''] = rows.map(([name]) => name ?? '')
  const path = join(world.server.root, 'incident', altered)
  const octets = readFileSync(path)
  octets[200] = (octets[200] ?? 0) ^ 1
  writeFileSync(path, octets)
  const records = readFileSync(join(world.folder, 'tickets.ndjson'), 'utf8').split('\n')
  const spoilt = records.map((line) =>
    line.includes(`"fileName":"${invalid}"`) ? line.replaceAll('<Event_Severity>6<', '<Event_Severity><') : line,
  )
  writeFileSync(join(world.folder, 'spoilt.ndjson'), spoilt.join('\n'))
  const dirty = await packOf(world, 'spoilt.ndjson')
  assert.deepEqual([dirty.verdicts.get('2-1'), dirty.verdicts.get('2-3')], ['OPEN', 'OPEN'])
  const found = fromCsv(dirty.files.get('2-1-files.csv') ?? '').filter((row) => row[6] === 'altered')
  assert.deepEqual(
    found.map(([name]) => name),
    [altered],
  )
  const { invalid: named } = JSON.parse(dirty.files.get('2-3-schema.json') ?? '') as typeof schema
  assert.deepEqual(
    named.map(({ fileName }) => fileName),
    [invalid],
  )
})
