// Fifty hostile texts on the whole way: ticket, real FTPS server, receiving half; and through the lists. Read by parsers that are not ours.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { FIELDS } from '../src/feeds/tw-nccst-1.3/fields.ts'
import { readRuleTable, readServiceList } from '../src/feeds/tw-nccst-1.3/lists.ts'
import { cleanLine, codePointsOf } from '../src/feeds/tw-nccst-1.3/text.ts'
import { CASE_WAIT_MS } from '../src/ticket-desk.ts'
import { detectionOf, exporterAt, incidents, startServer } from './exporter-world.ts'
import { change, constituent, defaultRuleSet, incident, RULE_ID, ruleSet } from './fixtures.ts'
import { HOSTILE_TEXTS } from './hostile-texts.ts'
import { readWithPython, validateWithXmllint } from './independent-parser.ts'
import { receiverWorld, sender } from './receiving/receiving-world.ts'

const hostile = Object.entries(HOSTILE_TEXTS)

/** Rows as Python's csv module reads them. */
function readCsvWithPython(path: string): string[][] {
  const reader =
    'import csv,json,sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))))'
  return JSON.parse(
    execFileSync('python3', ['-c', reader, path], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  ) as string[][]
}

test('fifty hostile texts go through ticket, FTPS server and receiver: every file is valid, cut whole, and none is refused', async () => {
  assert.equal(hostile.length, 50)
  const server = await startServer()
  const exporter = exporterAt({ server })
  const ids = hostile.map((_, index) => `d-${index}`)
  await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids })))
  for (const [index, [, text]] of hostile.entries()) {
    const texts = {
      titles: { 'zh-Hant': text },
      recommendations: { 'zh-Hant': text },
      description: text,
      triggeredRuleName: text,
    }
    await exporter.give('detections', 'tw-ey', detectionOf(index, texts))
  }
  exporter.clock.advance(CASE_WAIT_MS)
  for (let turn = 0; turn < 30 && incidents(server).length < hostile.length; turn++) await exporter.settle(2)
  await exporter.settle(3)
  const tickets = new Map([...exporter.tickets().values()].map((ticket) => [ticket.detectionId, ticket]))
  const path = (name: string) => join(server.root, 'incident', name)
  const paths = incidents(server).map(path)
  assert.equal(paths.length, 50)
  const read = readWithPython(...paths)
  assert.notEqual(validateWithXmllint(...paths), false)
  for (const [index, [what, text]] of hostile.entries()) {
    const ticket = tickets.get(`d-${index}`)
    assert.equal(ticket?.state, 'uploaded', `${what}: ${ticket?.reason}`)
    const elements = read.get(path(ticket?.fileName ?? ''))?.elements ?? []
    assert.deepEqual(
      elements.map(([name]) => name),
      FIELDS.map(({ name }) => name),
      what,
    )
    const values = new Map(elements)
    for (const { name, maxCodePoints } of FIELDS) {
      const value = values.get(name) ?? ''
      assert.equal(value, ticket?.fields[name], `${what} ${name}`)
      assert.ok(
        value.isWellFormed() && codePointsOf(value) <= (maxCodePoints ?? Number.POSITIVE_INFINITY),
        `${what} ${name}`,
      )
    }
    // Nothing but what XML cannot hold is lost: the text is there, or its cut, with the whole in the attachment.
    const clean = cleanLine(text)
    const rule = values.get('Triggered_Rule_Name') ?? ''
    if (codePointsOf(clean) <= 255) assert.equal(rule, clean, what)
    else {
      assert.equal(rule, `${Array.from(clean).slice(0, 254).join('')}…`, what)
      const attachment = JSON.parse(
        readFileSync(join(server.root, 'attachment', ticket?.fields['Attachment'] ?? ''), 'utf8'),
      ) as {
        fields: Record<string, string>
      }
      assert.equal(attachment.fields['Triggered_Rule_Name'], text.toWellFormed(), what)
    }
  }
  const receiver = receiverWorld({ root: dirname(server.root) })
  receiver.become([sender({ directory: basename(server.root) })])
  const count = await receiver.pass()
  assert.deepEqual([count.rejected, count.quarantined], [0, 0])
  for (const { fileName, fields } of tickets.values())
    assert.deepEqual(receiver.items().get(fileName)?.caseFields, fields)
})

test('fifty hostile names go through both lists on a real server and come back as they were, none as a formula', async () => {
  const server = await startServer()
  const bodies = hostile.map(([, text], index) =>
    constituent({ constituentId: `b-${index}`, name: text, oid: `2.16.886.1.${index + 1}` }),
  )
  const rules = hostile.map(([, text], index) => ({ id: `r-${index}`, title: text }))
  const exporter = exporterAt({ server, constituents: bodies, ruleSets: [defaultRuleSet(), ruleSet(...rules)] })
  await exporter.wake()
  await exporter.settle(3)
  const services = join(server.root, 'EXAMPLE-SOC_Service_Lists.csv')
  const table = join(server.root, 'EXAMPLE-SOC_Rules_ID.csv')
  const expected = hostile.map(([, text]) => cleanLine(text))
  assert.deepEqual(
    readServiceList(readFileSync(services, 'utf8')).map(({ name }) => name),
    expected,
  )
  const byId = new Map(readRuleTable(readFileSync(table, 'utf8')).map(({ id, name }) => [id, name]))
  assert.ok(byId.has(RULE_ID))
  for (const [index, name] of expected.entries()) assert.equal(byId.get(`r-${index}`), name, hostile[index]?.[0])
  for (const path of [services, table]) {
    const rows = readCsvWithPython(path)
    assert.ok(rows.length > 50)
    for (const row of rows) {
      assert.equal(row.length, 3)
      for (const cell of row) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/)
    }
  }
})
