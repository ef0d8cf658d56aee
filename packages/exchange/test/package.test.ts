import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openPackage, sealPackage } from '../src/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const base = mkdtempSync(join(tmpdir(), 'tocsin-package-'))
after(() => rmSync(base, { recursive: true }))

const files = [
  { name: 'about.json', content: Buffer.from('{"request":"R-1"}\n') },
  { name: 'empty.csv', content: Buffer.alloc(0) },
  { name: 'cases.json', content: Buffer.from('ữ ғ ү 聯\n'.repeat(100)) },
]
const sealed = sealPackage(files, privateKey)

test('VN-8.3a a package opens whole, and with any one octet of it altered, cut off or added it is refused', () => {
  assert.deepEqual(openPackage(sealed, [publicKey]), files)
  assert.deepEqual(sealPackage(files, privateKey), sealed, 'the same files give the same octets')
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed)
    altered[at] = (altered[at] ?? 0) ^ 1
    assert.throws(() => openPackage(altered, [publicKey]), RangeError, `octet ${at}`)
  }
  for (const cut of [
    sealed.subarray(0, -1),
    sealed.subarray(0, 512),
    Buffer.alloc(0),
    Buffer.concat([sealed, Buffer.alloc(512)]),
  ])
    assert.throws(() => openPackage(cut, [publicKey]), RangeError)
  assert.throws(() => openPackage(sealed, [generateKeyPairSync('ed25519').publicKey]), /somebody else/)
})

test('what is no package is refused without a fault of ours', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (octets) => {
      assert.throws(() => openPackage(Buffer.from(octets), [publicKey]), RangeError)
    }),
    { numRuns: 200 },
  )
})

test('anybody can check a package with tar, sha256sum and openssl', (t) => {
  const run = (command: string): string =>
    execFileSync('sh', ['-ec', command], { cwd: base, encoding: 'utf8', stdio: 'pipe' })
  try {
    run('tar --version; openssl version; sha256sum --version')
  } catch {
    t.skip('tar, openssl or sha256sum is not here')
    return
  }
  writeFileSync(join(base, 'package.tar'), sealed)
  writeFileSync(join(base, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const check =
    'tar -xf package.tar && base64 -d SHA256SUMS.sig > signature && openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in SHA256SUMS -sigfile signature && sha256sum --check --strict SHA256SUMS'
  assert.match(run(check), /Signature Verified Successfully[\s\S]*cases\.json: OK/)
  const altered = Buffer.from(sealed)
  altered[515] = 0x41
  writeFileSync(join(base, 'package.tar'), altered)
  assert.throws(() => run(check))
})
