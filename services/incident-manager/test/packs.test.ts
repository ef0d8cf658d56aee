import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { harnessOf } from '@tocsin/stage/testing'
import { loadLaws, refusalText } from '../src/adapters/packs.ts'
import { incidentManager } from '../src/manage.ts'
import { detection, HOUR, MINUTE, packsFolder, registry, T0 } from './world.ts'

test('every pack that ships loads', () => {
  const { laws, refused } = loadLaws(packsFolder)
  assert.deepEqual(
    refused.map(({ folder, faults }) => refusalText(folder, faults)),
    [],
  )
  assert.deepEqual(laws.names, ['eu-nis2 1.0.0', 'kz-order-199 1.0.0', 'tw-soc-1.3 1.0.0', 'vn-circular-31 1.0.0'])
})

test('a broken pack is refused with file, line and reason, and the others work on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packs-'))
  try {
    cpSync(packsFolder, folder, { recursive: true })
    writeFileSync(join(folder, 'kz-order-199/lifecycle.yaml'), 'promotion:\n  requirements: [KZ-2.5]\n  effect: [x]\n')
    const { laws, refused } = loadLaws(folder)
    assert.equal(laws.names.length, 3)
    const [broken] = refused
    assert.match(refusalText(broken?.folder ?? '', broken?.faults ?? []), /kz-order-199\/lifecycle\.yaml:\d+: .*effect/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('(XC-2) a case keeps the version of the pack that was in force at its first instant, and a later case has the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'packs-'))
  try {
    for (const name of ['kz-order-199', 'kz-order-199-next'])
      cpSync(join(packsFolder, 'kz-order-199'), join(folder, name), { recursive: true })
    const text = readFileSync(join(folder, 'kz-order-199/pack.yaml'), 'utf8')
    const changed = text
      .replace('version: 1.0.0', 'version: 2.0.0')
      .replace('effectiveFrom: 2022-11-10', 'effectiveFrom: 2026-11-21')
      .replace('limit: PT30M', 'limit: PT20M')
    writeFileSync(join(folder, 'kz-order-199-next/pack.yaml'), changed)
    const { laws, refused } = loadLaws(folder)
    assert.deepEqual(refused, [])
    const two = { ...registry, law: laws.law.bind(laws) }
    const harness = harnessOf(incidentManager(two), T0)
    // Midnight of 21 November in Almaty is 19:00 UTC of the 20th.
    const before = Date.UTC(2026, 10, 20, 18, 50)
    const after = Date.UTC(2026, 10, 20, 19, 0)
    const give = (id: string, ip: string, at: number) => {
      const value = detection({ detectionId: id, detectedAt: at, groupBy: { 'source.ip': ip } })
      harness.now(at)
      return harness.give('detections', value.constituent, value)
    }
    await give('before', '203.0.113.1', before)
    await give('after', '203.0.113.2', after)
    // A later record of the first case changes nothing of its law; nor does a restart.
    harness.crash()
    await give('again', '203.0.113.1', after + MINUTE)
    await harness.tick(after + HOUR)
    const latest = new Map(harness.written('incidents').map((record) => [record.caseId, record]))
    const told = [...latest.values()].map(({ packVersion, detectedAt, clocks }) => {
      const c1 = clocks.find(({ clockId }) => clockId === 'C1/event')
      return [packVersion, detectedAt, ((c1?.dueAt ?? 0) - detectedAt) / MINUTE]
    })
    assert.deepEqual(told, [
      ['1.0.0', before, 30],
      ['2.0.0', after, 20],
    ])
    assert.equal(
      laws.law('kz-order-199', { at: Date.UTC(2020, 0, 1) }),
      undefined,
      'before it was in force there is none',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
