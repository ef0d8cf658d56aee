// VN-4.2a: equipment at the Internet lines, and three kinds of sources, each with logs and warnings.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Event, RawBlock, RegistrySource } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { normalizeBlocks } from '../src/normalize-blocks.ts'
import { parsers } from '../src/parsers/index.ts'

const RECEIVED = Date.UTC(2026, 10, 22, 9, 0, 0)
const LINES = 300

/** One attack as the four devices below tell it. */
interface Attack {
  source: string
  sourcePort: number
  target: string
  targetPort: number
  name: string
  id: number
  second: number
}

const two = (value: number): string => String(value).padStart(2, '0')
const names = [
  'SQL injection attempt',
  'Web shell upload',
  'Scan of ports, slow',
  'Path "traversal"',
  'Brute force | ssh',
]

const attacks: readonly Attack[] = Array.from({ length: LINES }, (_, index) => ({
  source: index % 7 === 0 ? `2001:db8::${index.toString(16)}` : `203.0.113.${(index % 250) + 1}`,
  sourcePort: 1_024 + index,
  target: `198.51.100.${(index % 200) + 1}`,
  targetPort: [80, 443, 22, 8_443][index % 4] ?? 80,
  name: names[index % names.length] ?? '',
  id: 9_000_000 + index,
  second: index % 60,
}))

const devices: Readonly<Record<string, (attack: Attack) => string>> = {
  'Suricata EVE': ({ source, sourcePort, target, targetPort, name, id, second }) =>
    JSON.stringify({
      timestamp: `2026-11-22T08:30:${two(second)}.000001+0000`,
      event_type: 'alert',
      src_ip: source,
      src_port: sourcePort,
      dest_ip: target,
      dest_port: targetPort,
      proto: 'TCP',
      alert: { action: 'allowed', gid: 1, signature_id: id, rev: 1, signature: name, category: 'Attack', severity: 2 },
    }),
  Snort: ({ source, sourcePort, target, targetPort, name, id, second }) => {
    const side = (ip: string, port: number): string => `${ip}:${port}`
    return `<33>Nov 22 08:30:${two(second)} ids-2 snort[9]: [1:${id}:3] ${name.replaceAll(/["|]/g, '')} [Classification: Attack] [Priority: 2] {TCP} ${side(source, sourcePort)} -> ${side(target, targetPort)}`
  },
  ModSecurity: ({ source, sourcePort, target, targetPort, name, id, second }) =>
    JSON.stringify({
      transaction: {
        client_ip: source,
        client_port: sourcePort,
        host_ip: target,
        host_port: targetPort,
        time_stamp: `Sun Nov 22 08:30:${two(second)} 2026`,
        request: { method: 'GET', uri: '/search', headers: { Host: 'portal.example.org' } },
        response: { http_code: 403 },
        messages: [{ message: name, details: { ruleId: String(id), severity: '2' } }],
      },
    }),
  'a firewall in CEF': ({ source, sourcePort, target, targetPort, name, id, second }) =>
    `CEF:0|Example Networks|Border Guard|9.1|${id}|${name.replaceAll('|', '\\|')}|7|src=${source} spt=${sourcePort} dst=${target} dpt=${targetPort} proto=TCP act=blocked rt=Nov 22 2026 08:30:${two(second)} UTC`,
}

const source: RegistrySource = {
  sourceId: 'border',
  constituent: 'vn-body',
  name: 'border',
  addresses: [],
  certificateSubjects: [],
  listeners: [],
  circuit: 'outer',
  kind: 'security-device',
  sourceChannel: 'equipment',
  timeZone: 'UTC',
  charset: 'utf-8',
  formatHint: null,
  expectedIntervalSeconds: null,
  systemIds: [],
  connections: [],
  contactIds: [],
  maintainedBy: null,
  position: null,
  version: null,
  configHash: null,
  legalScope: [],
  deviceName: null,
  exercise: false,
  changedBy: 'test',
  changedAt: 0,
  reason: '',
  deleted: false,
}

function blockOf(lines: readonly string[]): RawBlock {
  return {
    blockId: '019a0000-0000-7000-8000-000000000042',
    constituent: 'vn-body',
    sourceId: 'border',
    receivedAt: RECEIVED,
    exercise: false,
    listener: 'tcp:601',
    transport: 'tcp',
    peerAddress: '192.0.2.1',
    peerPort: 514,
    clientCertificate: null,
    ingestId: 'ingest-0',
    chainSeq: 1,
    previousHash: Buffer.alloc(32),
    blockHash: Buffer.alloc(32),
    frames: lines.map((line) => ({
      octets: Buffer.from(line),
      receivedAt: RECEIVED,
      truncatedBytes: 0,
      framing: 'lf',
      collectorId: null,
      collectorSeq: null,
      possibleRepeat: false,
    })),
  }
}

async function eventsOf(lines: readonly string[]): Promise<Event[]> {
  const stage = harnessOf(
    normalizeBlocks(() => parsers, new Map([['border', source]]), 0),
    RECEIVED,
  )
  await stage.give('raw-blocks', 'border', blockOf(lines))
  return stage.written('events')
}

describe('VN-4.2a-1 equipment that analyses traffic', () => {
  for (const [device, lineOf] of Object.entries(devices)) {
    test(`VN-4.2a-1 at least 99 of 100 lines of ${device} give source and destination, signature, severity and time`, async () => {
      // Snort's text writes address and port with a colon between, which IPv6 has no place in.
      const given = attacks.filter((attack) => device !== 'Snort' || !attack.source.includes(':'))
      const events = await eventsOf(given.map(lineOf))
      const good = events.filter((event, index) => {
        const attack = given[index] as Attack
        return (
          event.source_ip === attack.source &&
          event.source_port === attack.sourcePort &&
          event.destination_ip === attack.target &&
          event.destination_port === attack.targetPort &&
          (event.rule_id ?? event.event_code) === String(attack.id) &&
          event.event_severity !== null &&
          event.occurredAt === Date.UTC(2026, 10, 22, 8, 30, attack.second)
        )
      })
      assert.equal(events.length, given.length)
      assert.ok(good.length >= 0.99 * given.length, `${good.length} of ${given.length} lines of ${device}`)
    })
  }
})

test('VN-4.2a-2 an application, a system and a security device each deliver logs and warnings, told apart by kind', async () => {
  const lines: readonly (readonly [string, string])[] = [
    ['log', '203.0.113.5 - - [22/Nov/2026:08:30:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8"'],
    ['alert', devices['ModSecurity']?.(attacks[1] as Attack) ?? ''],
    ['log', '<86>Nov 22 08:30:00 gw sshd[811]: Accepted password for root from 203.0.113.9 port 51544 ssh2'],
    [
      'alert',
      '<84>Nov 22 08:30:00 gw antivirus: {"event":{"kind":"alert"},"severity":"high","message":"malware found","file":"/tmp/x"}',
    ],
    [
      'log',
      '{"timestamp":"2026-11-22T08:30:00.000001+0000","event_type":"flow","src_ip":"203.0.113.5","src_port":1,"dest_ip":"10.0.0.1","dest_port":2,"proto":"TCP"}',
    ],
    ['alert', devices['Suricata EVE']?.(attacks[1] as Attack) ?? ''],
  ]
  const events = await eventsOf(lines.map(([, line]) => line))
  assert.deepEqual(
    events.map(({ kind }) => (kind === 'alert' ? 'alert' : 'log')),
    lines.map(([kind]) => kind),
  )
})
