import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readHeader } from '../src/header/read-header.ts'

const receivedAt = Date.UTC(2026, 0, 2, 3)
const almaty = { receivedAt, timeZone: 'Asia/Almaty' }
const utc = { receivedAt, timeZone: undefined }

interface Case {
  readonly what: string
  readonly line: string
  readonly host?: string
  readonly application?: string
  readonly at?: string
  readonly read: string
  readonly message: string
  readonly local?: true
}

const cases: readonly Case[] = [
  {
    what: 'RFC 5424 with structured data',
    line: '<34>1 2026-01-01T22:14:15.003Z gate-1 su 77 ID47 [x@1 a="b \\"c\\""] hello',
    host: 'gate-1',
    application: 'su',
    at: '2026-01-01T22:14:15.003Z',
    read: 'rfc5424',
    message: 'hello',
  },
  {
    what: 'RFC 5424 with NILVALUE time and host',
    line: '<34>1 - - su - - - hello',
    application: 'su',
    read: 'rfc5424+nil-time',
    message: 'hello',
  },
  {
    what: 'RFC 3164',
    line: '<34>Jan  1 22:14:15 gate-1 su[77]: hello',
    host: 'gate-1',
    application: 'su',
    at: '2026-01-01T22:14:15.000Z',
    read: 'rfc3164',
    message: 'hello',
  },
  {
    what: 'a missing PRI',
    line: 'Jan  1 22:14:15 gate-1 su: hello',
    host: 'gate-1',
    application: 'su',
    at: '2026-01-01T22:14:15.000Z',
    read: 'rfc3164+no-pri',
    message: 'hello',
  },
  {
    what: 'a line of December received in January',
    line: '<34>Dec 31 23:59:59 gate-1 su: hello',
    host: 'gate-1',
    application: 'su',
    at: '2025-12-31T23:59:59.000Z',
    read: 'rfc3164',
    message: 'hello',
  },
  {
    what: 'a time without zone from a source in Almaty',
    line: '<34>Jan  2 08:00:00 gate-1 su: hello',
    host: 'gate-1',
    application: 'su',
    at: '2026-01-02T03:00:00.000Z',
    read: 'rfc3164',
    message: 'hello',
    local: true,
  },
  {
    what: 'Cisco with sequence number and unsynchronised clock',
    line: '<189>4711: *Jan  1 22:14:15.100: %SYS-5-CONFIG_I: hello',
    at: '2026-01-01T22:14:15.100Z',
    read: 'rfc3164+cisco+no-host',
    message: '%SYS-5-CONFIG_I: hello',
  },
  {
    what: 'Cisco with an origin host and uptime for a time',
    line: '<189>88: rtr-1: 000123: 2w3d: %SYS-5-CONFIG_I: hello',
    host: 'rtr-1',
    read: 'rfc3164+cisco+no-time',
    message: '%SYS-5-CONFIG_I: hello',
  },
  {
    what: 'Huawei with the year after the day',
    line: '<190>Jan  1 2026 22:14:15 core-1 %%01SHELL/5/CMD(l)[1]: hello',
    host: 'core-1',
    at: '2026-01-01T22:14:15.000Z',
    read: 'rfc3164+year',
    message: '%%01SHELL/5/CMD(l)[1]: hello',
  },
  {
    what: 'FortiGate without any header',
    line: '<189>date=2026-01-01 time=22:14:15 devname="f"',
    read: 'rfc3164+no-time+no-host',
    message: 'date=2026-01-01 time=22:14:15 devname="f"',
  },
  {
    what: 'a relayed header inside a header',
    line: '<13>Jan  1 22:14:16 relay-1 <34>Jan  1 22:14:15 gate-1 su: hello',
    host: 'gate-1',
    application: 'su',
    at: '2026-01-01T22:14:15.000Z',
    read: 'rfc3164+relayed',
    message: 'hello',
  },
  {
    what: 'an application line with time and level, whose level is no host',
    line: '2026-01-01 22:14:15,548 INFO [main] hello',
    at: '2026-01-01T22:14:15.548Z',
    read: 'rfc3164+no-pri+year+no-host',
    message: 'INFO [main] hello',
  },
  { what: 'no header at all', line: 'hello world', read: 'none', message: 'hello world' },
]

describe('the transport header', () => {
  for (const one of cases) {
    test(`of ${one.what} is read and the way is named`, () => {
      const { header, end } = readHeader(one.line, one.local === true ? almaty : utc)
      assert.equal(one.line.slice(end), one.message)
      assert.equal(header.read, one.read)
      assert.equal(header.host, one.host)
      assert.equal(header.application, one.application)
      assert.equal(header.time === undefined ? undefined : new Date(header.time.at).toISOString(), one.at)
    })
  }
})
