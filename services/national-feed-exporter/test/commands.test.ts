import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { FIELDS } from '../src/feeds/tw-nccst-1.3/fields.ts'
import { runCommand } from './command-run.ts'
import { constituent, defaultRuleSet, detection, source } from './fixtures.ts'
import { readWithPython } from './independent-parser.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-feed-'))
after(() => rmSync(base, { recursive: true }))

const run = (name: string, args: string[], stdin = '') => runCommand(name, args, { stdin })

let folders = 0
async function built(count: number) {
  const dir = join(base, String(folders++))
  const registry = join(base, 'registry.json')
  writeFileSync(
    registry,
    JSON.stringify({ constituents: [constituent()], sources: [source()], ruleSets: [defaultRuleSet()] }),
  )
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify(detection({ detectionId: `d-${index}` })),
  ).join('\n')
  const result = await run(
    'feed build',
    ['--registry', registry, '--out', dir, '--at', '2026-11-22T01:30:00Z'],
    `${lines}\n`,
  )
  return { dir, ...result }
}

test('feed check gives a verdict for each field of a hundred files, and names the one that is wrong', async () => {
  const { dir, code, out } = await built(100)
  assert.equal(code, 0)
  assert.equal(out.trim().split('\n').length, 100)
  const files = readdirSync(join(dir, 'incident')).map((name) => join(dir, 'incident', name))
  assert.equal(readWithPython(...files).size, 100)
  const good = await run('feed check', ['--lists', dir, '--all', ...files])
  assert.equal(good.code, 0)
  assert.equal(good.out.trim().split('\n').length, 100 * 29)
  const [spoilt = ''] = files
  writeFileSync(spoilt, readFileSync(spoilt, 'utf8').replace('<Source_Port>51544<', '<Source_Port>99999<'))
  const bad = await run('feed check', files)
  assert.equal(bad.code, 1)
  assert.match(bad.out, /^\S+\.xml\t13\tSource_Port\tis no port/)
  assert.equal(bad.out.trim().split('\n').length, 1)
})

test('feed check finds a file under another name, one without a field, one that is no XML, and one with a document type', async () => {
  const { dir } = await built(4)
  const at = (index: number) => join(dir, 'incident', readdirSync(join(dir, 'incident'))[index] ?? '')
  const spoil = (index: number, change: (text: string) => string) =>
    writeFileSync(at(index), change(readFileSync(at(index), 'utf8')))
  spoil(0, (text) => text.replace(/ *<Subject>.*<\/Subject>\n/, ''))
  spoil(1, () => 'not xml')
  spoil(2, (text) =>
    text.replace('<Incident>', '<!DOCTYPE Incident [<!ENTITY x SYSTEM "file:///etc/passwd">]><Incident>'),
  )
  const files = [0, 1, 2, 3].map(at)
  renameSync(files[3] ?? '', join(dir, 'incident', 'other.xml'))
  files[3] = join(dir, 'incident', 'other.xml')
  const { code, out } = await run('feed check', files)
  assert.equal(code, 1)
  assert.match(out, /Subject/)
  assert.match(out, /not well-formed/)
  assert.match(out, /document type/)
  assert.match(out, /other\.xml\t2\tEvent_ID\tis not the name/)
})

test('the audit of a period gives totals by state and agency, and reports exactly the file that is gone and the one that was altered', async () => {
  const { dir } = await built(5)
  const incidents = join(dir, 'incident')
  const { createHash } = await import('node:crypto')
  const ledger = readdirSync(incidents)
    .map((name) => {
      const xml = readFileSync(join(incidents, name))
      return JSON.stringify({
        fileName: name,
        state: 'uploaded',
        constituent: 'tw-ey',
        reason: null,
        ticketId: name.replace('.xml', ''),
        firstRecordAt: Date.parse('2026-11-22T01:14:03Z'),
        dueAt: Date.parse('2026-11-22T02:14:03Z'),
        stateAt: Date.parse('2026-11-22T01:31:00Z'),
        fields: { Correlated_Rule_Name: 'ssh-bruteforce-v3' },
        issuedAt: Date.parse('2026-11-22T01:30:00Z'),
        bytes: xml.length,
        sha256: createHash('sha256').update(xml).digest('hex'),
      })
    })
    .join('\n')
  const period = ['--from', '2026-07-01', '--to', '2027-01-01']
  const clean = await run('feed audit', ['--dir', incidents, '--ledger', '-', ...period], ledger)
  assert.equal(clean.code, 0)
  const { delays, ...totals } = JSON.parse(clean.out) as Record<string, unknown>
  assert.deepEqual(totals, {
    tickets: 5,
    byState: { uploaded: 5 },
    byConstituent: { 'tw-ey': 5 },
    files: 5,
    ledgerRows: null,
  })
  assert.deepEqual(delays, { sent: 5, worstMinutes: 17, late: {} })
  const [gone = '', altered = ''] = readdirSync(incidents)
  unlinkSync(join(incidents, gone))
  appendFileSync(join(incidents, altered), ' ')
  const dirty = await run('feed audit', ['--dir', incidents, '--ledger', '-', ...period], ledger)
  assert.equal(dirty.code, 1)
  const findings = dirty.out
    .trim()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { kind: string; file: string })
  assert.deepEqual(
    findings.map(({ kind, file }) => [kind, file]),
    [
      ['missing', gone],
      ['altered', altered],
    ],
  )
})

test('TW-A5.1-0 the description names every field with its source, both lists, the sources, a sample that is valid, and the versions', async () => {
  await built(1)
  const { code, out, err } = await run('feed describe', ['--registry', join(base, 'registry.json')])
  assert.equal(code, 0, err)
  // Number, name, label, length, whether it must hold something, source.
  const line = (no: number, name: string) =>
    new RegExp(String.raw`^\| ${no} \| ${name} \| \S[^|]* \| \S+ \| \S[^|]* \| \S[^|]* \|$`, 'm')
  for (const { no, name } of FIELDS) assert.match(out, line(no, name))
  for (const list of ['EXAMPLE-SOC_Service_Lists.csv', 'EXAMPLE-SOC_Rules_ID.csv']) assert.ok(out.includes(list))
  assert.match(out, /\| security-device \| 1 \|/)
  assert.match(out, /incident\.xsd \(SHA-256\) \| [0-9a-f]{64}/)
  assert.match(out, /national-feed-exporter \| \d+\.\d+\.\d+/)
  const sample = /```xml\n([\s\S]+?)```/.exec(out)?.[1] ?? ''
  const path = join(base, 'EXSOC-20261122-000042.xml')
  writeFileSync(path, sample)
  assert.equal((await run('feed check', [path])).code, 0)
  assert.equal(readWithPython(path).get(path)?.elements.length, 28)
})

test('used wrongly, each command says how it is used', async () => {
  for (const name of ['feed build', 'feed check', 'feed audit', 'feed describe', 'feed received']) {
    const { code, err } = await run(name, [])
    assert.equal(code, 2)
    assert.match(err, /^Usage: tocsin feed /)
  }
})
