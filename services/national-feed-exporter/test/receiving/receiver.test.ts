import assert from 'node:assert/strict'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadSenders } from '../../src/receiving/senders.ts'
import { cut, dropLists, lists, receiverWorld, sender, ticketXml } from './receiving-world.ts'

test('a dropped file becomes one item with its fields, leaves the folder, and is answered with its hash', async () => {
  const world = receiverWorld()
  dropLists(world)
  const xml = ticketXml('EXSOC-20261122-000042')
  world.drop('incident/EXSOC-20261122-000042.xml', xml)
  assert.deepEqual(await world.pass(), { accepted: 3, rejected: 0, quarantined: 0, repeated: 0 })
  const item = world.items().get('EXSOC-20261122-000042.xml')
  assert.equal(item?.verdict, 'accepted')
  assert.equal(item?.caseFields['Customer_Name'], '行政院')
  assert.deepEqual(world.left(), [])
  const answer = world.answers().find(([name]) => name === item?.name)
  assert.deepEqual([answer?.[1], answer?.[2], answer?.[4]], [item?.sha256, String(Buffer.byteLength(xml)), 'accepted'])
})

test('what is still being written is left alone until it stands still', async () => {
  const world = receiverWorld()
  world.drop('incident/a.xml.part', '<x/>')
  world.drop('incident/b.xml', '<In')
  await world.look()
  world.advance(1_900)
  world.drop('incident/b.xml', '<Incident')
  await world.look()
  world.advance(1_900)
  await world.look()
  assert.deepEqual(world.published, [])
  world.advance(200)
  await world.look()
  assert.deepEqual([...world.items().keys()], ['b.xml'])
  assert.deepEqual(world.left(), ['a.xml.part'])
})

const BAD: readonly [string, string, string | Buffer, RegExp][] = [
  [
    'an entity from a file',
    'E-1',
    '<!DOCTYPE Incident [<!ENTITY x SYSTEM "file:///etc/passwd">]><Incident>&x;</Incident>',
    /^unsafe-xml: a document type/,
  ],
  [
    'entities that grow',
    'E-2',
    '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Incident>&b;</Incident>',
    /^unsafe-xml: a document type/,
  ],
  [
    'a document type hidden in another encoding',
    'E-3',
    Buffer.from('\uFEFF<!DOCTYPE x><Incident/>', 'utf16le'),
    /^not-utf8/,
  ],
  [
    'a declaration that names another encoding',
    'E-4',
    '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE',
    /^unsafe-xml: the declaration/,
  ],
  ['a thousand levels', 'E-5', `<Incident>${'<a>'.repeat(1_000)}`, /^unsafe-xml: elements lie more than 4 deep/],
  [
    'a hundred thousand elements',
    'E-6',
    `<Incident>${'<a/>'.repeat(100_000)}</Incident>`,
    /^unsafe-xml: more than 500 elements/,
  ],
  ['a file that is too large', 'E-7', `<Incident>${' '.repeat(1_048_577)}</Incident>`, /^too-large/],
  ['nothing at all', 'E-8', '', /^empty/],
  ['half a file', 'E-9', '<Incident><Organization>EXAMPLE-SOC</Orga', /^schema: not well-formed/],
  ['no XML', 'E-10', 'hello', /^schema: not well-formed/],
  ['another root', 'E-11', '<Other/>', /^schema/],
  ['octets that are no UTF-8', 'E-12', Buffer.from([0x3c, 0xff, 0x3e]), /^not-utf8/],
]
test('hostile and broken files are refused with the reason, kept, answered, and none reaches a parser that it could harm', async (t) => {
  const world = receiverWorld()
  dropLists(world)
  for (const [, id, content] of BAD) world.drop(`incident/${id}.xml`, content)
  const count = await world.pass()
  assert.equal(count.rejected, BAD.length)
  for (const [what, id, , reason] of BAD) {
    await t.test(what, () => {
      const item = world.items().get(`${id}.xml`)
      assert.equal(item?.verdict, 'rejected')
      assert.match(item?.reason ?? '', reason)
      assert.ok(
        existsSync(
          join(`${world.root}-own`, 'archive/EXAMPLE-SOC/incident', item?.sha256.slice(0, 2) ?? '', item?.sha256 ?? ''),
        ),
      )
      assert.ok(world.answers().some(([name, sha256]) => name === `${id}.xml` && sha256 === item?.sha256))
    })
  }
})

test('a sender speaks for itself only, under the name of its ticket, and never twice with other content', async () => {
  const world = receiverWorld()
  dropLists(world)
  world.drop('incident/A-1.xml', ticketXml('A-1').replace('>EXAMPLE-SOC<', '>OTHER-SOC<'))
  world.drop('incident/A-2.xml', ticketXml('A-3'))
  world.drop('incident/a b.xml', ticketXml('A-4'))
  world.drop('incident/A-5.xml', ticketXml('A-5'))
  world.drop('stray.xml', ticketXml('A-6'))
  await world.pass()
  world.drop('incident/A-5.xml', ticketXml('A-5', { eventCount: 7 }))
  await world.pass()
  const reasons = world.published.flatMap(({ name, reason }) =>
    reason === null ? [] : [`${name} ${reason.split(':')[0]}`],
  )
  assert.deepEqual(
    reasons.toSorted((a, b) => (a < b ? -1 : 1)),
    ['A-1.xml organization', 'A-2.xml event-id', 'A-5.xml event-id-taken', 'a b.xml file-name', 'stray.xml file-name'],
  )
})

test('what does not match the lists of its sender waits with the name of the field, and is accepted when the list comes', async () => {
  const world = receiverWorld()
  world.drop('incident/A-1.xml', ticketXml('A-1'))
  await world.pass()
  assert.match(world.items().get('A-1.xml')?.reason ?? '', /^lists-missing/)
  const receivedAt = world.items().get('A-1.xml')?.receivedAt
  const { services, rules } = lists()
  world.drop(services.name, services.content.replace('行政院', '立法院'))
  world.drop(rules.name, rules.content)
  world.drop('incident/A-2.xml', ticketXml('A-2'))
  await world.pass()
  assert.equal(world.items().get('A-2.xml')?.reason, 'reference: Customer_Name is "立法院" in the service list')
  world.drop(services.name, services.content)
  await world.pass()
  for (const name of ['A-1.xml', 'A-2.xml']) assert.equal(world.items().get(name)?.verdict, 'accepted')
  assert.equal(world.items().get('A-1.xml')?.receivedAt, receivedAt)
  assert.ok(world.answers().every(([, , , , verdict]) => verdict === 'accepted'))
})

test('a ticket waits for the attachment that it names', async () => {
  const world = receiverWorld()
  dropLists(world)
  const { ticket, attachment } = cut('A-1', { triggeredRuleName: '規'.repeat(300) })
  world.drop('incident/A-1.xml', ticket.xml)
  await world.pass()
  assert.match(world.items().get('A-1.xml')?.reason ?? '', /^attachment-missing: A-1_1.json/)
  world.drop('attachment/A-1_1.json', attachment?.content ?? '')
  await world.pass()
  assert.equal(world.items().get('A-1.xml')?.verdict, 'accepted')
})

test('a list with a duplicate, a wrong header, an unknown OID or no rows is refused whole and the last good one stays', async () => {
  const world = receiverWorld()
  dropLists(world)
  await world.pass()
  const { services, rules } = lists()
  for (const [content, reason] of [
    [`${rules.content}${rules.content.split('\r\n')[1]}\r\n`, /names .* again/],
    ['a,b,c\r\n1,2,3\r\n', /the first row/],
    [rules.content.split('\r\n')[0] ?? '', /it has no row/],
    ['"', /no CSV/],
  ] as const) {
    world.drop(rules.name, content)
    await world.pass()
    assert.match(world.items().get(rules.name)?.reason ?? '', reason)
  }
  world.drop(services.name, services.content.replace('2.16.886.101.20003', '1.3.6.1'))
  await world.pass()
  assert.match(world.items().get(services.name)?.reason ?? '', /no OID/)
  world.drop('incident/A-1.xml', ticketXml('A-1'))
  await world.pass()
  assert.equal(world.items().get('A-1.xml')?.verdict, 'accepted')
})

test('a suspended or terminated sender is told, its files wait untouched, and a resumed one goes on; test files are exercises', async () => {
  const world = receiverWorld()
  world.become([sender({ state: 'test' })])
  dropLists(world)
  await world.pass()
  assert.ok(world.published.every(({ exercise }) => exercise))
  world.become([sender({ state: 'suspended', notice: 'overdue issue 7' })])
  world.drop('incident/A-1.xml', ticketXml('A-1'))
  await world.pass()
  assert.deepEqual(world.left(), ['A-1.xml'])
  world.become([sender({ state: 'terminated' })])
  await world.pass()
  assert.deepEqual(world.left(), ['A-1.xml'])
  world.become([sender({ state: 'production' })])
  await world.pass()
  const item = world.items().get('A-1.xml')
  assert.deepEqual([item?.verdict, item?.exercise], ['accepted', false])
  assert.deepEqual(
    world.notices().map((name) => name.split('-').at(-1)),
    ['suspended.txt', 'terminated.txt', 'production.txt'],
  )
})

test('a process that dies between any two steps loses no file, doubles none, and gives every item and answer in the end', async () => {
  const steps: string[] = []
  const whole = receiverWorld()
  dropLists(whole)
  whole.drop('incident/A-1.xml', ticketXml('A-1'))
  whole.dieBefore((step) => {
    steps.push(step)
    return false
  })
  await whole.pass()
  const expected = new Map([...whole.items()].map(([name, item]) => [name, item.itemId]))
  assert.equal(expected.size, 3)
  assert.ok(steps.length > 30)
  for (let death = 0; death < steps.length; death++) {
    const world = receiverWorld()
    dropLists(world)
    world.drop('incident/A-1.xml', ticketXml('A-1'))
    let at = 0
    world.dieBefore(() => at++ >= death)
    await world.pass().catch(() => undefined)
    world.restart()
    await world.pass()
    assert.deepEqual(new Map([...world.items()].map(([name, item]) => [name, item.itemId])), expected, steps[death])
    assert.ok(
      [...world.items().values()].every(({ verdict }) => verdict === 'accepted'),
      steps[death],
    )
    assert.equal(world.answers().length, 3, steps[death])
    assert.deepEqual(world.left(), [])
  }
})

test('the same octets again are known and counted, not a second item', async () => {
  const world = receiverWorld()
  dropLists(world)
  world.drop('incident/A-1.xml', ticketXml('A-1'))
  await world.pass()
  world.drop('incident/A-1.xml', ticketXml('A-1'))
  assert.deepEqual(await world.pass(), { accepted: 0, rejected: 0, quarantined: 0, repeated: 1 })
  assert.equal(world.published.length, 3)
})

test('links are never followed, and whatever lies in a folder the pass ends with each file taken', async () => {
  const world = receiverWorld()
  writeFileSync(join(world.root, 'secret'), 'secret')
  symlinkSync(join(world.root, 'secret'), join(world.root, 'example/incident/L-1.xml'))
  await world.pass()
  assert.deepEqual(world.published, [])
  const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
  const markup = fc
    .array(
      fc.constantFrom(
        '<Incident>',
        '</Incident>',
        '<a b="',
        '"/>',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '&#0;',
        '<?x',
        'é',
      ),
      { maxLength: 40 },
    )
    .map((parts) => Buffer.from(parts.join('')))
  let files = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(octets, markup), { minLength: 1, maxLength: 20 }), async (contents) => {
      for (const content of contents) world.drop(`incident/F-${files++}.xml`, content)
      const before = world.published.length
      const count = await world.pass()
      assert.equal(count.rejected, contents.length)
      assert.equal(world.published.length, before + contents.length)
    }),
    { numRuns: 30 },
  )
})

test('a wrong file of senders is refused with the place and the reason', () => {
  assert.deepEqual(loadSenders('- {sender: A, name: Alpha, state: test}'), [
    sender({ sender: 'A', name: 'Alpha', directory: 'A', state: 'test' }),
  ])
  for (const [text, reason] of [
    ['- {sender: A, name: Alpha, state: gone}', /0\.state/],
    ['- {sender: A, name: Alpha, state: test, directory: ../x}', /0\.directory/],
    ['- {sender: A, name: a, state: test}\n- {sender: A, name: b, state: test, directory: b}', /twice/],
    ['- [', /no YAML/],
  ] as const) {
    assert.throws(() => loadSenders(text), reason)
  }
})
