import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveLog } from '../src/live-log.ts'

test('a page that comes back gets exactly what it missed', () => {
  const log = new LiveLog('epoch', 10)
  for (let n = 1; n <= 5; n++) log.append(`case-${n}`, 'body-a', null)
  assert.deepEqual(
    log.since(log.idOf(3))?.map(({ caseId }) => caseId),
    ['case-4', 'case-5'],
  )
  assert.deepEqual(log.since(log.lastId), [])
})

test('a page that comes from another process, from the future or from too long ago begins anew', () => {
  const log = new LiveLog('epoch', 3)
  for (let n = 1; n <= 10; n++) log.append(`case-${n}`, 'body-a', null)
  for (const id of [
    undefined,
    '',
    'epoch',
    'other.9',
    'epoch.11',
    'epoch.6',
    'epoch.-1',
    'epoch.9e3',
    `epoch.${'9'.repeat(40)}`,
  ])
    assert.equal(log.since(id), null, String(id))
  assert.equal(log.since('epoch.7')?.length, 3)
})

test('a subscriber hears each change once until it leaves', () => {
  const log = new LiveLog('epoch')
  const heard: number[] = []
  const leave = log.subscribe(({ seq }) => heard.push(seq))
  log.append('a', 'body-a', null)
  log.append('b', 'body-a', null)
  leave()
  log.append('c', 'body-a', null)
  assert.deepEqual(heard, [1, 2])
})
