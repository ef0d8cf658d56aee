import type { Header } from '../parser.ts'
import { readTimeAt, type TimeContext } from '../time/read-time.ts'
import { readCiscoLead } from './cisco.ts'
import { readRfc5424 } from './rfc5424.ts'
import { readHost, readTag } from './tag.ts'

export interface HeaderAt {
  readonly header: Header
  /** Index where the message begins. */
  readonly end: number
}

const lengthShape = /\d{1,7} (?=<\d{1,3}>)/y
const priorityShape = /\s{0,8}<(\d{1,3})>/y
/** Relays on the way of one line; what stands behind more headers than that stays in the message. */
const maxRelays = 4
/** Shapes that are a vendor's frame already: no host and no tag can stand before them. */
const frameStart = /(?:CEF:\d|LEEF:\d|[{[]"?|<[A-Za-z?!]|[A-Za-z_][\w.-]{0,40}=)/y
const ciscoMnemonic = /%[A-Z][A-Z0-9_]{1,30}(?:-[A-Za-z0-9_/.]{1,30}){0,2}-\d-[A-Z0-9_]{2,50}/

/**
 * Reads the transport header of one line and says how it was read. Never refuses: what is odd stays in the message.
 * Sources: RFC 5424 6, RFC 3164 4 and 5; ingest.md §1.4 row 4 for the odd ones.
 */
export function readHeader(text: string, context: TimeContext, relays = 0): HeaderAt {
  const header: Header = { read: 'none' }
  let at = readPriority(text, skipLength(text), header)
  const modern = readRfc5424(text, at, header, context)
  if (modern !== undefined) return inner(text, modern, header, context, relays)
  const cisco = at + text.slice(at, at + 300).search(ciscoMnemonic)
  if (cisco >= at) {
    readCiscoLead(text.slice(at, cisco), header, context)
    header.read = mark('rfc3164+cisco', header)
    return { header, end: cisco }
  }
  at = readClassic(text, at, header, context)
  return inner(text, at, header, context, relays)
}

/** A length that a relay did not take off the frame (RFC 6587 3.4.1): digits, a blank, then PRI. */
function skipLength(text: string): number {
  const code = text.charCodeAt(0)
  if (code < 49 || code > 57) return 0
  lengthShape.lastIndex = 0
  return lengthShape.test(text) ? lengthShape.lastIndex : 0
}

function readPriority(text: string, from: number, header: Header): number {
  priorityShape.lastIndex = from
  const match = priorityShape.exec(text)
  if (match === null || Number(match[1]) > 191) return from
  header.priority = Number(match[1])
  return priorityShape.lastIndex
}

/** RFC 3164 and its relatives: time, host and tag, each of which may be missing. */
function readClassic(text: string, from: number, header: Header, context: TimeContext): number {
  let at = skipSpaces(text, from)
  if (text[at] === ':' && header.priority !== undefined) at = skipSpaces(text, at + 1)
  const marked = text[at] === '*' || text[at] === '.' ? at + 1 : at
  const time = readTimeAt(text, marked, context)
  if (time !== undefined) {
    header.time = time.time
    at = skipSpaces(text, time.end)
    if (text[at] === ':') at = skipSpaces(text, at + 1)
  }
  const isBsdTime = time !== undefined && !time.time.hasYear
  if (!startsFrame(text, at)) {
    const trusted = header.priority !== undefined || isBsdTime
    const tag = readTag(text, at, header, false)
    if (tag !== undefined && (trusted || header.processId !== undefined)) at = tag
    else if (trusted || time !== undefined) {
      delete header.application
      at = readHost(text, at, header, trusted)
    } else delete header.application
  }
  header.read = mark(
    time === undefined && header.priority === undefined && header.host === undefined ? 'none' : 'rfc3164',
    header,
  )
  return skipSpaces(text, at)
}

/** A relay puts its own header before the one it received; the inner one is nearer to the origin. */
function inner(text: string, from: number, outer: Header, context: TimeContext, relays: number): HeaderAt {
  const at = skipSpaces(text, from)
  const probe: Header = { read: 'none' }
  const afterPriority = readPriority(text, at, probe)
  if (afterPriority > at) {
    // A line of nothing but headers must not become a tower of calls.
    if (relays >= maxRelays) return { header: outer, end: at }
    const nested = readHeader(text.slice(afterPriority), context, relays + 1)
    const header = merge(outer, nested.header)
    return { header, end: afterPriority + nested.end }
  }
  const time = readTimeAt(text, at, context)
  // Numbers alone (an epoch, a counter) are left to the parsers: they are columns as often as times.
  if (
    time === undefined ||
    /^\d{9,}/.test(text.slice(at, at + 9)) ||
    (outer.time === undefined && outer.host === undefined)
  )
    return { header: outer, end: at }
  const nested: Header = { read: 'none' }
  const end =
    outer.application === undefined && !time.time.hasYear
      ? readClassic(text, at, nested, context)
      : skipTimeEnd(text, time.end)
  if (end === skipTimeEnd(text, time.end)) {
    if (outer.time === undefined || time.time.hasYear || !outer.time.hasYear) nested.time = time.time
    if (outer.application === undefined) return { header: merge(outer, nested), end: end }
    // The time of an application's own line stays in its message, for its parser to see.
    return { header: merge(outer, nested), end: at }
  }
  return { header: merge(outer, nested), end }
}

function merge(outer: Header, nested: Header): Header {
  return { ...outer, ...nested, read: `${outer.read}+relayed` }
}

function skipTimeEnd(text: string, from: number): number {
  const at = skipSpaces(text, from)
  return text[at] === ':' ? skipSpaces(text, at + 1) : at
}

function startsFrame(text: string, at: number): boolean {
  frameStart.lastIndex = at
  return frameStart.test(text)
}

function mark(kind: string, header: Header): string {
  if (kind === 'none') return kind
  let read = kind
  if (header.priority === undefined) read += '+no-pri'
  if (header.time === undefined) read += '+no-time'
  else if (header.time.hasYear) read += '+year'
  if (header.host === undefined) read += '+no-host'
  return read
}

export function skipSpaces(text: string, from: number): number {
  let at = from
  while (at < text.length && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++
  return at
}
