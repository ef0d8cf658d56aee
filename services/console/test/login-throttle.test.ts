import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle } from '../src/login-throttle.ts'

test('after five wrong tries each further one waits twice as long', () => {
  const throttle = new LoginThrottle()
  for (let n = 0; n < 5; n++) assert.equal(throttle.begin('anna', '192.0.2.1', n), 0)
  assert.equal(throttle.begin('anna', '192.0.2.1', 4), 1_000)
  assert.equal(throttle.begin('anna', '192.0.2.1', 1_004), 0)
  assert.equal(throttle.begin('anna', '192.0.2.1', 1_004), 2_000)
})

test('SEC-S23 a thousand guesses a second are throttled and the owner still signs in', () => {
  const throttle = new LoginThrottle()
  assert.equal(throttle.begin('anna', '192.0.2.1', 0), 0)
  throttle.succeeded('anna', '192.0.2.1', 0)
  let tried = 0
  for (let n = 0; n < 60_000; n++) if (throttle.begin('anna', `198.51.100.${n % 250}`, 1_000 + n) === 0) tried++
  assert.ok(tried < 40, `${tried} guesses were let through in a minute`)
  assert.equal(throttle.begin('anna', '192.0.2.1', 61_000), 0)
})

test('one address cannot go through all accounts', () => {
  const throttle = new LoginThrottle()
  let tried = 0
  for (let n = 0; n < 1_000; n++) if (throttle.begin(`user${n}`, '198.51.100.7', n) === 0) tried++
  assert.ok(tried <= 31, String(tried))
})

test('memory stays bounded whatever names and addresses are sent', () => {
  const throttle = new LoginThrottle()
  for (let n = 0; n < 50_000; n++) throttle.begin(`user${n}`, `2001:db8::${n.toString(16)}`, n)
  assert.ok(throttle.size <= 20_000)
})
