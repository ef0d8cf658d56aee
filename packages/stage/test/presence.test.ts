import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gapOf } from '../src/kafka/presence.ts'

test('the gap of a process lies between its last sign and the next start; a short one and a first start are none', () => {
  const gap = gapOf('syslog-ingest-0', 1_000_000, 1_060_000)
  assert.deepEqual(
    [gap?.startedAt, gap?.endedAt, gap?.subject, gap?.constituent],
    [1_000_000, 1_060_000, 'syslog-ingest-0', 'centre'],
  )
  assert.equal(
    gap?.outageId,
    gapOf('syslog-ingest-0', 1_000_000, 1_090_000)?.outageId,
    'a start that dies at once is the same gap',
  )
  assert.notEqual(gap?.outageId, gapOf('syslog-ingest-1', 1_000_000, 1_060_000)?.outageId)
  assert.equal(gapOf('syslog-ingest-0', 1_000_000, 1_002_000), null)
  assert.equal(gapOf('syslog-ingest-0', null, 1_060_000), null)
  assert.equal(gapOf('syslog-ingest-0', 1_000_000, 900_000), null, 'a clock that was set back')
})
