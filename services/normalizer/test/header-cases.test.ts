import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHeader } from '../src/header/read-header.ts'
import { normalizeFrame } from '../src/normalize.ts'
import type { FieldValue } from '../src/parser.ts'
import { parsers } from '../src/parsers/index.ts'

const corpora = join(import.meta.dirname, '../../../../shared/corpora')
const skip = existsSync(corpora) ? false : 'the header cases are not beside the project (../shared/corpora)'
const receivedAt = Date.UTC(2026, 2, 15)

interface Parsed {
  readonly priority?: number
  readonly hostname?: string
  readonly timestamp?: string
}
interface ParserCase {
  readonly input?: string
  readonly input_b64?: string
  readonly valid: boolean
  readonly value?: Parsed
}
interface FieldCase {
  readonly input: string
  readonly expected: { readonly pri?: string; readonly hostname?: string; readonly timestamp?: string }
}
interface HostCase {
  readonly expected: { readonly host?: string; readonly '@timestamp'?: string }
}

function rows<T>(file: string): T[] {
  return readFileSync(join(corpora, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

function isSameTime(ours: number | undefined, theirs: string | undefined): boolean {
  if (theirs === undefined || ours === undefined) return theirs === undefined && ours === undefined
  return theirs.startsWith('0000') || Math.abs(ours - Date.parse(theirs)) < 1000
}

for (const file of ['go-syslog-rfc5424.ndjson', 'go-syslog-rfc3164.ndjson'])
  test(`${file}: PRI, host and time of every valid message are those of its suite`, { skip }, () => {
    const valid = rows<ParserCase>(`syslog_headers/${file}`).filter((row) => row.valid)
    for (const row of valid) {
      const text = row.input ?? Buffer.from(row.input_b64 ?? '', 'base64').toString()
      const { header } = readHeader(text, { receivedAt, timeZone: undefined })
      assert.equal(header.priority, row.value?.priority, text)
      assert.equal(header.host, row.value?.hostname, text)
      assert.ok(isSameTime(header.time?.at, row.value?.timestamp), text)
    }
    assert.ok(valid.length > 0)
  })

test('rsyslog-parse.ndjson: PRI, host and time of every case but the one sentence that is no header', { skip }, () => {
  for (const { input, expected } of rows<FieldCase>('syslog_headers/rsyslog-parse.ndjson')) {
    const { header } = readHeader(input, { receivedAt, timeZone: undefined })
    if (input.startsWith('This is a message')) continue
    if (expected.pri !== undefined) assert.equal(String(header.priority ?? 13), expected.pri, input)
    if (expected.hostname !== undefined && expected.hostname !== '~H')
      assert.equal(header.host, expected.hostname, input)
    if (expected.timestamp !== undefined) assert.notEqual(header.time, undefined, input)
  }
})

/** What docs/operations/headers.md lists, group by group; a change there or here must change the other. */
const knownDisagreements = { host: 10, time: 20 }

test('sc4s_headers: host and time disagree only as often as docs/operations/headers.md says', { skip }, () => {
  const expected = rows<HostCase>('sc4s_headers/expected.ndjson')
  const found = { host: 0, time: 0 }
  for (const [index, { message }] of rows<{ message: string }>('sc4s_headers/events.ndjson').entries()) {
    const result = normalizeFrame({ octets: Buffer.from(message), receivedAt, source: {} }, parsers)
    assert.equal(result.kind, 'event')
    if (result.kind !== 'event') continue
    const want = expected[index]?.expected ?? {}
    const names = ['host.name', 'observer.name', 'host.ip', 'log.syslog.hostname'].map((name) =>
      bare(result.fields[name]),
    )
    if (want.host !== undefined && !names.includes(bare(want.host))) found.host++
    const time = want['@timestamp']
    // The year of a line that names none is that of its receipt; everything below it counts.
    if (
      time !== undefined &&
      (result.timeFrom === 'received' || sinceNewYear(result.occurredAt) !== sinceNewYear(Date.parse(time)))
    )
      found.time++
  }
  assert.deepEqual(found, knownDisagreements)
})

function bare(name: FieldValue | undefined): string {
  return (Array.isArray(name) ? name.join(' ') : String(name ?? '')).toLowerCase().split('.', 1)[0] as string
}

/** `MM-DDTHH:MM:SS`, in UTC. */
function sinceNewYear(at: number): string {
  return new Date(at).toISOString().slice(5, 19)
}
