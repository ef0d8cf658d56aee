import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sessions } from '../src/sessions.ts'

const MINUTE = 60_000
const limits = { idleMs: 30 * MINUTE, absoluteMs: 120 * MINUTE }

test('a session lives while it is used and ends when it is idle', () => {
  const sessions = new Sessions(limits)
  const token = sessions.start('anna', 1, 0)
  assert.equal(sessions.use(token, 29 * MINUTE)?.account, 'anna')
  assert.equal(sessions.use(token, 58 * MINUTE)?.account, 'anna')
  assert.equal(sessions.use(token, 89 * MINUTE), null)
  assert.equal(sessions.use(token, 60 * MINUTE), null, 'an ended session does not come back')
})

test('a session ends after its absolute time however busy it is', () => {
  const sessions = new Sessions(limits)
  const token = sessions.start('anna', 1, 0)
  for (let minute = 10; minute <= 120; minute += 10) assert.ok(sessions.use(token, minute * MINUTE), String(minute))
  assert.equal(sessions.use(token, 121 * MINUTE), null)
})

test('looking whether a session lives does not keep it alive', () => {
  const sessions = new Sessions(limits)
  const token = sessions.start('anna', 1, 0)
  const id = sessions.use(token, 0)?.id ?? ''
  assert.ok(sessions.alive(id, 20 * MINUTE))
  assert.equal(sessions.alive(id, 31 * MINUTE), null)
})

test('a guessed, cut or overlong token is no session, and the token itself is not kept', () => {
  const sessions = new Sessions(limits)
  const token = sessions.start('anna', 1, 0)
  assert.equal(Buffer.from(token, 'base64url').length, 32)
  for (const wrong of [undefined, '', token.slice(0, -1), `${token}x`, 'x'.repeat(10_000)])
    assert.equal(sessions.use(wrong, 1), null)
  assert.ok(!JSON.stringify(sessions.use(token, 1)).includes(token))
})

test('an account has at most 20 sessions; the oldest goes', () => {
  const sessions = new Sessions(limits)
  const tokens = Array.from({ length: 25 }, (_, at) => sessions.start('anna', 1, at))
  assert.equal(sessions.size, 20)
  assert.equal(sessions.use(tokens[0], 30), null)
  assert.ok(sessions.use(tokens[24], 30))
})
