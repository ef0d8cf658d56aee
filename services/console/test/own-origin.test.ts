import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnOrigin } from '../src/own-origin.ts'

test('only the console’s own page may write', () => {
  assert.ok(isOwnOrigin('http://127.0.0.1:18080', '127.0.0.1:18080', null))
  assert.ok(isOwnOrigin('https://console.example', 'console.example', null))
  for (const origin of [
    undefined,
    'null',
    '',
    'https://evil.example',
    'http://127.0.0.1:18081',
    'file://127.0.0.1:18080',
    'x',
  ])
    assert.ok(!isOwnOrigin(origin, '127.0.0.1:18080', null), String(origin))
})

test('where the address is set, the Host header counts no more', () => {
  assert.ok(isOwnOrigin('https://console.example', 'inner:8080', 'https://console.example'))
  assert.ok(!isOwnOrigin('https://inner:8080', 'inner:8080', 'https://console.example'))
  assert.ok(!isOwnOrigin('http://console.example', 'console.example', 'https://console.example'))
})
