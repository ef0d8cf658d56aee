import { decode } from './decode.ts'
import { EventDraft } from './draft.ts'
import { detectFrame } from './frames/detect.ts'
import { embeddedLine } from './frames/embedded.ts'
import { readNamedColumns } from './frames/w3c.ts'
import { readHeader } from './header/read-header.ts'
import { classify } from './mapping/classify.ts'
import { readColumnValues } from './mapping/column-values.ts'
import { readDateAndTime } from './mapping/date-and-time.ts'
import { finish } from './mapping/finish.ts'
import { readFreeText } from './mapping/free-text.ts'
import { readGeneric } from './mapping/generic.ts'
import { readLeadingTime } from './mapping/leading-time.ts'
import { mapPairs } from './mapping/map-pairs.ts'
import { readWarning } from './mapping/warning.ts'
import type { Frame, FrameKind, Header, Line, NormalizeResult, Parser, TimeFrom, VendorFrame } from './parser.ts'
import { parserOfHint } from './parsers/hints.ts'

/** How many lines may stand one inside another (a container's JSON around a syslog line around JSON). */
const maxEmbedding = 3

/**
 * One received frame to one event. Pure and total: any octets give an event, except none at all. Layers: decode, transport header, vendor frame,
 * message detail, dictionary of names, prose; each keeps what those before it found, and says in `tocsin.quality` what it could not do.
 *
 * @param parsers the formats in the order tried; a hint of the source moves one to the front.
 */
export function normalizeFrame(frame: Frame, parsers: readonly Parser[]): NormalizeResult {
  const { text, flags } = decode(frame.octets, frame.source.charset)
  if (text.trim() === '')
    return {
      kind: 'rejected',
      code: 'empty_frame',
      message: 'The frame holds no character that could be kept; the sender should be checked.',
    }
  const event = new EventDraft()
  for (const flag of flags) event.flag(flag)
  const { header, parser, structured } = readLayers(text, frame, parsers, event, 0)
  if (parser === undefined && !structured && !hasDetail(event)) event.flag('unrecognised')
  finish(event)
  const timeFrom: TimeFrom = event.time !== undefined ? 'line' : header.time !== undefined ? 'header' : 'received'
  const occurredAt = event.time?.at ?? header.time?.at ?? frame.receivedAt
  return { kind: 'event', fields: event.fields, occurredAt, timeFrom, parser }
}

/** The whole line first: what the header reader took for a header's time may be the line's own first columns. */
function namedColumns(text: string, message: string, columns: readonly string[]): VendorFrame | undefined {
  return readNamedColumns(text, columns) ?? readNamedColumns(message, columns)
}

interface Layers {
  readonly header: Header
  readonly parser: string | undefined
  /** Whether the vendor's frame was read: names and values are known then, even where none has a place in ECS. */
  readonly structured: boolean
}

function readLayers(text: string, frame: Frame, parsers: readonly Parser[], event: EventDraft, depth: number): Layers {
  const context = { receivedAt: frame.receivedAt, timeZone: frame.source.timeZone }
  const { header, end } = readHeader(text, context)
  const message = text.slice(end)
  const named =
    frame.source.columns === undefined || depth > 0 ? undefined : namedColumns(text, message, frame.source.columns)
  const vendorFrame = named ?? detectFrame(message, header)
  const line = makeLine(text, message, header, vendorFrame, frame)
  if (depth === 0) keepHeader(header, message, text, event)
  else keepInnerHeader(header, event)
  const parser = readDetail(line, parsers, event)
  const inner = parser === undefined && depth < maxEmbedding ? embeddedLine(vendorFrame) : undefined
  if (inner !== undefined) {
    const found = readLayers(inner, frame, parsers, event, depth + 1)
    if (event.time === undefined && found.header.time !== undefined) event.time = found.header.time
    fillRest(line, found.parser, event)
    return { header, parser: found.parser, structured: true }
  }
  fillRest(line, parser, event)
  return { header, parser, structured: vendorFrame.kind !== 'text' }
}

function readDetail(line: Line, parsers: readonly Parser[], event: EventDraft): string | undefined {
  const hinted = line.hint === undefined ? undefined : parserOfHint(line.hint, parsers)
  if (hinted !== undefined && tryParser(hinted, line, event)) return hinted.name
  for (const parser of parsersOfKind(parsers, line.frame.kind))
    if (parser !== hinted && tryParser(parser, line, event)) return parser.name
  return undefined
}

const byKind = new WeakMap<readonly Parser[], Map<FrameKind, readonly Parser[]>>()

/** The parsers that can read a kind of frame, in their order; found once for each list of parsers. */
function parsersOfKind(parsers: readonly Parser[], kind: FrameKind): readonly Parser[] {
  let kinds = byKind.get(parsers)
  if (kinds === undefined) {
    kinds = new Map()
    byKind.set(parsers, kinds)
  }
  let found = kinds.get(kind)
  if (found === undefined) {
    found = parsers.filter(({ frames }) => frames === undefined || frames.includes(kind))
    kinds.set(kind, found)
  }
  return found
}

function tryParser(parser: Parser, line: Line, event: EventDraft): boolean {
  if (!parser.recognises(line)) return false
  if (!parser.read(line, event)) {
    event.flag('detail_unread')
    return false
  }
  event.source(parser.log)
  event.set('tocsin.parser', parser.name)
  return true
}

/** What no parser has named: by the dictionary, by the shape of columns, by the words of prose; last, the class that follows. */
function fillRest(line: Line, parser: string | undefined, event: EventDraft): void {
  const context = { receivedAt: line.receivedAt, timeZone: line.timeZone }
  const { kind, pairs } = line.frame
  event.time ??= readDateAndTime(line)
  mapPairs(pairs, event, context, line.header.time !== undefined)
  readGeneric(line, event)
  let columns = false
  if (kind === 'text' || kind === 'key-value') {
    columns = kind === 'text' && parser === undefined && readColumnValues(line, event)
    if (!columns) readFreeText(line.message, event)
    if (event.time === undefined && line.header.time === undefined) event.time = readLeadingTime(line)
  }
  if (parser === undefined) readWarning(line, event)
  const isProse = parser === undefined && kind === 'text' && !columns
  classify(event, isProse ? line.message : undefined, line.frame.eventName)
}

function keepHeader(header: Header, message: string, text: string, event: EventDraft): void {
  event.set('message', message === '' ? text : message)
  event.set('tocsin.header', header.read)
  if (header.priority !== undefined) {
    event.set('log.syslog.priority', header.priority)
    event.set('log.syslog.facility.code', header.priority >> 3)
    event.set('log.syslog.severity.code', header.priority & 7)
  }
  event.set('log.syslog.hostname', header.host)
  event.set('log.syslog.msgid', header.messageId)
  keepInnerHeader(header, event)
}

function keepInnerHeader(header: Header, event: EventDraft): void {
  event.fill('host.name', header.host)
  event.fill('process.name', header.application)
  event.fill('process.pid', header.processId)
}

const headerFields = /^(?:message|host\.name|process\.name|process\.pid|event\.kind|observer\.name|tocsin\..*|log\..*)$/

/** Whether anything beyond the transport header was found. */
export function hasDetail(event: EventDraft): boolean {
  for (const name in event.fields) if (!headerFields.test(name)) return true
  return false
}

function makeLine(text: string, message: string, header: Header, frame: VendorFrame, received: Frame): Line {
  let whole: Map<string, string> | undefined
  let tails: Map<string, string> | undefined
  return {
    text,
    message,
    header,
    frame,
    receivedAt: received.receivedAt,
    timeZone: received.source.timeZone,
    hint: received.source.hint,
    value(key) {
      whole ??= firstOfEach(frame)
      const found = whole.get(key)
      if (found !== undefined) return found
      tails ??= tailsOf(frame)
      return tails.get(key)
    },
  }
}

function firstOfEach(frame: VendorFrame): Map<string, string> {
  const index = new Map<string, string>()
  for (const [key, value] of frame.pairs) if (!index.has(key)) index.set(key, value)
  return index
}

/** Dotted keys by their last member, and by their last two; the first pair of a name wins. */
function tailsOf(frame: VendorFrame): Map<string, string> {
  const index = new Map<string, string>()
  for (const [key, value] of frame.pairs) {
    const dot = key.lastIndexOf('.')
    if (dot <= 0) continue
    const last = key.slice(dot + 1)
    if (!index.has(last)) index.set(last, value)
    const before = key.lastIndexOf('.', dot - 1)
    if (before <= 0) continue
    const two = key.slice(before + 1)
    if (!index.has(two)) index.set(two, value)
  }
  return index
}
