import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readReceipt, receiptToken } from '../src/index.ts'

const SECRET = 'a secret of the tests'
const T0 = Date.UTC(2026, 2, 1)
const notice = { noticeId: 'n1', constituent: 'vn-body', caseId: null, language: 'vi', createdAt: T0 }

test('a token says which notice was read by whom, for 35 days, and to nobody with another key', () => {
  const token = receiptToken(notice, 'officer', SECRET)
  assert.deepEqual(readReceipt(token, SECRET, T0), {
    ok: true,
    receipt: {
      noticeId: 'n1',
      contactId: 'officer',
      constituent: 'vn-body',
      caseId: '',
      language: 'vi',
      expiresAt: T0 + 35 * 86_400_000,
    },
  })
  const late = readReceipt(token, SECRET, T0 + 35 * 86_400_000)
  assert.deepEqual(late, { ok: false, reason: 'expired', language: 'vi' })
  assert.equal(readReceipt(token, 'another secret of tests', T0).ok, false)
})

test('one character of a token changed, added or taken away makes it a bad link', () => {
  const token = receiptToken(notice, 'officer', SECRET)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: token.length - 1 }),
      fc.constantFrom('A', 'z', '0', '9', '-', '_', '.', '=', '%', 'ф', '\n'),
      fc.constantFrom('change', 'add', 'take'),
      (place, sign, how) => {
        const rest = token.slice(how === 'add' ? place : place + 1)
        const altered = token.slice(0, place) + (how === 'take' ? '' : sign) + rest
        fc.pre(altered !== token)
        assert.equal(readReceipt(altered, SECRET, T0).ok, false)
      },
    ),
  )
})

test('words that are no token are a bad link', () => {
  for (const word of ['', '.', '..', 'x', 'a.b.c', `${'A'.repeat(5_000)}.x`, `${receiptToken(notice, 'o', SECRET)}.x`])
    assert.deepEqual(readReceipt(word, SECRET, T0), { ok: false, reason: 'bad-link', language: 'en' })
})
