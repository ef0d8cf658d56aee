// Bad input at each door of the whole system: it is kept and named, and what comes before and behind it goes on.
import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Event, RawFrame } from '@tocsin/events'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { OutsideKafka } from '../support/outside-kafka.ts'
import { FROM, failedLogin, newAttacker, rootLogin } from './lines.ts'
import { send, type Way } from './sockets.ts'
import { until } from './wait.ts'
import { type Watch, watch } from './watch.ts'

const mark = `bad${process.pid}`
const MIB = 1 << 20

const topics = [
  'raw-blocks',
  'events',
  'detections',
  'incidents',
  'notices',
  'deliveries',
  'dead-letters',
  'incident-commands',
  'health-events',
  'source-counts',
  'registry-sources',
] as const

let stack: FullStack
let kafka: OutsideKafka
let seen: Watch<(typeof topics)[number]>

before(async () => {
  stack = await startFullStack()
  kafka = new OutsideKafka(stack)
  seen = await watch(stack, topics)
})
after(async () => {
  await kafka?.close()
  await seen?.close()
  await stack?.stop()
})

const eventsWith = (text: string): Event[] => seen.of('events').filter(({ original }) => original.includes(text))
const eventWith = (text: string): Promise<Event> => until(`event with ${text}`, () => eventsWith(text)[0])

/** Random octets without those that would end a frame. */
const garbage = (bytes: number): Buffer => Buffer.from(randomBytes(bytes).map((octet) => (octet < 0x20 ? 0xff : octet)))

describe('garbage at the sockets', () => {
  for (const way of ['udp', 'tcp by lines', 'tcp by octet counts', 'tls'] as const satisfies readonly Way[]) {
    const long = way === 'udp' ? 'the longest datagram' : 'a line of a mebibyte'
    test(`over ${way} garbage, NUL, broken UTF-8 and ${long} are kept, flagged, and harm no neighbour`, async () => {
      const name = (what: string) => `${mark}${way.replaceAll(' ', '')}${what}`
      // The largest datagram that IPv4 carries.
      const longBytes = way === 'udp' ? 65_507 : MIB
      const frames = {
        garbage: Buffer.concat([Buffer.from(name('garbage')), garbage(3_000)]),
        nul: Buffer.from(`${name('nul')} before\0after`),
        utf8: Buffer.concat([Buffer.from(name('utf8')), Buffer.of(0xc3, 0x28, 0xf0, 0x9f, 0x92)]),
        long: Buffer.from(name('long').padEnd(longBytes, 'x')),
      }
      const good = [failedLogin(stack.nowMs(), name('first')), failedLogin(stack.nowMs(), name('last'))]
      await send(stack, way, FROM.kzFirewall, [good[0] ?? '', ...Object.values(frames), good[1] ?? ''])
      for (const neighbour of ['first', 'last'])
        assert.equal((await eventWith(name(neighbour))).user_name, name(neighbour))
      assert.ok((await eventWith(name('garbage'))).quality.includes('invalid_octets'))
      assert.ok((await eventWith(name('utf8'))).quality.includes('invalid_octets'))
      const withNul = await eventWith(name('nul'))
      // By lines NUL ends a frame (RFC 6587 3.4.2): it is two there, and neither is lost.
      if (way === 'tcp by lines') await until('event after the NUL', () => eventsWith('after').length > 0)
      else assert.ok(withNul.quality.includes('nul_octet'))
      await eventWith(name('long'))
      for (const what of [...Object.keys(frames), 'first', 'last'])
        assert.equal(eventsWith(name(what)).length, 1, `${what} once`)
      const kept = keptFrames(name('long'))
      assert.equal(kept.length, 1)
      assert.equal((kept[0]?.octets.length ?? 0) + (kept[0]?.truncatedBytes ?? 0), longBytes)
      assert.ok(keptFrames(name('garbage'))[0]?.octets.equals(frames.garbage), 'the octets are untouched')
    })
  }

  test('hostile JSON, __proto__, a hundred thousand keys, depth a thousand, makes bounded events', async () => {
    const keys = (count: number) => Array.from({ length: count }, (_, n) => `"k${n}":1`).join(',')
    const lines = {
      proto: `{"${mark}":"proto","__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"message":"m"}`,
      keys: `{"${mark}":"keys",${keys(6_000)}}`,
      hundredThousand: `{"${mark}":"hundredThousand",${keys(100_000)}}`,
      deep: `{"${mark}":"deep","a":${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}}`,
      wide: `{"${mark}":"wide","list":[${'1,'.repeat(20_000)}1]}`,
    }
    await send(stack, 'tcp by lines', FROM.kzFirewall, Object.values(lines))
    for (const name of Object.keys(lines)) {
      const event = await eventWith(`"${mark}":"${name}"`)
      assert.ok(Object.keys(event.extra).length <= 512, `${name} has bounded fields`)
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    }
    const after = failedLogin(stack.nowMs(), `${mark}afterjson`)
    await send(stack, 'tcp by lines', FROM.kzFirewall, [after])
    await eventWith(`${mark}afterjson`)
  })
})

/** Frames in raw blocks that begin with `text`. */
function keptFrames(text: string): RawFrame[] {
  return seen
    .of('raw-blocks')
    .flatMap(({ frames }) => frames.filter(({ octets }) => octets.subarray(0, 200).includes(text)))
}

describe('garbage on the topics', () => {
  let last = ''
  before(async () => {
    last = await goOn('before')
  })

  const readers = {
    'raw-blocks': ['normalizer'],
    events: ['enrichment'],
    detections: ['incident-manager', 'national-feed-exporter', 'indexer'],
    'incident-commands': ['incident-manager'],
    notices: ['notifier', 'indexer'],
  } as const

  for (const topic of ['raw-blocks', 'events', 'detections', 'incident-commands', 'notices'] as const) {
    test(`each unreadable record on ${topic} becomes a dead letter of every reader, its octets untouched`, async () => {
      const example = await until(`record of ${topic}`, () =>
        seen.records.findLast((record) => record.topic === topic && record.key === keyOn(topic)),
      )
      const bytes = await kafka.encode(topic, example.value as object)
      const other = await kafka.encode('source-counts', sourceCount())
      const records = {
        'no magic byte': Buffer.from('plain text'),
        'a wrong magic byte': Buffer.concat([Buffer.of(7), bytes.subarray(1)]),
        'a schema that nobody registered': Buffer.concat([Buffer.of(0, 0x3b, 0x9a, 0xc9, 0xff), Buffer.from('x')]),
        'the schema of another record': other,
        'Avro that ends too early': bytes.subarray(0, Math.floor(bytes.length / 2)),
        'five octets': bytes.subarray(0, 5),
        nothing: Buffer.alloc(0),
      }
      for (const [what, bad] of Object.entries(records)) {
        const { offset } = await kafka.put(topic, keyOn(topic), bad, example.partition)
        for (const service of readers[topic]) {
          const letter = await letterAt(service, topic, example.partition, offset, what)
          assert.ok(letter.original.equals(bad), `${service}, ${what}: the octets`)
          assert.match(letter.code, /^[a-z]+(_[a-z]+)*$/)
          assert.ok(letter.message.length > 10)
        }
      }
      const behind = await goOn('behind')
      assert.notEqual(behind, last)
      last = behind
    })
  }

  /** Goes all the way: line, event, detection, case, notice delivered, command answered. Gives the case. */
  async function goOn(when: string): Promise<string> {
    const attacker = newAttacker()
    await send(stack, 'udp', FROM.kzSsh, [rootLogin(stack.nowMs(), attacker)])
    const { caseId } = await until(`case about ${attacker} ${when} the bad records`, () =>
      seen.of('incidents').find(({ participants }) => JSON.stringify(participants).includes(attacker)),
    )
    await until(`delivered notice about ${caseId} ${when}`, () =>
      seen.of('deliveries').some((one) => one.caseId === caseId && one.state === 'delivered'),
    )
    const { code, stdout, stderr } = await stack.tocsin(['incident', 'acknowledge', caseId])
    assert.equal(code, 0, stdout + stderr)
    return caseId
  }
})

describe('what nobody should publish', () => {
  const rule = (title: string, user: string, condition = 'selection') =>
    `title: ${title}\nid: ${crypto.randomUUID()}\nstatus: test\nlogsource:\n  product: linux\n  service: sshd\ndetection:\n  selection:\n    user.name: ${user}\n  condition: ${condition}\nlevel: low\n`

  test('a broken rule file on the topic is refused with file, line and reason, and the other rules go on', async () => {
    const user = `${mark}rule`
    const files = [
      { path: 'good.yml', content: rule('Scenario rule', user) },
      { path: 'broken.yml', content: rule('Broken scenario rule', user, 'selection and nothing_of_that_name') },
      { path: 'no-yaml.yml', content: 'title: [not closed\n\tand: a tab' },
    ]
    const set = {
      ruleSetId: mark,
      version: '1',
      publishedAt: stack.nowMs(),
      publishedBy: mark,
      files,
      placeholders: {},
    }
    await kafka.put('rule-sets', mark, await kafka.encode('rule-sets', set))
    try {
      const refusal = (file: string) =>
        until(`refusal of ${file}`, () =>
          stack
            .logOf('correlation-engine')
            .split('\n')
            .find((line) => line.includes(`${mark}/${file}`)),
        )
      const log = JSON.parse(await refusal('broken.yml')) as { code: string; msg: string }
      assert.match(log.msg, new RegExp(`${mark}/broken.yml:\\d+`))
      assert.match(log.msg, /nothing_of_that_name/)
      assert.match(log.code, /^rule_/)
      assert.match(await refusal('no-yaml.yml'), new RegExp(`${mark}/no-yaml.yml:\\d+`))
      const attacker = newAttacker()
      await send(stack, 'udp', FROM.kzSsh, [failedLogin(stack.nowMs(), user), rootLogin(stack.nowMs(), attacker)])
      await until('detection of the good rule beside the broken one', () =>
        seen.of('detections').some(({ ruleName }) => ruleName === 'Scenario rule'),
      )
      await until('detection of a rule that was there before', () =>
        seen.of('detections').some(({ participants }) => JSON.stringify(participants).includes(attacker)),
      )
    } finally {
      await kafka.put('rule-sets', mark, null)
    }
  })

  test('a source of a constituent that nobody registered is refused at the door, counted, and told to the operators', async () => {
    const address = `127.4.${randomInt(256)}.${randomInt(1, 255)}`
    const source = seen.of('registry-sources').find(({ sourceId }) => sourceId === 'kz-ssh')
    const ghost = { ...source, sourceId: `${mark}ghost`, constituent: `${mark}nobody`, addresses: [address] }
    await kafka.put('registry-sources', ghost.sourceId, await kafka.encode('registry-sources', ghost))
    try {
      await until('refusal of the source', async () => {
        await send(stack, 'udp', address, [failedLogin(stack.nowMs(), `${mark}ghost`)])
        return seen
          .of('health-events')
          .some(({ code, sourceId }) => code === 'sender_unknown_constituent' && sourceId === ghost.sourceId)
      })
      const counted = await until('count of what was refused', () =>
        seen.of('source-counts').find(({ sourceId }) => sourceId === ghost.sourceId),
      )
      assert.ok(counted.refused > 0)
      assert.equal(counted.accepted, 0)
      assert.deepEqual(Object.keys(counted.reasons), ['unknown-constituent'])
      assert.equal(eventsWith(`${mark}ghost`).length, 0)
    } finally {
      await kafka.put('registry-sources', ghost.sourceId, null)
    }
  })

  test('a detection of a constituent that nobody registered is a dead letter that says so', async () => {
    const example = await until('detection', () => seen.of('detections')[0])
    const detection = { ...example, detectionId: `${mark}detection`, constituent: `${mark}nobody` }
    const { partition, offset } = await kafka.put(
      'detections',
      detection.constituent,
      await kafka.encode('detections', detection),
    )
    const letter = await letterAt('incident-manager', 'detections', partition, offset, 'an unknown body')
    assert.equal(letter.code, 'unknown_constituent')
  })
})

function letterAt(service: string, topic: string, partition: number, offset: string, what: string) {
  return until(`dead letter of ${service} for ${what} at ${topic}/${partition}/${offset}`, () =>
    seen
      .of('dead-letters')
      .find(
        (one) =>
          one.service === service &&
          one.topic === topic &&
          one.partition === partition &&
          String(one.offset) === offset,
      ),
  )
}

const keyOn = (topic: string): string => (['raw-blocks', 'events'].includes(topic) ? 'kz-ssh' : 'kz-ministry')

function sourceCount(): object {
  const counts = { received: 0, accepted: 0, refused: 0, dropped: 0, normalized: 0, rejected: 0 }
  return {
    countId: mark,
    sourceId: 'x',
    constituent: 'x',
    service: 'scenario',
    slot: '0',
    minute: Date.now(),
    ...counts,
    reasons: {},
  }
}
