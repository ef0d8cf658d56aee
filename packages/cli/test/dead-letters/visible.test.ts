import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hexDump, visibleOctets, visibleText } from '../../src/dead-letters/visible.ts'

test('control characters are shown, so an attacker’s octets cannot move the cursor of a terminal', () => {
  assert.equal(visibleText('a\u001b[2Jb\u0000\u007f\r'), 'a␛[2Jb␀␡␍')
  assert.equal(visibleText('\u202eevil\u0085'), '\\u{202e}evil\\u{85}')
})

test('no text from outside leaves a control or format character in what is shown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => assert.doesNotMatch(visibleText(text), /[\p{Cc}\p{Cf}]/u)),
  )
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      for (const line of visibleOctets(Buffer.from(octets))) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
    }),
  )
})

test('octets that are text are shown as text, each line end visible', () => {
  assert.deepEqual(visibleOctets(Buffer.from('Tên\tđăng nhập\r\nhai')), ['Tên␉đăng nhập␍␊', 'hai'])
  assert.deepEqual(visibleOctets(Buffer.from('one\n')), ['one␊'])
  assert.deepEqual(visibleOctets(Buffer.alloc(0)), ['(empty)'])
})

test('octets that are no text are shown in hex, sixteen a row, all of them', () => {
  assert.deepEqual(visibleOctets(Buffer.from([0, 0, 0, 0, 7, 0xff])), [
    '00000000  00 00 00 00 07 ff                                |......|',
  ])
  const rows = hexDump(Buffer.alloc(33, 'A'))
  assert.deepEqual([rows.length, rows[2]?.slice(0, 12)], [3, '00000020  41'])
})
