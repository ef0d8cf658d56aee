// The commands of the registry on a real broker and schema registry, with topics of their own.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { AuditEntry, IncidentCommand, RegistryChange } from '@tocsin/events'
import { advanceClockFile } from '@tocsin/runtime'
import { writeXlsx } from '@tocsin/sheets'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { stringify } from 'yaml'
import { readChanges, readRegistry } from '../../src/registry/cluster.ts'
import { differences } from '../../src/registry/difference.ts'
import { eventually, run } from '../console-world.ts'
import { requestOf } from '../request-records.ts'
import { assetTable, SEEDED } from './asset-table.ts'

const prefix = `registry-${process.pid}.`
const TOPICS = ['constituents', 'systems', 'assets', 'sources', 'contacts', 'changes']
const DAY_MS = 86_400_000
let stack: Stack
let folder: string
let env: Record<string, string>

const file = (name: string) => join(folder, name)
const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10)
const registryYaml = `constituents:
  - { id: body-a, name: Министерство, country: KZ, pack: kz-order-199, roles: [state-body], group: a, timeZone: Asia/Almaty, languages: [kk] }
systems:
  - { id: portal, constituent: body-a, name: Портал, systemClass: 3, ips: [192.0.2.10], os: [Debian 12] }
contacts:
  - { id: duty, constituent: body-a, role: coordinator, name: Айгүл, department: ЦОД, position: начальник, mobile: +7 700 000 0101, email: duty@a.example, language: kk, channels: [mail] }
`

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  folder = mkdtempSync(join(tmpdir(), 'registry-'))
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix, TOCSIN_CLOCK_FILE: file('clock'), USER: 'aigul' }
  const topics = TOPICS.map((name) => ({
    name: `registry-${name}`,
    key: 'id',
    writers: ['cli'],
    readers: ['cli'],
    partitions: 1,
    retention: 'forever',
    cleanup: 'compact',
  }))
  const kept = { partitions: 1, retention: 'forever', cleanup: 'delete' }
  topics.push({ name: 'audit-entries', key: 'chain id', writers: ['console'], readers: ['cli'], ...kept })
  for (const name of ['requests', 'incident-commands'])
    topics.push({ name, key: 'id', writers: ['cli'], readers: ['cli'], ...kept })
  const defaults = { replication: 1, minInSyncReplicas: 1, maxMessageBytes: 1_048_576, compression: 'lz4' }
  writeFileSync(file('topics.yaml'), stringify({ defaults, topics, changelogs: [], feeds: { agencies: [] } }))
  await applyTopics(stack.kafka, file('topics.yaml'), prefix)
})

after(async () => {
  await withAdmin(stack.kafka, (admin) =>
    admin.deleteTopics({
      topics: ['audit-entries', 'requests', 'incident-commands', ...TOPICS.map((name) => `registry-${name}`)].map(
        (name) => prefix + name,
      ),
    }),
  )
  await stack.stop()
  rmSync(folder, { recursive: true })
})

test('KZ-A 1,000 rows with five faults: 995 accepted, five listed by row and column; mended, they are accepted too', async () => {
  writeFileSync(file('registry.yaml'), registryYaml)
  assert.equal((await run(env, 'registry import', [file('registry.yaml')])).code, 0)
  writeFileSync(file('assets.csv'), assetTable('body-a'))
  const first = await run(env, 'registry import', [file('assets.csv'), '--reason', 'third quarter'])
  assert.equal(first.code, 1)
  assert.match(first.out, /assets\.csv: 995 accepted, 5 faults/)
  for (const { row, column } of SEEDED) assert.match(first.err, new RegExp(`row ${row}, column ${column} [^\n]+\\.\n`))
  assert.equal(first.err.trim().split('\n').length, 5)
  const faults = file('assets.faults.csv')
  assert.equal(statSync(faults).mode & 0o777, 0o600)
  const mended = readFileSync(faults, 'utf8')
    .replace('10.7.300.1', '10.8.0.3')
    .replace('10.7.0.0', '10.8.0.1')
    .replace('middle', 'outer')
    .replace(/;;(3;301;[^;]*;Windows 11)/, ';Бухгалтерия;$1')
    .replace(/;;(")/, ';Windows 11;$1')
    .replace(/;;(os )/, ';Windows 11;$1')
  writeFileSync(file('mended.csv'), mended)
  const second = await run(env, 'registry import', [file('mended.csv'), '--section', 'assets'])
  assert.deepEqual([second.code, second.err], [0, ''])
  assert.match(second.out, /5 accepted, 0 faults/)
  const again = await run(env, 'registry import', [file('mended.csv'), '--section', 'assets'])
  assert.match(again.out, /0 created, 0 changed, 5 as they were/)
})

test('KZ-A what is exported is read back as the same registry, as YAML, CSV and a workbook', async () => {
  await run(env, 'registry export', ['--out', file('as-yaml')])
  await run(env, 'registry export', ['--out', file('as-csv'), '--format', 'csv'])
  await run(env, 'registry export', ['--out', file('as-xlsx'), '--format', 'xlsx'])
  for (const name of ['as-yaml', 'as-csv', 'as-xlsx/registry.xlsx']) {
    const difference = await run(env, 'registry diff', [file(name), 'now'])
    assert.deepEqual([difference.code, difference.out], [0, 'no difference\n'], name)
    assert.match((await run(env, 'registry import', [file(name)])).out, /0 created, 0 changed, 1003 as they were/)
  }
  assert.match(readFileSync(file('as-csv/contacts.csv'), 'utf8'), /'\+7 700 000 0101/)
})

test('KZ-12c a filled form answers the task of the quarter, with its hash and what differs from the quarter before', async () => {
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const commands: IncidentCommand[] = []
  const following = await kafka.follow(['incident-commands'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) commands.push(value)
  })
  const value = requestOf({
    requestId: 'kz-order-199:C5:body-a:quarter',
    constituent: 'body-a',
    number: 'R-KZ-2026-0-000001',
    createdAt: kafka.clock.now(),
  })
  await publisher.send({ topic: 'requests', key: value.requestId, value })
  await run(env, 'registry form', ['--constituent', 'body-a', '--lang', 'ru', '--format', 'csv', '--out', file('form')])
  const blank = readFileSync(file('form/assets.body-a.csv'), 'utf8')
  writeFileSync(file('assets.filled.csv'), blank.replace('Windows 11', 'Windows 12'))
  const { code, out, err } = await run(env, 'registry import', [file('assets.filled.csv'), '--answers', value.number])
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /0 created, 1 changed, 999 as they were\nthe answer to R-KZ-2026-0-000001 is sent/)
  await eventually('the answer', () => commands.length === 1)
  const [{ action, caseId, constituent, fields } = {} as IncidentCommand] = commands
  assert.deepEqual([action, caseId, constituent], ['request-answer', value.requestId, 'body-a'])
  assert.match(fields['files'] ?? '', /^assets\.filled\.csv \d+ sha256:[0-9a-f]{64}$/)
  assert.match(fields['difference'] ?? '', /^1 differences\n~ assets body-a-\S+\n    os: Windows 11 → Windows 12\n$/)
  await assert.rejects(run(env, 'registry import', [file('assets.filled.csv'), '--answers', 'R-0']), /no request R-0/)
  writeFileSync(file('assets.filled.csv'), blank)
  await run(env, 'registry import', [file('assets.filled.csv'), '--reason', 'back'])
  await following.close()
  await kafka.close()
})

test('what the law wants of the registry and is empty is listed', async () => {
  const { code, out } = await run(env, 'registry check', ['--constituent', 'body-a'])
  assert.deepEqual([code, out], [0, 'nothing is missing\n'])
})

test('a workbook is read by its sheets; its rows with faults are kept as a table that says what it holds', async () => {
  const header = ['constituent', 'circuit', 'ip', 'unit', 'os']
  const rows = [header, ['body-a', 'outer', '10.9.0.1', 'ИТ', 'Linux'], ['body-a', 'outer', '10.9.0.2', 'ИТ', '']]
  const sheets = [
    { name: 'Notes', rows: [['filled in by hand']] },
    { name: 'Assets', rows },
  ]
  writeFileSync(file('sent.xlsx'), writeXlsx(sheets))
  const { code, out, err } = await run(env, 'registry import', [file('sent.xlsx')])
  assert.equal(code, 1)
  assert.match(out, /sent\.xlsx, sheet assets: 1 accepted, 1 faults\n.*assets\.faults-2\.csv/)
  assert.match(
    err,
    /sent\.xlsx, sheet assets: row 3, column os must not be empty for a body of Kazakhstan \(KZ-A\)\.\n$/,
  )
  writeFileSync(
    file('assets.faults-2.csv'),
    readFileSync(file('assets.faults-2.csv'), 'utf8').replace('ИТ,,', 'ИТ,BSD,'),
  )
  assert.equal((await run(env, 'registry import', [file('assets.faults-2.csv')])).code, 0)
  writeFileSync(file('no.xlsx'), 'constituent,ip')
  await assert.rejects(run(env, 'registry import', [file('no.xlsx')]), /no\.xlsx cannot be read: it is no workbook/)
})

test('VN-11.4a every change has who, when and why, and the registry of a past date is still there', async () => {
  advanceClockFile(file('clock'), 40 * DAY_MS)
  writeFileSync(file('new.yaml'), registryYaml.replace('192.0.2.10', '192.0.2.11'))
  await run(env, 'registry import', [file('new.yaml'), '--reason', 'moved'])
  advanceClockFile(file('clock'), 40 * DAY_MS)
  await run(env, 'registry withdraw', ['contacts', 'duty', '--reason', 'left'])

  const history = await run(env, 'registry history', ['systems', 'portal'])
  assert.match(history.out, /aigul created systems portal: import, from registry\.yaml\n/)
  assert.match(history.out, /aigul changed systems portal \(ips\): moved, from new\.yaml\n2 changes\n/)
  const quarter = await run(env, 'registry diff', [day(1), 'now'])
  const lines = '~ systems portal\n    ips: 192.0.2.10 → 192.0.2.11\n- contacts duty\n2 differences\n'
  assert.deepEqual([quarter.code, quarter.out], [1, lines])
  const past = await run(env, 'registry export', ['--as-of', day(1), '--section', 'contacts'])
  assert.match(past.out, /name: Айгүл/)
  assert.equal((await run(env, 'registry export', ['--section', 'contacts'])).out, '{}\n')
  assert.equal((await run(env, 'registry export', ['--as-of', day(-1)])).out, '{}\n')
})

test('VN-5.3c-1 another version or rule set of a sensor leaves a change with who, when, why and both values', async () => {
  const sensor = (version: string, configHash: string) => {
    const where = { circuit: 'outer', timeZone: 'Asia/Almaty', addresses: ['192.0.2.20'], position: 'border' }
    const source = {
      id: 'ids-1',
      constituent: 'body-a',
      name: 'IDS',
      kind: 'monitoring',
      ...where,
      version,
      configHash,
    }
    writeFileSync(file('sensor.yaml'), stringify({ sources: [source] }))
  }
  for (const [version, rules, reason] of [
    ['7.0.1', 'sha256:aa', 'installed'],
    ['7.0.3', 'sha256:aa', 'security update'],
    ['7.0.3', 'sha256:bb', 'rules of the week'],
  ] as const) {
    sensor(version, rules)
    assert.equal((await run(env, 'registry import', [file('sensor.yaml'), '--reason', reason])).code, 0)
    advanceClockFile(file('clock'), DAY_MS)
  }
  const history = await run(env, 'registry history', ['sources', 'ids-1'])
  assert.match(history.out, /aigul changed sources ids-1 \(version\): security update, from sensor\.yaml\n/)
  assert.match(
    history.out,
    /aigul changed sources ids-1 \(configHash\): rules of the week, from sensor\.yaml\n3 changes\n/,
  )
  const difference = await run(env, 'registry diff', [day(80), 'now'])
  assert.match(
    difference.out,
    /~ sources ids-1\n {4}version: 7\.0\.1 → 7\.0\.3\n {4}configHash: sha256:aa → sha256:bb\n/,
  )
})

test('XC-13 who is forgotten is gone from the registry, its past and its changes; in the audit trail a hash remains, with who, when and why', async () => {
  const { code } = await run(env, 'registry forget', ['contacts', 'duty', '--reason', 'asked for it'])
  assert.equal(code, 0)
  assert.equal((await run(env, 'registry export', ['--as-of', day(1), '--section', 'contacts'])).out, '{}\n')
  const { out } = await run(env, 'registry history', ['contacts', 'duty', '--json'])
  const [line = '', ...more] = out.trim().split('\n')
  assert.deepEqual(more, [])
  const { action, changedBy, reason, before, after, hash } = JSON.parse(line) as RegistryChange
  assert.deepEqual([action, changedBy, reason, before, after], ['forgotten', 'aigul', 'asked for it', null, null])
  assert.match(hash ?? '', /^[0-9a-f]{64}$/)
  const kafka = await openKafkaForCommand(env)
  const left: string[] = []
  const all = ['audit-entries'] as const
  const following = await kafka.follow(all, { from: 'beginning' }, ({ value }) => {
    if (value !== null) left.push(JSON.stringify(value))
  })
  await following.caughtUp
  await following.close()
  await kafka.close()
  assert.equal(left.length, 2, 'the opening of the chain, and the deletion')
  const entry = JSON.parse(left[1] ?? '{}') as AuditEntry
  assert.deepEqual(
    [entry.actor, entry.action, entry.object, entry.reason],
    ['aigul', 'registry.forgotten', `contacts:sha256:${hash}`, 'asked for it'],
  )
  for (const personal of ['duty', 'Айгүл', 'duty@a.example', '+7 700'])
    assert.ok(!left.join('\n').includes(personal), personal)
  const { out: missing } = await run(env, 'registry check', [])
  assert.match(missing, /assets body-a-outer-10-9-0-1 of body-a: floor is empty \(KZ-A-4\)\n/)
  assert.match(missing, /8 things are missing\n$/)
  await assert.rejects(run(env, 'registry forget', ['contacts', 'nobody', '--reason', 'x']), /has and had no nobody/)
})

test('a check writes nothing', async () => {
  const kafka = await openKafkaForCommand(env)
  const before = [await readRegistry(kafka), (await readChanges(kafka)).length] as const
  writeFileSync(file('check.yaml'), registryYaml.replace('Портал', 'Иной портал'))
  const { out } = await run(env, 'registry import', [file('check.yaml'), '--check'])
  assert.match(out, /nothing written; it would be: 1 created, 1 changed/)
  assert.deepEqual(differences(before[0], await readRegistry(kafka)), [])
  assert.equal((await readChanges(kafka)).length, before[1])
  await kafka.close()
})
