import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { AuditEntry } from '@tocsin/events'
import { AuditChain, auditHash, openingOf } from '../src/audit-chain.ts'

const fact = { at: 1, constituent: null, actor: 'anna', roles: ['national'], action: 'sign-in', object: 'console' }
const whole = { ...fact, outcome: 'allowed', reason: null, address: '192.0.2.1' }

test('each entry follows the one before, and a chain goes on where it was left', () => {
  const first = new AuditChain('console-0')
  const entries = [first.append(whole), first.append({ ...whole, at: 2 })]
  const head = entries[1] as AuditEntry
  entries.push(new AuditChain('console-0', { seq: head.seq, hash: head.hash }).append({ ...whole, at: 3 }))
  let previousHash = '0'.repeat(64)
  for (const [index, { hash, ...entry }] of entries.entries()) {
    assert.equal(entry.seq, index + 1)
    assert.equal(entry.previousHash, previousHash)
    assert.equal(auditHash(entry), hash)
    previousHash = hash
  }
})

test('the hash is SHA-256 over the hash before and JSON with sorted keys and no blanks', () => {
  const { hash, ...entry } = new AuditChain('console-0').append(whole)
  const json = `{"action":"sign-in","actor":"anna","address":"192.0.2.1","at":1,"auditId":"${entry.auditId}","chainId":"console-0","constituent":null,"object":"console","outcome":"allowed","previousHash":"${'0'.repeat(64)}","reason":null,"roles":["national"],"seq":1}`
  assert.equal(hash, createHash('sha256').update('0'.repeat(64)).update(json).digest('hex'))
})

test('an altered entry no longer fits its hash', () => {
  const { hash, ...entry } = new AuditChain('console-0').append(whole)
  for (const change of [{ actor: 'ben' }, { outcome: 'denied' }, { at: 2 }, { roles: [] }])
    assert.notEqual(auditHash({ ...entry, ...change }), hash)
})

test('two consoles of one slot write two chains; the first entry of each names the ends of the chains before it', () => {
  const one = new AuditChain('console-0-a')
  const entries = [one.append(openingOf(new Map(), 1)), one.append(whole)]
  const head = entries[1] as AuditEntry
  const two = new AuditChain('console-0-b')
  const opening = two.append(openingOf(new Map([['console-0-a', head]]), 2))
  // The first one is still alive and writes on: nothing is forked.
  const later = one.append({ ...whole, at: 3 })
  assert.deepEqual([opening.seq, later.seq, later.previousHash], [1, 3, head.hash])
  assert.equal(opening.object, `console-0-a#2:${head.hash}`)
  assert.equal(new Set([...entries, opening, later].map(({ auditId }) => auditId)).size, 4)
})
