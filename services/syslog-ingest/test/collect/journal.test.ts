import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '@tocsin/runtime'
import fc from 'fast-check'
import { followJournal, journalWords } from '../../src/adapters/collect/journal-tail.ts'
import { journalEntry } from '../../src/collect/journal-entry.ts'

const ENTRY = {
  __CURSOR: 's=ab;i=1',
  __REALTIME_TIMESTAMP: '1767600000123456',
  _HOSTNAME: 'gw 1',
  SYSLOG_FACILITY: '4',
  PRIORITY: '6',
  SYSLOG_IDENTIFIER: 'sshd',
  _PID: '811',
  MESSAGE: 'Failed password for root from 203.0.113.9 port 51544 ssh2',
}

test('an entry becomes the RFC 5424 message that its fields are, with its cursor', () => {
  const entry = journalEntry(JSON.stringify(ENTRY))
  assert.equal(entry?.cursor, 's=ab;i=1')
  assert.equal(
    entry.octets.toString(),
    '<38>1 2026-01-05T08:00:00.123Z gw_1 sshd 811 - - Failed password for root from 203.0.113.9 port 51544 ssh2',
  )
})

test('a message that is no UTF-8 keeps its octets; missing and odd fields become the nil value', () => {
  const octets = journalEntry(JSON.stringify({ __CURSOR: 'c', MESSAGE: [65, 255, 10, 66], PRIORITY: '99' }))?.octets
  assert.deepEqual(octets, Buffer.concat([Buffer.from('<13>1 - - - - - - '), Buffer.from([65, 255, 10, 66])]))
})

test('whatever journalctl prints, a line gives an entry or nothing', () => {
  for (const line of ['', 'null', '3', '"x"', '-- cursor --', '{"MESSAGE":"no cursor"}']) {
    assert.equal(journalEntry(line), null, line)
  }
  fc.assert(
    fc.property(fc.json(), (json) => {
      journalEntry(json)
      journalEntry(
        `{"__CURSOR":"c","MESSAGE":${json},"_HOSTNAME":${json},"PRIORITY":${json},"__REALTIME_TIMESTAMP":${json}}`,
      )
    }),
  )
})

test('reading goes on behind the cursor of the last line in the store', () => {
  assert.ok(journalWords(['ssh.service'], 's=ab;i=1').includes('--after-cursor=s=ab;i=1'))
  assert.ok(journalWords(['ssh.service'], undefined).includes('--no-tail'))
  assert.ok(journalWords(['ssh.service'], undefined).includes('--unit=ssh.service'))
})

test('a program that speaks as journalctl does is followed line by line, and ended with the collector', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const program = join(folder, 'journalctl')
  const entries = [1, 2, 3].map((number) => JSON.stringify({ ...ENTRY, __CURSOR: `c${number}`, MESSAGE: `m${number}` }))
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${entries.join('\n')}\nEND\nexec sleep 600\n`, { mode: 0o755 })
  const over = new AbortController()
  const taken: [string, string][] = []
  await followJournal(
    {
      name: 'journal',
      units: [],
      position: () => undefined,
      append: async (lines) => {
        for (const { position, octets } of lines) taken.push([position, octets.toString().split(' ').at(-1) as string])
        if (taken.length === 3) over.abort()
      },
      nowMs: () => 0,
      maxLineBytes: 1_000,
      log: createLog('collect', 0, 'silent'),
      program,
    },
    over.signal,
  )
  assert.deepEqual(taken, [
    ['c1', 'm1'],
    ['c2', 'm2'],
    ['c3', 'm3'],
  ])
})
