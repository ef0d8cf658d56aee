import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { limits } from '../src/limits.ts'
import { normalizeFrame } from '../src/normalize.ts'
import type { NormalizeResult } from '../src/parser.ts'
import { parsers } from '../src/parsers/index.ts'

const samples = join(import.meta.dirname, 'samples')
const lines = readdirSync(samples).flatMap((name) =>
  readdirSync(join(samples, name))
    .filter((file) => file.endsWith('.log'))
    .map((file) => readFileSync(join(samples, name, file))),
)

function normalize(octets: Buffer, charset?: string): NormalizeResult {
  return normalizeFrame(
    { octets, receivedAt: Date.UTC(2026, 2, 15), source: charset === undefined ? {} : { charset } },
    parsers,
  )
}

function assertBounded(result: NormalizeResult): void {
  if (result.kind === 'rejected') return
  assert.equal(Object.getPrototypeOf(result.fields), null)
  assert.ok(Object.keys(result.fields).length <= limits.maxFields + 2)
  assert.ok(Number.isFinite(result.occurredAt))
  for (const value of Object.values(result.fields))
    if (typeof value === 'string') assert.ok(value.length <= limits.maxMessageChars)
}

/** Least CPU time of three runs, since other processes share the machine. */
function costMs(octets: Buffer): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage()
    assertBounded(normalize(octets))
    const used = process.cpuUsage(before)
    least = Math.min(least, (used.user + used.system) / 1000)
  }
  return least
}

test('random octets never throw and stay within the bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => assertBounded(normalize(Buffer.from(octets)))),
    { numRuns: 2000 },
  )
})

test('sample lines with octets changed, cut or doubled never throw and stay within the bounds', () => {
  const mutation = fc.record({
    line: fc.nat(lines.length - 1),
    at: fc.nat(2000),
    octet: fc.nat(255),
    cut: fc.boolean(),
    double: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let octets: Buffer = Buffer.from(lines[mutations[0]?.line ?? 0] ?? '')
      for (const { at, octet, cut, double } of mutations) {
        if (octets.length === 0) break
        octets[at % octets.length] = octet
        if (cut) octets = octets.subarray(0, at % octets.length)
        if (double) octets = Buffer.concat([octets, octets.subarray(at % Math.max(octets.length, 1))])
      }
      assertBounded(normalize(octets))
    }),
    { numRuns: 3000 },
  )
})

const hostile: Record<string, string> = {
  'a JSON object of 100,000 keys': `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
  'JSON nested 1,000 deep': `{"a":${'{"a":'.repeat(1000)}1${'}'.repeat(1001)}`,
  'JSON lists nested 10,000 deep': `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
  'XML nested 10,000 deep': `<Event>${'<a>'.repeat(10_000)}`,
  'a line of 1 MB': 'a'.repeat(1_048_576),
  'a line of 1 MB of spaces': ` ${' '.repeat(1_048_576)}x`,
  'key=value pairs without end': 'k=v '.repeat(20_000),
  'delimited pairs that are no pairs': `a=1, b=2, ${'(a='.repeat(20_000)}`,
  'quotes that never close': 'a="b\' c="'.repeat(7000),
  'brackets that never close': `<34>1 2026-01-01T00:00:00Z h a p m ${'[a b="'.repeat(10_000)}`,
  'a CEF extension of equal signs': `CEF:0|a|b|c|d|e|f|${'a=='.repeat(20_000)}`,
  'columns without end': `1,2026/01/01 00:00:00,1,TRAFFIC,${','.repeat(60_000)}`,
  'an sshd name that looks like its own tail': `<38>Jan  1 00:00:00 h sshd[1]: Failed password for invalid user ${'a from '.repeat(9000)}`,
  'an ASA sentence of words': `%ASA-6-302013: Built inbound TCP connection for ${'outside:'.repeat(8000)}`,
  'web request quotes': `192.0.2.1 - - [14/Mar/2026:08:42:00 +0000] ${'"\\" '.repeat(15_000)}`,
  'digits and dots': '1.2.3.4:5 '.repeat(6000),
  'hex and colons': 'from a:b:c:d:'.repeat(5000),
  'addresses of no role': ': ::'.repeat(15_000),
  'headers inside headers without end': '<13>'.repeat(60_000),
  'headers of RFC 5424 inside each other': '<13>1 - - - - - - '.repeat(12_000),
}

for (const [what, text] of Object.entries(hostile)) {
  // They take 5 to 40 ms; an expression that is not linear takes minutes. The bound holds on any machine.
  test(`${what} gives an event and hangs nothing`, () => {
    assert.ok(costMs(Buffer.from(text)) < 5_000)
    assert.ok(costMs(Buffer.from(`<34>Jan  1 00:00:00 h app: ${text}`)) < 5_000)
  })
}

test('a key named __proto__ is a key like any other and changes nothing', () => {
  const result = normalize(
    Buffer.from(
      '{"__proto__":{"source.ip":"192.0.2.1","toString":"x"},"constructor":{"prototype":{"polluted":1}},"src_ip":"192.0.2.2"}',
    ),
  )
  assert.equal(result.kind, 'event')
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('octets that are not UTF-8 are kept as far as they can be read and flagged', () => {
  const result = normalize(
    Buffer.concat([
      Buffer.from('<38>Mar 14 08:30:15 gate-1 sshd[1]: Failed password for '),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(' from 192.0.2.1 port 1 ssh2'),
    ]),
  )
  assert.ok(result.kind === 'event')
  assert.deepEqual(result.fields['tocsin.quality'], ['invalid_octets'])
  assert.equal(result.fields['source.ip'], '192.0.2.1')
})

/** windows-1258 has vowels with their hats, and tones as marks of their own. */
function toneApart(name: string): string {
  return name.replaceAll('ễ', 'ê\u0303')
}

for (const [charset, name] of [
  ['windows-1251', 'Айгүл'.replace('ү', 'у')],
  ['rk1048', 'Айгүл'],
  ['koi8-r', 'Мария'],
  ['big5', '功許蓋'],
  ['gb18030', '王小明'],
  ['tcvn', 'Nguyễn'],
  ['viscii', 'Nguyễn'],
  ['windows-1258', 'Nguyễn'],
] as const) {
  test(`a user named in ${charset} is read in that charset, before the line is split`, () => {
    const result = normalize(
      iconv.encode(
        `<134>Mar 14 08:30:15 gate-1 app: event=login user="${charset === 'windows-1258' ? toneApart(name) : name}" src=192.0.2.1`,
        charset,
      ),
      charset,
    )
    assert.ok(result.kind === 'event')
    assert.equal(result.fields['user.name'], name)
    assert.equal(result.fields['source.ip'], '192.0.2.1')
  })
}

test('a line of 200,000 characters is read to its end; its fields are bounded, and what was cut is said', () => {
  const long = JSON.stringify({ msg: 'x'.repeat(200_000), src_ip: '203.0.113.9', user: 'an.nguyen' })
  const result = normalize(Buffer.from(`<13>Nov 22 08:59:58 app-1 portal: ${long}`))
  assert.ok(result.kind === 'event')
  assert.equal(result.fields['source.ip'], '203.0.113.9')
  assert.equal(result.fields['user.name'], 'an.nguyen')
  assert.deepEqual(result.fields['tocsin.quality'], ['value_truncated'])
  const beyond = normalize(Buffer.from(`<13>Nov 22 08:59:58 app-1 portal: ${'x'.repeat(300_000)} src=203.0.113.9`))
  assert.ok(beyond.kind === 'event' && String(beyond.fields['tocsin.quality']).includes('message_truncated'))
})

test('an empty frame is refused with its code, since nothing of it can be kept', () => {
  for (const octets of [Buffer.alloc(0), Buffer.from('\r\n'), Buffer.from('  \0')]) {
    const result = normalize(octets)
    assert.ok(result.kind === 'rejected')
    assert.equal(result.code, 'empty_frame')
  }
})
