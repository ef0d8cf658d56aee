/** Pseudo-random numbers from a seed (mulberry32), so that a failure can be played again. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const SEEDS: readonly Buffer[] = [
  '<13>Nov 22 02:30:11 host app[12]: text',
  '<165>1 2026-11-22T02:30:11.123456+07:00 host app 812 ID47 [meta@32473 seq="1" a="\\]\\"" __proto__="x"] \ufefftext',
  '<134>Nov 22 2026 02:30:11 fw CEF:0|Vendor|Product|1|100|name\\|pipe|5|src=192.0.2.1 msg=a\\=b cs1=x',
  '<14>LEEF:2.0|Vendor|Product|1|100|^|src=192.0.2.1^dst=198.51.100.2',
  '{"@timestamp":"2026-11-22T02:30:11Z","message":"x","__proto__":{"a":1},"constructor":{"prototype":{"b":2}}}',
  'date=2026-11-22 time=02:30:11 devname="fw" type="traffic" srcip=192.0.2.1 policyid=1',
  '"a","b","c ""quoted""",1,2,3',
  '<999999999999>Nov 99 99:99:99 host text',
  '4294967296 <13>text',
  '00012 <13>text',
  '<13>\u4e2d\u6587 \ud83d\ude00 \u0422\u0435\u043a\u0441\u0442',
].map((text) => Buffer.from(text))

const INSERTS: readonly Buffer[] = [
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0x00]),
  Buffer.from([0x1b, 0x5b, 0x32, 0x4a]),
  Buffer.from('\r'),
  Buffer.from('99999999999999999999'),
  Buffer.from('['.repeat(300)),
  Buffer.from('{"a":'.repeat(200)),
  Buffer.alloc(3_000, 0x41),
]

/** Gives one hostile frame: a known shape with octets flipped, cut out, doubled or put in. May hold any octet. */
export function hostile(random: (below: number) => number): Buffer {
  let octets = Buffer.from(SEEDS[random(SEEDS.length)] as Buffer)
  for (let changes = random(5); changes > 0; changes--) {
    const at = random(octets.length + 1)
    switch (random(5)) {
      case 0:
        if (at < octets.length) octets.writeUInt8(random(256), at)
        break
      case 1:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(Math.min(octets.length, at + random(20)))])
        break
      case 2:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(Math.max(0, at - random(40)))])
        break
      case 3:
        octets = Buffer.concat([octets.subarray(0, at), INSERTS[random(INSERTS.length)] as Buffer, octets.subarray(at)])
        break
      default:
        octets = octets.subarray(0, at)
    }
  }
  return octets.length === 0 ? Buffer.from('x') : octets
}
