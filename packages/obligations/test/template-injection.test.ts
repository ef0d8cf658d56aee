// Values of a notice come from lines that an attacker wrote: none of them is ever a template, markup or a header.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadTemplate, NOTICE_FIELDS, render, type Template } from '../src/template.ts'
import { pack, packNames } from './packs.ts'

const CORPUS = [
  '{{contact}}',
  '{{ contact }}',
  '{{{contact}}}',
  '{{#each fields}}{{this}}{{/each}}',
  "{{constructor.constructor('return process')()}}",
  '${contact}',
  '#{contact}',
  '<%= contact %>',
  '$contact $& $1 $` $$',
  '__proto__',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</p></div><!--',
  'javascript:alert(1)',
  'x\r\nBcc: everybody@example.org',
  'x\nContent-Type: text/html\n\n<b>',
  'x\u2028Subject: other',
  'report\u202egpj.exe',
  '\u0000\u001b[31mred',
  '&lt;b&gt;',
]
const SECRET = 'SECRET-OF-ANOTHER-FIELD'

const templates = packNames.flatMap((name) =>
  [...(pack(name).templates ?? [])].flatMap(([, byLanguage]) =>
    [...byLanguage.values()].map((template) => ({ name, template })),
  ),
)

const named = ({ subject, body }: Template): Set<string> =>
  new Set([...`${subject}\n${body}`.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, field = '']) => field))

/** Every field has the value, but for `contact`, which has a secret. */
const fieldsOf = (value: string) =>
  Object.fromEntries(NOTICE_FIELDS.map((field) => [field, field === 'contact' ? SECRET : value]))

test('SEC-S13 no value opens a place, a tag or a header, in any template of any pack', () => {
  assert.ok(templates.length > 20, `only ${templates.length} templates were found`)
  for (const { name, template } of templates) {
    const places = named(template)
    for (const value of CORPUS) {
      const { subject, text, html } = render(template, fieldsOf(value))
      const where = `${name}/${template.id}/${template.language} with ${JSON.stringify(value)}`
      const secrets = places.has('contact') ? undefined : SECRET
      if (secrets !== undefined) assert.ok(!`${subject}${text}${html}`.includes(secrets), where)
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      assert.doesNotMatch(subject, /[\r\n\u2028\u2029\u0000-\u001f\u202e]/, where)
      assert.doesNotMatch(html.replace(/<\/?(p|div)( lang="[A-Za-z-]+")?>|<br>/g, ''), /[<>]/, where)
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0008\u001b\u202e]/, where)
    }
  }
})

test('SEC-S13 a place stays as many times as the template names it, whatever the value says', () => {
  const loaded = loadTemplate('Subject: {{severity}}\n\nFrom {{source}} on {{object}}.\n', 'a', 'en', 'a.en.txt')
  assert.ok(loaded.ok)
  for (const value of CORPUS) {
    const { text } = render(loaded.template, { ...fieldsOf(value), object: 'OBJECT' })
    assert.ok(!text.includes(SECRET), value)
    assert.equal(text.split('OBJECT').length, 2, value)
  }
})

test('SEC-S13 a template that asks for more than a field is refused when it is loaded', () => {
  for (const place of ['{{constructor}}', '{{__proto__}}', '{{a.b}}', "{{x('y')}}", '{{#if a}}', '{{> other}}', '{{a'])
    assert.equal(loadTemplate(`Subject: s\n\n${place}\n`, 'a', 'en', 'a.en.txt').ok, false, place)
})
