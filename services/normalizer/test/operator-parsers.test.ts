import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { CommandIo } from '@tocsin/runtime'
import { ParserFiles } from '../src/adapters/parser-files.ts'
import { commands } from '../src/commands.ts'
import { normalizeFrame } from '../src/normalize.ts'
import { checkParser } from '../src/operator-parsers/check.ts'
import { Shadow } from '../src/operator-parsers/shadow.ts'
import { parsers } from '../src/parsers/index.ts'

const file = join(import.meta.dirname, 'operator-parsers/acme_gate.yaml')
const good = readFileSync(file, 'utf8')
const line = '<134>Jan 15 08:00:00 g-1 acmed: gate verdict held inbound from 192.0.2.9 port 4712 by strict'
const frameOf = (text: string) => ({ octets: Buffer.from(text), receivedAt: Date.UTC(2026, 0, 15, 9), source: {} })

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-parsers-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const refused: readonly (readonly [what: string, text: string, line: number, reason: RegExp])[] = [
  ['a field that is none', good.replace('rule.name]', 'rule.nam]'), 7, /"rule.nam" is no field/],
  [
    'a category outside the closed list',
    good.replace('category: [network]\n    type: [connection]', 'category: [networking]'),
    8,
    /category/,
  ],
  [
    'groups and fields that differ in number',
    good.replace('source.port, rule.name]', 'source.port]'),
    6,
    /4 groups and fields names 3/,
  ],
  [
    'a pattern that cannot run in linear time',
    good.replace("'verdict (\\w+)'", "'verdict (\\w+)(?=x)'"),
    11,
    /linear time/,
  ],
  [
    'a case that gives something else',
    good.replace('rule.name: strict', 'rule.name: lax'),
    18,
    /rule.name is "strict", not "lax"/,
  ],
  ['no way to recognise a line', good.replace("contains: ['gate verdict ']", 'contains: []'), 4, /every line/],
  ['no case', `${good.slice(0, good.indexOf('cases:'))}cases: []\n`, 17, /at least one case/],
  ['a name that ships with the normalizer', good.replace('name: acme_gate', 'name: sshd'), 1, /taken/],
  ['a key that the format does not know', good.replace('messages:', 'shell: rm\nmessages:'), 1, /shell/],
  ['text that is no YAML', good.replace('log: {', 'log: {{'), 3, /indented/],
]
for (const [what, text, at, reason] of refused)
  test(`a parser file with ${what} is refused with file, line and reason`, () => {
    assert.throws(
      () => checkParser('acme_gate.yaml', text, parsers),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'parser_refused')
        assert.match(error.message, reason)
        assert.match(error.message, new RegExp(`^acme_gate\\.yaml:${at}:`))
        return true
      },
    )
  })

test('an operator parser reads a line that no shipped one knows, without a rebuild', () => {
  const result = normalizeFrame(frameOf(line), [checkParser(file, good, parsers), ...parsers])
  assert.ok(result.kind === 'event')
  assert.equal(result.parser, 'acme_gate')
  assert.equal(result.fields['source.port'], 4712)
  assert.equal(result.fields['tocsin.log.product'], 'acme')
})

test('the shadow shows field by field what a candidate would add, change and take away', () => {
  const shadow = new Shadow(parsers, checkParser(file, good, parsers))
  for (const text of [line, '<134>Jan 15 08:00:00 g-1 acmed: other words', line]) shadow.add(frameOf(text))
  const { lines, taken, fields } = shadow.report()
  assert.equal(lines, 3)
  assert.deepEqual(taken, { none: 2 })
  const of = (name: string) => fields.find(({ field }) => field === name)
  assert.deepEqual(of('rule.name'), {
    field: 'rule.name',
    added: 2,
    changed: 0,
    removed: 0,
    examples: [' → "strict"', ' → "strict"'],
  })
  assert.equal(of('source.ip'), undefined)
})

test('a file that is refused leaves the last good parser in place; one that vanishes takes its parser along', async (t) => {
  const folder = folderOf(t)
  const told: string[] = []
  const files = new ParserFiles(folder, parsers, (error) => told.push(error.message))
  await files.check()
  assert.equal(files.current, parsers)
  writeFileSync(join(folder, 'acme_gate.yaml'), good)
  assert.equal(await files.check(), true)
  const first = files.current
  assert.equal(first[0]?.name, 'acme_gate')
  writeFileSync(join(folder, 'acme_gate.yaml'), 'name: [')
  assert.equal(await files.check(), false)
  assert.equal(files.current, first)
  assert.equal(told.length, 1)
  rmSync(join(folder, 'acme_gate.yaml'))
  await files.check()
  assert.deepEqual(files.current, parsers)
})

test('promotion shows the diff first, refuses a parser that took no line, and keeps the one before', async (t) => {
  const folder = folderOf(t)
  const lines = join(folder, 'lines.ndjson')
  writeFileSync(lines, `${JSON.stringify({ message: 'hello' })}\n`)
  const live = join(folder, 'live')
  await assert.rejects(run(['parsers', 'promote'], [file, '--lines', lines, '--dir', live]), {
    code: 'parser_takes_nothing',
  })
  writeFileSync(lines, `${JSON.stringify({ message: line })}\n`)
  for (let round = 0; round < 2; round++) {
    const shown = await run(['parsers', 'promote'], [file, '--lines', lines, '--dir', live])
    assert.match(shown, /^1 lines; acme_gate takes 1 of (none|acme_gate)\n/)
    assert.match(shown, /acme_gate\.yaml is live/)
  }
  assert.equal(readFileSync(join(live, 'acme_gate.yaml'), 'utf8'), good)
  assert.equal(readFileSync(join(live, 'acme_gate.yaml.previous'), 'utf8'), good)
})

async function run(name: readonly string[], args: readonly string[]): Promise<string> {
  const command = commands.find((one) => one.name === name.join(' '))
  assert.ok(command !== undefined)
  const stdout = new PassThrough()
  const io: CommandIo = {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    env: {},
    signal: new AbortController().signal,
  }
  assert.equal(await command.run(args, io), 0)
  return String(stdout.read() ?? '')
}
