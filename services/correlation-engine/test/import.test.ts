import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { readArchive } from '../src/rules/archive.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-import-'))
after(() => rmSync(folder, { recursive: true }))

/** A ZIP of these files, every other one deflated. */
function zipOf(files: readonly (readonly [path: string, text: string])[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [index, [path, text]] of files.entries()) {
    const name = Buffer.from(path)
    const method = index % 2 === 0 ? 8 : 0
    const body = method === 8 ? deflateRawSync(text) : Buffer.from(text)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(body.length, 20)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(at, 42)
    bodies.push(local, name, body)
    directory.push(central, name)
    at += local.length + name.length + body.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, ...directory, end])
}

const rule = (id: number, field: string, level = 'high', more = ''): string =>
  `title: Rule ${id}\nid: 7b6d7d0a-1111-4a52-8d0e-00000000000${id}\nstatus: test\nauthor: A. Writer, B. Writer\n${more}level: ${level}\nlogsource:\n  category: webserver\ndetection:\n  s:\n    ${field}: abc\n  condition: s\n`
const files = [
  ['rules/web/a.yml', rule(1, 'cs-uri-query')],
  ['rules/web/b.yml', rule(2, 'cs-nothing')],
  ['rules/web/c.yml', rule(3, 'cs-uri-query', 'low')],
  ['rules/web/d.yml', rule(4, 'cs-uri-query|nosuch')],
  ['rules/web/e.yml', rule(5, 'cs-uri-query', 'high', 'license: MIT\n')],
  ['../outside.yml', rule(6, 'cs-uri-query')],
  ['LICENSE.Detection.Rules.md', 'Detection Rule License 1.1'],
] as const

test('the rules of an archive are written as they are, with author, licence and hash; what cannot match is left out', async () => {
  const [archive, to] = [join(folder, 'sigma.zip'), join(folder, 'out')]
  writeFileSync(archive, zipOf(files))
  const { code, out, err } = await run(['rules', 'import', archive, '--to', to])
  assert.equal(code, 0)
  assert.match(
    out[0] ?? '',
    /^2 rules in .*; left out: 1 on fields .*, 1 below medium, 0 of another status, 1 refused$/,
  )
  assert.match(err[0] ?? '', /rules\/web\/d\.yml:\d+:\d+: rule_unknown_modifier/)
  assert.equal(readFileSync(join(to, 'rules/web/a.yml'), 'utf8'), files[0][1])
  assert.ok(existsSync(join(to, 'LICENSE.Detection.Rules.md')))
  assert.ok(!existsSync(join(folder, 'outside.yml')))
  const { rules } = JSON.parse(readFileSync(join(to, 'PROVENANCE.json'), 'utf8')) as { rules: Record<string, string>[] }
  assert.deepEqual(
    rules.map(({ author, license, path }) => [path, author, license]),
    [
      ['rules/web/a.yml', 'A. Writer, B. Writer', 'DRL-1.1'],
      ['rules/web/e.yml', 'A. Writer, B. Writer', 'MIT'],
    ],
  )
  assert.equal((await run(['rules', 'import', archive, '--to', to, '--min-level', 'low', '--with-unmapped'])).code, 0)
  assert.ok(existsSync(join(to, 'rules/web/c.yml')))
})

test('a folder that no import made is not touched; an archive that is none is refused', async () => {
  const archive = join(folder, 'sigma.zip')
  writeFileSync(archive, zipOf(files))
  const own = join(folder, 'own')
  mkdirSync(own)
  await assert.rejects(run(['rules', 'import', archive, '--to', own]), { code: 'folder_in_use' })
  writeFileSync(join(folder, 'none.zip'), 'PK no archive at all'.repeat(100))
  await assert.rejects(run(['rules', 'import', join(folder, 'none.zip'), '--to', join(folder, 'x')]), {
    code: 'archive_unreadable',
  })
  await assert.rejects(run(['rules', 'import', archive]), { code: 'bad_arguments' })
})

test('whatever octets come, an archive is read or refused with its code', () => {
  const good = zipOf(files)
  fc.assert(
    fc.property(
      fc.nat(good.length - 1),
      fc.nat(255),
      fc.uint8Array({ minLength: 4, maxLength: 2_000 }),
      (at, octet, noise) => {
        const broken = Buffer.from(good)
        broken[at] = octet
        for (const octets of [broken, Buffer.from(noise)]) {
          try {
            for (const { path } of readArchive(octets))
              assert.ok(!path.includes('..') || !path.split('/').includes('..'))
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'archive_unreadable')
          }
        }
      },
    ),
  )
})

const released = join(import.meta.dirname, '../../../../shared/rules-corpora/sigmahq-rules/rules.tar.gz')
const skip = existsSync(released) ? false : 'the rule corpora are not here'
test('SigmaHQ’s tree comes out of a gzipped tar file by file as tar itself gives it', { skip }, () => {
  const entries = readArchive(readFileSync(released))
  const listed = execFileSync('tar', ['tzf', released], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .filter((path) => path !== '' && !path.endsWith('/'))
  assert.deepEqual(entries.map(({ path }) => path).sort(), listed.sort())
  const [first] = entries
  assert.ok(first)
  assert.equal(execFileSync('tar', ['xzOf', released, first.path], { encoding: 'utf8' }), first.octets.toString())
})
