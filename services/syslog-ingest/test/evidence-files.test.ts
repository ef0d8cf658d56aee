import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { keyIdOf } from '@tocsin/runtime'
import { EvidenceFiles } from '../src/adapters/evidence-files.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('after a clean stop the chain goes on from its head', (t) => {
  const folder = folderOf(t)
  const first = new EvidenceFiles(folder, 0)
  const chain = first.openChain(1)
  chain.acknowledge(chain.append([{ octets: Buffer.from('a') }]))
  first.saveHead(chain.acknowledgedHead())
  const next = new EvidenceFiles(folder, 0).openChain(2)
  assert.equal(next.ingestId, chain.ingestId)
  const link = next.append([{ octets: Buffer.from('b') }])
  assert.equal(link.chainSeq, 2)
  assert.equal(link.previousHash.equals(chain.acknowledgedHead().hash), true)
})

test('after a crash, and with a broken file, a chain of a new id begins', (t) => {
  const folder = folderOf(t)
  const files = new EvidenceFiles(folder, 0)
  const chain = files.openChain(1)
  files.saveHead(chain.acknowledgedHead())
  const crashed = files.openChain(2)
  const afterCrash = files.openChain(3)
  assert.equal(crashed.ingestId, chain.ingestId)
  assert.notEqual(afterCrash.ingestId, crashed.ingestId)
  writeFileSync(join(folder, 'syslog-ingest', 'slot-0', 'chain-head.json'), '{"ingestId":"x"')
  const afterDamage = files.openChain(4)
  assert.notEqual(afterDamage.ingestId, afterCrash.ingestId)
  assert.equal(afterDamage.append([{ octets: Buffer.from('b') }]).chainSeq, 1)
})

test('the signing key stays the same over restarts and differs between slots', (t) => {
  const folder = folderOf(t)
  const key = keyIdOf(new EvidenceFiles(folder, 0).signingKey())
  assert.equal(keyIdOf(new EvidenceFiles(folder, 0).signingKey()), key)
  assert.notEqual(keyIdOf(new EvidenceFiles(folder, 1).signingKey()), key)
})
