// The account drives what is uploaded: the real file, the real commands, a real FTPS server; alarms and the half-yearly check on the real topic.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { HealthEvent } from '@tocsin/events'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { TEST_ITEMS } from '../../src/account/account.ts'
import { loadAccount } from '../../src/adapters/account-file.ts'
import type { SelfCheck } from '../../src/self-check.ts'
import { runCommand } from '../command-run.ts'
import { ExporterProcess, ftpsSettings, makeTopics } from '../exporter-process.ts'
import { detectionOf, exporterAt, incidents, startServer } from '../exporter-world.ts'
import { change, incident } from '../fixtures.ts'
import { account } from './example-account.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-account-'))
const prefix = `account-${process.pid}.`
let stack: Stack
let exporterProcess: ExporterProcess | null = null

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  await makeTopics(stack, prefix)
})
after(async () => {
  await exporterProcess?.end('SIGKILL')
  await stack.stop()
  rmSync(base, { recursive: true })
})

let files = 0
function accountFile(changes: Parameters<typeof account>[0] = {}): string {
  const file = join(base, `account-${files++}.json`)
  writeFileSync(file, JSON.stringify(account(changes)))
  return file
}

const feed = async (file: string, verb: string, ...words: string[]) => {
  const { code, err } = await runCommand('feed account', [verb, '--file', file, '--by', 'Lin Mei', ...words])
  assert.equal(code, 0, err)
}

test('TW-2.1b nothing of a new profile is uploaded before a named person has confirmed it, and the record keeps the name', async () => {
  const file = accountFile()
  const server = await startServer()
  const exporter = exporterAt({ server, account: () => loadAccount(file) })
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  await exporter.settle()
  const [held] = exporter.tickets().values()
  assert.deepEqual([held?.state, held?.reason, incidents(server)], ['withheld', 'unconfirmed', []])
  await assert.rejects(runCommand('feed account', ['confirm', '--file', file]), { code: 'account_refused' })
  await feed(file, 'confirm')
  await exporter.settle()
  assert.deepEqual(incidents(server), [held?.fileName])
  assert.equal(loadAccount(file).confirmed?.by, 'Lin Mei')
})

test('TW-2.3f results of the connectivity test are entered item by item and kept, and production needs a pass', async () => {
  const file = accountFile()
  const server = await startServer()
  const exporter = exporterAt({ server, account: () => loadAccount(file) })
  await feed(file, 'confirm')
  const toProduction = () => feed(file, 'production', '--reason', 'test passed')
  await assert.rejects(toProduction(), /not passed/)
  for (const item of TEST_ITEMS)
    await feed(file, 'test', '--item', item, '--remark', `remark ${item}`, ...(item === '2-2' ? [] : ['--passed']))
  await assert.rejects(feed(file, 'outcome', '--passed'), /2-2 have no OK/)
  await feed(file, 'test', '--item', '2-2', '--passed')
  await feed(file, 'outcome', '--passed')
  // An exercise goes while it is a test and no longer in production: the state is the account's.
  await exporter.give('incident-changes', 'tw-ey', change(incident({ exercise: true, detectionIds: ['d-1', 'd-2'] })))
  await exporter.give('detections', 'tw-ey', detectionOf(1, { exercise: true }))
  await exporter.settle()
  assert.equal(incidents(server).length, 1)
  await toProduction()
  await exporter.give('detections', 'tw-ey', detectionOf(2, { exercise: true }))
  await exporter.settle()
  assert.equal(incidents(server).length, 1)
  const { tests, state } = loadAccount(file)
  assert.equal(state, 'production')
  assert.equal(tests.find(({ item }) => item === '2-1')?.remark, 'remark 2-1')
})

test('TW-3.5, TW-A4.2 suspended stops at once and keeps the queue over a crash, resumed sends oldest first, terminated seals it and it can be handed over', async () => {
  const file = accountFile({ state: 'production', confirmed: { by: 'Lin Mei', at: 1 } })
  const server = await startServer()
  const exporter = exporterAt({ server, account: () => loadAccount(file) })
  const give = async (...numbers: number[]) => {
    for (const index of numbers) await exporter.give('detections', 'tw-ey', detectionOf(index))
  }
  await exporter.give(
    'incident-changes',
    'tw-ey',
    change(incident({ detectionIds: [1, 2, 3, 4, 5, 6].map((index) => `d-${index}`) })),
  )
  await give(1)
  await exporter.settle()
  assert.equal(incidents(server).length, 1)
  await feed(file, 'suspend', '--reason', 'issue 7 overdue')
  const jobs = exporter.transport.jobs.length
  await give(2, 3, 4)
  await exporter.settle()
  exporter.crash()
  await exporter.settle()
  assert.equal(exporter.transport.jobs.length, jobs, 'nothing leaves while suspended')
  assert.deepEqual(
    [...exporter.tickets().values()].map(({ state, reason }) => reason ?? state),
    ['uploaded', 'suspended', 'suspended', 'suspended'],
  )
  await feed(file, 'resume', '--reason', 'mended')
  await exporter.settle(8)
  const order = [...exporter.tickets().keys()]
  assert.deepEqual(
    exporter.transport.jobs.slice(jobs),
    order.slice(1).toSorted((a, b) => (a < b ? -1 : 1)),
  )
  assert.equal(incidents(server).length, 4)
  await feed(file, 'terminate', '--reason', 'contract over')
  await give(5, 6)
  await exporter.settle()
  assert.equal(incidents(server).length, 4)
  await assert.rejects(feed(file, 'resume'), { code: 'account_refused' })
  const ledger = join(base, 'sealed.ndjson')
  writeFileSync(
    ledger,
    exporter
      .written('tickets')
      .map((ticket) => JSON.stringify(ticket))
      .join('\n'),
  )
  const out = join(base, 'sealed')
  await runCommand('feed audit', ['--dir', join(server.root, 'incident'), '--ledger', ledger, '--out', out])
  const sealed = [...exporter.tickets().values()].filter(({ reason }) => reason === 'terminated')
  assert.equal(sealed.length, 2)
  for (const { fileName, xml } of sealed)
    assert.equal(readFileSync(join(out, 'waiting/incident', fileName), 'utf8'), xml)
  assert.deepEqual(
    loadAccount(file).history.map(({ to, reason }) => `${to} ${reason}`),
    ['suspended issue 7 overdue', 'production mended', 'terminated contract over'],
  )
})

test('TW-3.3, TW-3.4, TW-A4.1 the account and the calendar alarm: its end, an issue at 50, 80 and 100 %, and each half-year the self-check, stored', async (t) => {
  const startMs = Date.parse('2026-12-20T12:00:00+08:00')
  const file = accountFile({ state: 'production', confirmed: { by: 'Lin Mei', at: 1 }, validTo: '2027-01-10' })
  const clockFile = join(base, 'clock')
  const env = { TOCSIN_CLOCK_FILE: clockFile }
  const at = (time: number | string) =>
    writeFileSync(clockFile, `${(typeof time === 'number' ? time : Date.parse(time)) - Date.now()}\n`)
  at(startMs)
  const words = [
    '--by',
    'Lin Mei',
    '--issue',
    '7',
    '--name',
    'late lists',
    '--occurred',
    '2026-12-19',
    '--description',
    'd',
    '--due',
    '2026-12-29',
  ]
  assert.equal((await runCommand('feed account', ['open-issue', '--file', file, ...words], { env })).code, 0)
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix })
  t.after(() => kafka.close())
  const publisher = await kafka.publisher()
  const server = await startServer()
  const exporter = exporterAt({ server })
  await exporter.give('incident-changes', 'tw-ey', change(incident()))
  await exporter.give('detections', 'tw-ey', detectionOf(1))
  await exporter.settle()
  for (const ticket of exporter.written('tickets'))
    await publisher.send({ topic: 'tickets', key: ticket.ticketId, value: ticket })
  for (const row of exporter.written('deliveries'))
    await publisher.send({ topic: 'deliveries', key: row.constituent, value: row })
  const told: HealthEvent[] = []
  const following = await kafka.follow(['health-events'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) told.push(value)
  })
  t.after(() => following.close())
  const passwordFile = join(base, 'password')
  writeFileSync(passwordFile, server.password, { mode: 0o600 })
  exporterProcess = new ExporterProcess({
    stack,
    prefix,
    own: { ...ftpsSettings(server, passwordFile), ACCOUNT_FILE: file, CARE_EVERY_MS: '100' },
    env: { TOCSIN_PROFILE: 'embedded', TOCSIN_CLOCK_FILE: clockFile, TOCSIN_DATA: base },
  })
  const subjects = () => new Set(told.map(({ code, values }) => `${code} ${values['subject']}`))
  const until = async (what: string) => {
    const giveUpMs = performance.now() + 120_000
    while (!subjects().has(what)) {
      assert.ok(performance.now() < giveUpMs, `${what} did not come; ${[...subjects()].join(', ')}`)
      await pause(20)
    }
  }
  await until('account_ends EXAMPLE-SOC 30')
  assert.ok(!subjects().has('issue_due 7 50'))
  for (const [time, what] of [
    ['2026-12-25T12:00:00+08:00', 'issue_due 7 50'],
    ['2026-12-28T12:00:00+08:00', 'issue_due 7 80'],
    ['2026-12-30T00:00:01+08:00', 'issue_due 7 100'],
  ] as const) {
    at(time)
    await until(what)
  }
  assert.ok(!subjects().has('self_check_done 2026H2'))
  at('2027-01-01T00:00:01+08:00')
  await until('self_check_done 2026H2')
  const stored = join(base, 'self-checks/2026H2.json')
  for (let tries = 0; tries < 200 && !existsSync(stored); tries++) await pause(20)
  const check = JSON.parse(readFileSync(stored, 'utf8')) as SelfCheck
  assert.deepEqual(
    [check.audit.tickets, check.audit.files, check.audit.ledgerRows, check.audit.findings],
    [1, 1, 1, []],
  )
  assert.deepEqual([check.lists.versions, check.lists.missing], [1, 0])
  assert.match(
    told.find(({ code }) => code === 'self_check_done')?.message ?? '',
    /1 tickets, 1 files, 0 disagreements/,
  )
  at('2027-01-04T12:00:00+08:00')
  await until('account_ends EXAMPLE-SOC 7')
  // Each was told once.
  const ours = told.filter(({ code }) => ['account_ends', 'issue_due', 'self_check_done'].includes(code))
  assert.deepEqual(
    ours.map(({ code, values }) => `${code} ${values['subject']}`),
    [
      'account_ends EXAMPLE-SOC 30',
      'issue_due 7 50',
      'issue_due 7 80',
      'issue_due 7 100',
      'self_check_done 2026H2',
      'account_ends EXAMPLE-SOC 7',
    ],
  )
  assert.equal(await exporterProcess.end('SIGTERM'), 0)
  assert.ok(readdirSync(join(base, 'self-checks')).includes('2026H2.json'))
})
