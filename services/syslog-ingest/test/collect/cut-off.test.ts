import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { linkModules } from '../../../../test/conformance/tree-copy.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const ALONE = ['--user', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
const isOwn = (path: string): boolean => basename(path) !== 'node_modules'
const skip =
  spawnSync('unshare', [...ALONE, 'true']).status === 0
    ? false
    : 'this machine lets nobody make a network namespace (unshare, ip)'

test('KZ-10.3c a collector for each circuit runs from a copy on a host without any network, and keeps its lines', {
  skip,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cut-off-'))
  try {
    const installed = join(folder, 'tocsin/main')
    for (const part of [
      'packages',
      'services/syslog-ingest',
      'schemas',
      'test/support',
      'test/package.json',
      'package.json',
    ])
      cpSync(join(ROOT, part), join(installed, part), { recursive: true, filter: isOwn })
    linkModules(join(ROOT, 'node_modules'), join(installed, 'node_modules'))
    const script = join(installed, 'services/syslog-ingest/test/collect/cut-off-host.ts')
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
    const { stdout } = await promisify(execFile)('unshare', [...ALONE, process.execPath, script, folder], {
      env,
      timeout: 120_000,
    })
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      outside: string
      kept: Record<string, string[]>
      exitCodes: number[]
    }
    assert.equal(found.outside, 'ENETUNREACH', 'nothing outside can be reached')
    for (const [circuit, lines] of Object.entries(found.kept)) {
      assert.equal(lines.length, 2, `${circuit}: ${lines.join('\n')}`)
      assert.ok(lines.every((line) => line.includes(`of ${circuit}`)))
    }
    assert.deepEqual(Object.keys(found.kept), ['inner', 'outer'])
    assert.deepEqual(found.exitCodes, [0, 0])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
