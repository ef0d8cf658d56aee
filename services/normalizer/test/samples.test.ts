import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { normalizeFrame } from '../src/normalize.ts'
import { parsers } from '../src/parsers/index.ts'

const folder = join(import.meta.dirname, 'samples')
const receivedAt = Date.UTC(2026, 2, 15)
const update = process.env['UPDATE_SAMPLES'] === '1'

/** What a sample line gives, in the form that its `.json` keeps. */
function outcomeOf(line: string): Record<string, unknown> {
  const result = normalizeFrame({ octets: Buffer.from(line), receivedAt, source: {} }, parsers)
  if (result.kind === 'rejected') return { rejected: result.code }
  return {
    parser: result.parser ?? null,
    occurredAt: new Date(result.occurredAt).toISOString(),
    timeFrom: result.timeFrom,
    fields: { ...result.fields },
  }
}

for (const name of readdirSync(folder).sort()) {
  for (const file of readdirSync(join(folder, name))
    .filter((one) => one.endsWith('.log'))
    .sort()) {
    test(`the sample ${name}/${file.slice(0, -4)} gives the fields beside it`, () => {
      const expectedFile = join(folder, name, file.replace(/\.log$/, '.json'))
      const outcome = outcomeOf(readFileSync(join(folder, name, file), 'utf8').replace(/\n$/, ''))
      if (update) writeFileSync(expectedFile, `${JSON.stringify(outcome, null, 2)}\n`)
      assert.ok(
        existsSync(expectedFile),
        `${expectedFile} is missing; run the test with UPDATE_SAMPLES=1 and read the result`,
      )
      assert.deepEqual(outcome, JSON.parse(readFileSync(expectedFile, 'utf8')))
    })
  }
}

test('every parser has a folder of samples, and every folder but generic and header a parser', () => {
  const folders = readdirSync(folder).filter((name) => name !== 'generic' && name !== 'header')
  assert.deepEqual(folders.sort(), parsers.map((parser) => parser.name.replaceAll('_', '-')).sort())
})
