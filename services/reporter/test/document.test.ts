import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { BlockContext } from '../src/blocks/context.ts'
import { type AnyRecord, answer, matches, queryText, searchPath, type Term } from '../src/document/query.ts'
import { FORMATS, outputOf } from '../src/outputs/index.ts'
import { inputOf, produce, reportIdOf } from '../src/produce.ts'
import { loadTemplate } from '../src/template.ts'
import { textOf } from './documents.ts'
import { blockNames, made, orderOf, packs, sourcesOf, vietnam } from './report-world.ts'
import { MONDAY, WEEK, week, weekOfAttacks } from './rich-world.ts'
import { HOUR } from './world.ts'

const weekly = (given = week()) => made(orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK), given)

describe('the proof of a report', () => {
  test('XC-9 a second run of a closed period has the same numbers, the same hash and the same record of its proof', async () => {
    const order = orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK)
    const later = { ...order, createdAt: order.createdAt + 90 * 24 * HOUR }
    const shuffled = { ...week(), incidents: weekOfAttacks().reverse() }
    const [first, second] = [made(order, week()), made(later, shuffled)]
    assert.deepEqual(second.totals, first.totals)
    assert.equal(second.dataSha256, first.dataSha256)
    assert.deepEqual(await outputOf('json', second), await outputOf('json', first))
    assert.equal(reportIdOf(later), reportIdOf(order))
  })

  test('XC-9 made again with the same data it keeps its revision; with other data the next one stands beside it', async () => {
    const written: string[] = []
    const output = {
      write: (path: string) =>
        Promise.resolve({ path, mime: '', bytes: 0, sha256: '' }).then((file) => (written.push(path), file)),
      print: () => Promise.resolve(null),
      entered: () => Promise.resolve({ texts: { annex: 'x' }, cells: {} }),
    }
    const order = { ...orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK), formats: ['csv'] as const }
    const before = await produce(order, sourcesOf(week()), output)
    assert.equal((await produce({ ...order, before }, sourcesOf(week()), output)).revision, 1)
    const late = { ...week(), incidents: weekOfAttacks().slice(1) }
    assert.equal((await produce({ ...order, before }, sourcesOf(late), output)).revision, 2)
    assert.deepEqual(
      written.map((path) => path.endsWith('.r2.vi.csv')),
      [false, false, true],
    )
  })

  test('XC-9 one number that differs, one row that differs or another template gives another record', () => {
    const [one, ...rest] = weekOfAttacks()
    assert.ok(one !== undefined)
    const hashes = [
      weekly().dataSha256,
      weekly({ ...week(), incidents: rest }).dataSha256,
      weekly({ ...week(), incidents: [{ ...one, severity: 81 }, ...rest] }).dataSha256,
      weekly({ ...week(), changes: [] }).dataSha256,
      weekly({ ...week(), facts: week().facts?.slice(1) ?? [] }).dataSha256,
    ]
    assert.equal(new Set(hashes).size, hashes.length)
  })

  test('XC-9 every number of every form leads to a query, and the query answers it from the records', async () => {
    for (const { pack, templates } of packs.filter(({ pack: { id } }) => id === 'vn-circular-31'))
      for (const template of templates) {
        const order = orderOf({ pack, templates }, template.id, MONDAY, MONDAY + WEEK)
        const report = made(order, week())
        const input = inputOf(order, sourcesOf(week()), 'vi')
        const records = {
          incidents: input.data.incidents,
          'daily-facts': input.data.facts,
          requests: input.data.requests,
        }
        const byId = new Map(report.document.queries.map((asked) => [asked.id, asked]))
        for (const { query, value } of byId.values())
          assert.equal(
            answer(query, (records[query.topic as keyof typeof records] ?? []) as readonly AnyRecord[]),
            value,
            queryText(query),
          )
        const html = (await outputOf('html', report)).toString()
        const links = [...html.matchAll(/<a class="q[^"]*" href="#(q\d+)">([^<]*)<\/a>/g)]
        assert.ok(template.present || links.length > 3)
        for (const [, id = '', printed = ''] of links)
          assert.equal(printed, new Intl.NumberFormat('vi').format(byId.get(id)?.value ?? Number.NaN))
        for (const id of byId.keys()) assert.ok(html.includes(`<tr id="${id}">`))
      }
  })

  test('a query is the same text for the same question, and the search it names has every term', () => {
    const query = {
      topic: 'incidents',
      where: { kind: 'incident', exercise: false, closedAt: { absentOrFrom: 0 } },
    } as const
    const turned = {
      topic: 'incidents',
      where: { closedAt: { absentOrFrom: 0 }, exercise: false, kind: 'incident' },
    } as const
    assert.equal(queryText(query), queryText(turned))
    assert.equal(
      decodeURIComponent(searchPath(query) ?? ''),
      'tocsin-incident-*/_count?q=(tocsin.kind:("incident")) AND (tocsin.exercise:("false")) AND (*:* AND NOT tocsin.closedAt:{* TO "1970-01-01T00:00:00.000Z"})',
    )
  })

  test('a term and its opposite never hold together', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    fc.assert(
      fc.property(value, fc.array(value, { maxLength: 5 }), (found, wanted) => {
        const record = { field: found }
        const holds = (term: Term): boolean => matches(record, [['field', term]])
        assert.equal(holds(wanted), !holds({ not: wanted }))
        assert.equal(holds({ exists: true }), !holds({ exists: false }))
      }),
      { numRuns: 200 },
    )
  })
})

test('nothing of another body, another period or another kind is in what a report is made from', () => {
  const foreign = weekOfAttacks().map((incident) => ({ ...incident, constituent: 'other', number: 'FOREIGN' }))
  const input = inputOf(
    orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK),
    sourcesOf({ ...week(), incidents: [...weekOfAttacks(), ...foreign] }),
    'vi',
  )
  assert.equal(input.data.incidents.length, weekOfAttacks().length)
  assert.ok(new BlockContext(input).counted()['constituent'] === 'vn-portal')
})

test('hostile texts stand in every form as they are, or without what the form cannot hold; nothing becomes a formula or a tag', async () => {
  const hostile = [
    "=cmd|' /C calc'!A0",
    '<script>x</script>',
    ']]>&amp;',
    '\u202Egnp.exe',
    'a\u0000b\u0007',
    '\uD800 lone',
    '𠮷𠮷',
    '@SUM(A1)',
  ]
  const incidents = weekOfAttacks().map((incident, n) => ({
    ...incident,
    ruleId: `r${n}`,
    titles: { vi: hostile[n % hostile.length] ?? '' },
  }))
  const report = weekly({ ...week(), incidents })
  for (const form of ['html', 'docx', 'xlsx', 'csv'] as const) {
    const octets = await outputOf(form, report)
    const text = textOf(form, octets)
    for (const whole of ["cmd|' /C calc'!A0", '𠮷𠮷', 'lone']) assert.ok(text.includes(whole), `${form} ${whole}`)
    if (form === 'html') assert.ok(!octets.toString().includes('<script'))
  }
  assert.match((await outputOf('csv', report)).toString(), /'=cmd/)
})

test('a template that names no block, or has a wrong key, is refused with its line', () => {
  const text = `schema: tocsin/report/1
id: x-report
version: 1.0.0
scope: national
languages: [en]
title: { en: x }
basis: { en: x }
sections:
  - title: { en: x }
    blocks: [{ use: nothing-such }]
`
  const refused = loadTemplate(text, 'x.yaml', 'p', new Set(blockNames))
  assert.ok(!refused.ok)
  assert.match(`${refused.faults[0]?.line} ${refused.faults[0]?.reason}`, /^10 there is no block nothing-such/)
  assert.ok(!loadTemplate(text.replace('scope:', 'scoop:'), 'x.yaml', 'p', new Set(blockNames)).ok)
})

test('every template of every pack renders empty, in each of its languages and each form', async () => {
  for (const { pack, templates } of packs)
    for (const template of templates) {
      const order = orderOf({ pack, templates }, template.id, MONDAY, MONDAY + WEEK)
      for (const language of template.languages) {
        const report = made(order, { constituents: [] }, language)
        assert.equal(report.document.sections.filter(({ title }) => title !== '').length, template.sections.length)
        for (const form of FORMATS) if (form !== 'pdf') assert.ok((await outputOf(form, report)).length > 100)
      }
    }
})
