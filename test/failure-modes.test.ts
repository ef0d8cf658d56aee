// Every error code that the code can put into a log line, a metric, an answer or a dead letter is explained in
// docs/operations/failure-modes.md, and every code that is explained there can happen.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { withoutComments } from './architecture/code-text.ts'
import { type SourceFile, sourcesIn, textOf } from './architecture/source-tree.ts'

const PAGE = 'docs/operations/failure-modes.md'
const CODE = /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/
/** Where a code stands in the code: thrown, rejected, logged or told. */
const PLACES: readonly RegExp[] = [
  /\bnew [A-Z]\w*(?:Error|Fault|Refusal)\(\s*'([^']+)'/g,
  /\breject\(\s*'([^']+)'/g,
  /\bcode: '([^']+)'/g,
]
/** Words under `code` that say that all is well. */
const NO_FAILURE = new Set(['accepted'])

/** Takes source files; gives each code with the files that use it. */
function codesIn(files: readonly SourceFile[]): Map<string, string[]> {
  const codes = new Map<string, string[]>()
  for (const { path, text } of files) {
    const code = withoutComments(text)
    for (const place of PLACES) {
      for (const [, word = ''] of code.matchAll(place)) {
        if (CODE.test(word) && !NO_FAILURE.has(word)) codes.set(word, [...(codes.get(word) ?? []), path])
      }
    }
  }
  return codes
}

/** One entry of the page: its codes and its text. */
interface Entry {
  codes: string[]
  text: string
}

/** Takes the page; gives its entries. A heading may name several codes; one with spaces is no code. */
function entriesOf(page: string): Entry[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n')
      const codes = heading.split(',').map((word) => word.replaceAll('`', '').trim())
      return { codes: codes.filter((code) => CODE.test(code)), text: lines.join('\n').split(/^## /m)[0] ?? '' }
    })
}

/** Whether the code can say `code`: as it stands, or put together (`sender_${why}`, `${channel}_refused`). */
function canSay(all: string, code: string): boolean {
  if (all.includes(`'${code}'`)) return true
  return [...code.matchAll(/[_-]/g)].some(({ index }) => {
    const [head, tail] = [code.slice(0, index + 1), code.slice(index)]
    return all.includes(`\`${head}\${`) || all.includes(`}${tail}\``)
  })
}

const code = sourcesIn('packages', 'services').filter(({ path }) => /^[a-z]+\/[^/]+\/src\//.test(path))
const used = codesIn(code)
const entries = entriesOf(textOf(PAGE))
const explained = new Set(entries.flatMap(({ codes }) => codes))

describe('failure modes', () => {
  test('there is something to compare, and the comparison can fail', () => {
    assert.ok(used.size > 80, `only ${used.size} codes were found`)
    assert.ok(explained.size > 100, `only ${explained.size} entries were found`)
    const text =
      "throw new TocsinError(\n  'one_code', 'x')\nreject('two_code', m)\nlog.warn({ code: 'three_code' }, m)\n// code: 'four_code'\nnew AvroError('five_code', m)"
    assert.deepEqual([...codesIn([{ path: 'x.ts', text }]).keys()], ['one_code', 'five_code', 'two_code', 'three_code'])
    assert.deepEqual(
      entriesOf('## a\n### one_code, two-code\nMeaning.\n### Some words\n').map(({ codes }) => codes),
      [['one_code', 'two-code'], []],
    )
    assert.equal(canSay('`sender_${why}` `${channel}_refused`', 'sender_unknown'), true)
    assert.equal(canSay('`sender_${why}` `${channel}_refused`', 'sms_refused'), true)
    assert.equal(canSay("'other'", 'sms_refused'), false)
  })

  test('every code in the code has an entry', () => {
    const missing = [...used].filter(([word]) => !explained.has(word)).map(([word, paths]) => `${word} (${paths[0]})`)
    assert.deepEqual(missing.sort(), [])
  })

  test('every entry is of a code that can happen', () => {
    const all = code.map(({ text }) => withoutComments(text)).join('\n')
    assert.deepEqual(
      [...explained].filter((word) => !canSay(all, word)),
      [],
    )
  })

  test('no code is explained twice, and each entry says what it means and what to check', () => {
    const all = entries.flatMap(({ codes }) => codes)
    assert.deepEqual(
      all.filter((word, index) => all.indexOf(word) !== index),
      [],
    )
    const thin = entries.filter(({ codes, text }) => codes.length > 0 && !(/Meaning/.test(text) && /check/i.test(text)))
    assert.deepEqual(
      thin.map(({ codes }) => codes.join(', ')),
      [],
    )
  })
})
