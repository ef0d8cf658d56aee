import { isPrivateAddress } from '@tocsin/events'
import type { EventDraft } from '../draft.ts'
import { type Columns, splitColumns } from '../frames/columns.ts'
import type { Line } from '../parser.ts'
import { readTime } from '../time/read-time.ts'
import { type Address, readAddress, readIp, readMac, readPort, readTransport } from '../values.ts'

import { verdictOf } from './verdict.ts'

const methods = /^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|PROPPATCH|MKCOL|LOCK|UNLOCK|REPORT)$/
const requestLine = /^([A-Z]{3,12}) (\S{1,8192})(?: HTTP\/\d(?:\.\d)?)?$/
const httpVersion = /^HTTP\/\d(?:\.\d)?$/
const status = /^[1-5]\d\d$/
const absoluteUrl = /^[a-z][a-z0-9+.-]{1,10}:\/\/\S/i
const agent =
  /^(?:Mozilla|Opera|Dalvik|curl|Wget|python-requests|Go-http-client|okhttp|Java|Apache-HttpClient|Microsoft|libwww-perl)\/[\d.]/
const dnsType = /^(?:\d{1,5} \()?(A|AAAA|CNAME|MX|NS|PTR|SOA|SRV|TXT|HTTPS|SVCB|ANY|NAPTR|DS|DNSKEY|CAA)\)?$/
const dnsReply = /^(?:NOERROR|NXDOMAIN|SERVFAIL|REFUSED|FORMERR|NOTIMP)$/
const domain = /^(?=.{4,253}$)[A-Za-z0-9_](?:[\w-]{0,62})(?:\.[A-Za-z0-9_-]{1,63}){1,20}\.?$/
const dateOnly = /^(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}[-/]\d{1,2}[-/]\d{1,2})$/
const clockOnly = /^\d{1,2}:\d\d:\d\d(?:[.,]\d{1,6})?$/
const macLike = /^(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$|^(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$/

/** One address column, with a port of its own or in the next column. */
interface End extends Address {
  readonly column: number
}

/**
 * Reads a line of columns without names: what a value is, its shape and its neighbours say. Only shapes with one meaning are taken; a column whose
 * meaning its place alone would tell is left. Returns whether the line was one of columns and gave something.
 */
export function readColumnValues(line: Line, event: EventDraft): boolean {
  const columns = splitColumns(line.message)
  if (columns === undefined) return false
  const { values } = columns
  event.time ??= readColumnTime(line, values)
  const used = readEnds(columns, event)
  const web = readWeb(values, used, event)
  if (!web) readQuestion(values, event)
  readSingles(values, event)
  return true
}

/** A time in one of the first columns, or a date and a clock in two. */
function readColumnTime(line: Line, values: readonly string[]) {
  const context = { receivedAt: line.receivedAt, timeZone: line.timeZone }
  for (let at = 0; at < Math.min(values.length, 8); at++) {
    const value = values[at] ?? ''
    if (value.length < 6) continue
    if (dateOnly.test(value)) {
      const clock = values[at + 1] ?? ''
      if (clockOnly.test(clock)) return readTime(`${value} ${clock}`, context)
    } else if (/\d\d:\d\d/.test(value)) {
      const time = readTime(value, context)
      if (time !== undefined) return time
    }
  }
  return undefined
}

function readEnds({ values, delimiter }: Columns, event: EventDraft): Set<number> {
  const used = new Set<number>()
  const ends = findEnds(values, used)
  if (event.has('source.ip') || ends.length === 0) return used
  const [first, second, third] = ends
  if (second === undefined) {
    setEnd('source', first, event)
    return used
  }
  const withPorts = first?.port !== undefined && second.port !== undefined
  if (ends.length > 2 && !withPorts) {
    // Client, the address it is known by outside, server: a proxy's or a cloud gateway's columns.
    const outside =
      delimiter !== 'words' && third !== undefined && isPrivateAddress(first?.ip ?? '') && !isPrivateAddress(second.ip)
    setEnd('source', first, event)
    if (outside) {
      event.fill('source.nat.ip', second.ip)
      setEnd('destination', third, event)
    }
    return used
  }
  const swapped = withPorts && isService(first.port) && !isService(second.port)
  setEnd('source', swapped ? second : first, event)
  setEnd('destination', swapped ? first : second, event)
  if (withPorts) readTuple(values, second.column, event)
  return used
}

function findEnds(values: readonly string[], used: Set<number>): End[] {
  const ends: End[] = []
  for (let at = 0; at < values.length && ends.length < 8; at++) {
    const value = values[at] ?? ''
    if (value.length < 7 || value.length > 60) continue
    const address = readIp(value) === undefined ? readAddress(value) : { ip: value }
    if (address === undefined || address.ip === '0.0.0.0' || /\/\d{1,3}$/.test(value)) continue
    used.add(at)
    ends.push({ ...address, column: at })
  }
  const [first, second] = ends
  if (first === undefined || second === undefined || first.port !== undefined) return ends
  // `a p b p` and `a b p p`: only where both ends have one.
  const places =
    second.column === first.column + 1 ? [second.column + 1, second.column + 2] : [first.column + 1, second.column + 1]
  const [one, two] = places.map((place) => portOf(values[place]))
  if (one === undefined || two === undefined) return ends
  for (const place of places) used.add(place)
  return [{ ...first, port: one }, { ...second, port: two }, ...ends.slice(2)]
}

function portOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,5}$/.test(value) ? readPort(value) : undefined
}

function isService(port: number | undefined): boolean {
  return port !== undefined && port > 0 && port < 1024
}

/** The IANA number that a five-tuple of columns ends with. */
function readTuple(values: readonly string[], column: number, event: EventDraft): void {
  for (const place of [column + 1, column + 3]) {
    const value = values[place] ?? ''
    if (value === '6' || value === '17' || value === '1') event.fill('network.transport', readTransport(value))
  }
}

function setEnd(side: 'source' | 'destination', end: End | undefined, event: EventDraft): void {
  if (end === undefined || !event.fill(`${side}.ip`, end.ip)) return
  event.fill(`${side}.port`, end.port)
}

function readWeb(values: readonly string[], used: ReadonlySet<number>, event: EventDraft): boolean {
  let found = false
  let afterVersion = -1
  for (const [at, value] of values.entries()) {
    if (value.length < 2) continue
    const line = value.includes(' ') ? requestLine.exec(value) : null
    if (line?.[1] !== undefined && methods.test(line[1])) {
      event.fill('http.request.method', line[1])
      event.fill('url.original', line[2])
      found = true
    } else if (methods.test(value)) {
      if (event.fill('http.request.method', value)) found = true
    } else if (absoluteUrl.test(value)) {
      // Beside a method and a path, a whole URL is where the client came from.
      const isReferrer = event.has('http.request.method') && values.some((one) => one.startsWith('/'))
      if (isReferrer || !event.fill('url.original', value)) event.fill('http.request.referrer', value)
      found = true
    } else if (agent.test(value)) {
      event.fill('user_agent.original', value)
      found = true
    } else if (httpVersion.test(value) && afterVersion < 0) afterVersion = at
  }
  if (!found) return false
  if (!event.has('url.original') && event.has('http.request.method'))
    event.fill(
      'url.original',
      values.find((value) => value.startsWith('/')),
    )
  const code = values.find((value, at) => at > afterVersion && !used.has(at) && status.test(value))
  if (code !== undefined) event.fill('http.response.status_code', Number(code))
  return true
}

function readQuestion(values: readonly string[], event: EventDraft): void {
  const place = values.findIndex((value) => dnsType.test(value))
  if (place < 0) return
  const name = [...values.slice(place + 1), ...values.slice(0, place)].find(
    (value) => domain.test(value) && readIp(value) === undefined,
  )
  const reply = values.find((value) => dnsReply.test(value))
  if (name === undefined || (reply === undefined && !name.endsWith('.'))) return
  event.fill('dns.question.type', dnsType.exec(values[place] ?? '')?.[1])
  event.fill('dns.question.name', name.replace(/\.$/, ''))
  event.fill('dns.response_code', reply)
}

function readSingles(values: readonly string[], event: EventDraft): void {
  for (const value of values) {
    if (value.length < 2) continue
    if (/^[0-9A-Fa-f]{64}$/.test(value)) event.fill('file.hash.sha256', value)
    else if (/^[0-9A-Fa-f]{40}$/.test(value)) event.fill('file.hash.sha1', value)
    else if (value.length < 18 && macLike.test(value)) event.fill('source.mac', readMac(value))
    else if (/^(?:TCP|UDP|ICMP|tcp|udp|icmp)$/.test(value)) event.fill('network.transport', readTransport(value))
    else if (value.length < 16 && /^[A-Za-z]+$/.test(value) && verdictOf(value) !== undefined)
      event.fill('event.action', value.toLowerCase())
  }
}
