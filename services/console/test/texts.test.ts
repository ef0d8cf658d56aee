import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LANGUAGES } from '@tocsin/events/languages'
import { COMMANDS, ROLES } from '../src/roles.ts'
import { BUTTONS, questionsOf, RESPONSE_BUTTONS } from '../web/case-actions.ts'
import { firstLanguage, hasText, textOf } from '../web/texts.ts'
import { LEVELS } from '../web/words.ts'

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../web/texts/${language}.json`), 'utf8')) as Record<string, string>
const holes = (text: string): string[] => [...text.matchAll(/\{[a-z]+\}/gi)].map(([hole]) => hole).sort()

test('every text of the page is there in all five languages, with the same holes', () => {
  const english = read('en')
  assert.ok(Object.keys(english).length > 150)
  for (const language of LANGUAGES) {
    const texts = read(language)
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), language)
    for (const [key, text] of Object.entries(texts)) {
      assert.notEqual(text.trim(), '', `${language} ${key}`)
      assert.deepEqual(holes(text), holes(english[key] ?? ''), `${language} ${key}`)
    }
  }
})

test('each language is in its own letters', () => {
  for (const [language, letters] of [
    ['vi', /[ữựớảệ]/],
    ['kk', /[ғүқңөұі]/],
    ['ru', /[ыэщ]/],
    ['zh-Hant', /[證據聯繫]/],
  ] as const) {
    const all = Object.values(read(language)).join(' ')
    assert.match(all, letters, language)
    assert.equal(all, all.normalize('NFC'), language)
  }
})

test('words that come from the server have texts', () => {
  const words = [
    ...['new', 'unverified', 'confirmed', 'false-positive', 'closed', 'merged'].map((word) => `status.${word}`),
    ...['event', 'incident', 'threat'].map((word) => `kind.${word}`),
    ...['owed', 'sent', 'delivered', 'acknowledged', 'failed'].map((word) => `notice.${word}`),
    ...LEVELS.map((word) => `severity.${word}`),
    ...[...BUTTONS, ...RESPONSE_BUTTONS].map((word) => `action.${word}`),
    ...['proposed', 'lapsed', 'approved', 'applied', 'failed', 'reverting', 'reverted', 'refused'].map(
      (word) => `measure.${word}`,
    ),
    ...BUTTONS.flatMap((button) => questionsOf(button, undefined, false)?.more ?? []).flatMap(
      ({ choices = [], named }) => (named === true ? choices.map((word) => `choice.${word}`) : []),
    ),
    ...['event-analysis', 'measures', 'result', 'measure-taken', 'causes-eliminated'].map((word) => `response.${word}`),
    ...['unverified', 'supplementary-asked', 'confirmed', 'false-positive'].map((word) => `verification.${word}`),
    ...ROLES.map((word) => `role.${word}`),
    ...['heard', 'silent', 'never-heard', 'waiting'].map((word) => `sourceState.${word}`),
    ...['usual', 'low', 'high', 'unlearned'].map((word) => `sourceRate.${word}`),
    ...['covered', 'silent', 'missing'].flatMap((word) => [`coverageState.${word}`, `coverageVerdict.${word}`]),
  ]
  assert.deepEqual(
    words.filter((key) => !hasText(key)),
    [],
  )
  assert.ok(BUTTONS.every((button) => COMMANDS.includes(button)))
})

test('the first language is the one chosen, else the browser’s first that we have, else English', () => {
  assert.equal(firstLanguage('kk', ['ru']), 'kk')
  assert.equal(firstLanguage(null, ['fr-FR', 'zh-TW', 'en']), 'zh-Hant')
  assert.equal(firstLanguage('tlh', ['ru-KZ']), 'ru')
  assert.equal(firstLanguage(null, ['fr']), 'en')
})

test('a value goes in as it is, whatever signs it has', () => {
  assert.equal(textOf('en', 'clock.left', { time: '$& $1' }), '$& $1 left')
})
