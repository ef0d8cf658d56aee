import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeLine } from '../src/commands.ts'

const receivedAt = Date.UTC(2026, 2, 15)

test('every input line gives one object, even where the input is no JSON', () => {
  for (const input of [
    '',
    '{',
    'null',
    '7',
    '{"message":7}',
    '{"message":""}',
    'Mar 14 08:30:11 gate-1 app: hello',
    '{"message_b64":"AAAA"}',
  ]) {
    const line = normalizeLine(input, true, receivedAt)
    assert.ok(!line.includes('\n'))
    assert.equal(typeof JSON.parse(line), 'object')
  }
})

test('a line of which nothing could be read is a pipeline error that keeps the original', () => {
  const document = JSON.parse(normalizeLine('{"message":"quite an ordinary sentence"}', true, receivedAt)) as Record<
    string,
    unknown
  >
  assert.equal(document['event.kind'], 'pipeline_error')
  assert.equal(document['event.original'], 'quite an ordinary sentence')
})

test('the hint changes nothing where the structure already tells the format', () => {
  const input = JSON.stringify({
    device: 'linux_auth',
    message: '<38>Mar 14 08:30:11 gate-1 sshd[1]: Accepted password for a from 192.0.2.1 port 2 ssh2',
  })
  assert.equal(normalizeLine(input, true, receivedAt), normalizeLine(input, false, receivedAt))
})

test('a zone given with the line applies where the line names none', () => {
  const document = JSON.parse(
    normalizeLine('{"message":"<38>Mar 14 08:30:11 gate-1 sshd[1]: x","tz":"Asia/Ho_Chi_Minh"}', true, receivedAt),
  ) as Record<string, unknown>
  assert.equal(document['@timestamp'], '2026-03-14T01:30:11.000Z')
})
