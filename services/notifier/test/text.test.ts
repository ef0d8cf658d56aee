import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { composeMail } from '../src/channels/mail.ts'
import { escapeHtml, oneLine, subjectOf, wireId } from '../src/text.ts'
import { noticeOf, T0 } from './world.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        '\u2028',
        'Bcc: x@evil.example',
        '<script>',
        '"',
        '=?utf-8?q?',
        ' ',
        'ữ',
        '聯',
      ),
      {
        maxLength: 40,
      },
    )
    .map((parts) => parts.join('')),
)

const compose = (notice: ReturnType<typeof noticeOf>, receiver = 'Officer') =>
  composeMail(
    {
      notice,
      receiver,
      address: 'officer@ministry.example',
      certificate: null,
      startedAt: T0,
      resend: false,
      receiptLink: null,
    },
    'Tocsin <tocsin@centre.example>',
  )

const HEADERS = [
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-tocsin-exercise',
  'x-tocsin-notice-id',
]

test('whatever subject, receiver, id and body hold, no header, receiver or markup can be added', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, hostile, async (subject, body, receiver, noticeId) => {
      const raw = await compose(noticeOf({ subject, body, noticeId, language: subject, attachments: [body] }), receiver)
      const mail = await PostalMime.parse(raw)
      for (const { key } of mail.headers) assert.ok(HEADERS.includes(key), `a header ${key} was added`)
      assert.deepEqual(
        mail.to?.map(({ address }) => address),
        ['officer@ministry.example'],
      )
      assert.equal(mail.cc, undefined)
      assert.equal(mail.bcc, undefined)
      assert.equal(mail.attachments.length, 0)
      const tags = [...(mail.html ?? '').matchAll(/<\/?([a-z0-9!]+)/gi)].map((match) => match[1]?.toLowerCase())
      const ours = ['!doctype', 'html', 'head', 'meta', 'title', 'body', 'h1', 'div', 'p', 'br']
      assert.deepEqual(
        tags.filter((tag) => !ours.includes(tag ?? '')),
        [],
      )
    }),
    { numRuns: 300 },
  )
})

test('a subject is one line whatever it holds', () => {
  fc.assert(
    fc.property(hostile, (subject) => {
      const line = subjectOf(noticeOf({ subject }))
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      assert.ok(Array.from(line).length <= 200)
      assert.ok(line.isWellFormed())
    }),
  )
})

test('an id of a notice on the wire is harmless and tells notices apart', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      assert.match(wireId(one), /^[A-Za-z0-9._-]{1,64}$/)
      if (one !== other) assert.notEqual(wireId(one), wireId(other))
    }),
  )
})

test('the same notice gives the same octets, so that a repeat is recognised by Message-ID and hash', async () => {
  const [one, two] = [await compose(noticeOf()), await compose(noticeOf())]
  assert.ok(one.equals(two))
  assert.equal((await PostalMime.parse(one)).messageId, '<notice.n1@centre.example>')
})

test('XC-10 letters of all five languages come through subject, text and HTML unbroken', async () => {
  for (const text of ['ữ ệ ở đ', 'ғ ү ұ қ ө', 'ъ ё щ', '聯 衛 應', 'plain']) {
    const mail = await PostalMime.parse(await compose(noticeOf({ subject: text, body: `${text}\n` })))
    assert.equal(mail.subject, text)
    assert.ok(mail.text?.includes(text))
    assert.ok(mail.html?.includes(text))
  }
})

test('XC-11 the subject of an exercise begins with the mark in its language', () => {
  assert.equal(subjectOf(noticeOf({ exercise: true, language: 'vi', subject: 'A' })), '[DIỄN TẬP] A')
  assert.equal(subjectOf(noticeOf({ exercise: true, language: '??', subject: 'A' })), '[EXERCISE] A')
  assert.equal(subjectOf(noticeOf({ exercise: true, language: 'en', subject: '[EXERCISE] A' })), '[EXERCISE] A')
})

test('text for HTML cannot leave an element or an attribute', () => {
  assert.equal(escapeHtml(`<a href="x">'&`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;')
  assert.equal(oneLine('a\r\nBcc: b@c'), 'a Bcc: b@c')
})
