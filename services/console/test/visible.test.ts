import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { visiblePieces } from '../web/visible.ts'

const shown = (line: string): string =>
  visiblePieces(line)
    .map(({ text, isControl }) => (isControl ? `[${text}]` : text))
    .join('')

test('SEC-S8 what a sender hides in a line is seen', () => {
  assert.equal(shown('a\u001b[31mb'), 'a[ESC][31mb')
  assert.equal(shown('user \u202eexe.txt'), 'user [U+202E]exe.txt')
  assert.equal(
    shown('\u0000\r\n\t\u007f\u0085\u200b\ufeff\u2028'),
    '[NUL][CR][LF][HT][DEL][U+0085][U+200B][U+FEFF][U+2028]',
  )
  assert.equal(shown('đăng nhập 登入 кіру'), 'đăng nhập 登入 кіру')
})

test('no line leaves a control character, loses a letter or throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => {
      const pieces = visiblePieces(line)
      assert.doesNotMatch(pieces.map(({ text }) => text).join(''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      const kept = pieces.filter(({ isControl }) => !isControl).map(({ text }) => text)
      assert.equal(kept.join(''), line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ''))
    }),
  )
})
