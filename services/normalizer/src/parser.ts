/**
 * The small interface of the normalizer's core: octets of one received frame in, flat ECS fields out.
 * Nothing here reads a clock, a disk or a network: the same frame gives the same event for ever.
 */
import type { EventDraft } from './draft.ts'

/** What the registry of sources says about the sender of a frame. */
export interface SourceSettings {
  /** IANA name (`Asia/Almaty`), fixed offset (`+05:00`) or zone letters; applied where the line names no zone. Default UTC. */
  readonly timeZone?: string
  /** Charset label (`utf-8`, `windows-1251`, `big5`, `rk1048`, `tcvn`, …). Default UTF-8. */
  readonly charset?: string
  /** A parser's name, or a device label that `parsers/index.ts` maps to one; that parser is tried first, never alone. */
  readonly hint?: string
  /** Names of the columns that the source declared last (`#Fields:`). */
  readonly columns?: readonly string[]
}

/** One frame as the listener cut it from the wire. */
export interface Frame {
  readonly octets: Buffer
  /** Instant of receipt, UTC milliseconds. */
  readonly receivedAt: number
  readonly source: SourceSettings
}

export type FieldValue = string | number | boolean | string[]

/** Flat ECS object with a null prototype: dotted names, no nesting, bounded by `limits.ts`. */
export type Fields = Record<string, FieldValue>

/** One instant as a line gives it. */
export interface LineTime {
  /** UTC milliseconds. */
  readonly at: number
  /** Whether the line itself names the year, and the zone; what it does not name comes from receipt and source. */
  readonly hasYear: boolean
  readonly hasZone: boolean
}

/** What the transport header said. Absent members were not there (NILVALUE counts as not there). */
export interface Header {
  /** How it was read, recorded as `tocsin.header`: `rfc5424`, `rfc3164`, `rfc3164+cisco`, `no-pri`, `none`, … */
  read: string
  priority?: number
  time?: LineTime
  host?: string
  /** Application or tag, and the process id beside it. */
  application?: string
  processId?: number
  messageId?: string
  /** Parameters of RFC 5424 structured data. */
  structuredData?: Pair[]
}

/** A key and its value as the vendor wrote them; keys of nested formats are dotted paths. */
export type Pair = readonly [key: string, value: string]

export type FrameKind = 'cef' | 'leef' | 'json' | 'xml' | 'key-value' | 'w3c' | 'text'

/** The vendor's frame around the detail: its kind, and the values that it holds. */
export interface VendorFrame {
  readonly kind: FrameKind
  readonly pairs: Pair[]
  /** CEF and LEEF header columns. */
  readonly vendor?: string
  readonly product?: string
  readonly eventId?: string
  readonly eventName?: string
  readonly severity?: string
  /** Text before the frame began, such as a tag that the header reader left. */
  readonly lead: string
}

/** One line after the first two layers; what a parser looks at. */
export interface Line {
  readonly text: string
  /** What follows the transport header. */
  readonly message: string
  readonly header: Header
  readonly frame: VendorFrame
  readonly receivedAt: number
  readonly timeZone: string | undefined
  readonly hint: string | undefined
  /** The first value of a key of the vendor frame, exactly as written; undefined where absent. */
  value(key: string): string | undefined
}

/** The log source as Sigma rules name it. */
export interface LogSource {
  readonly product?: string
  readonly service?: string
  readonly category?: string
}

/** One message format: one file, one line in `parsers/index.ts`, one folder of samples. */
export interface Parser {
  readonly name: string
  readonly log: LogSource
  /** The kinds of frame that can hold the format; all of them where not given. Lines of other kinds never reach `recognises`. */
  readonly frames?: readonly FrameKind[]
  /** A cheap test on header and frame; it may look at the message but runs for every line. */
  recognises(line: Line): boolean
  /** Fills what it finds and returns true, or returns false and has set nothing when the shape is not its own. */
  read(line: Line, event: EventDraft): boolean
}

/** An event, or a refusal when nothing at all could be kept. */
export type NormalizeResult =
  | {
      readonly kind: 'event'
      readonly fields: Fields
      readonly occurredAt: number
      readonly timeFrom: TimeFrom
      readonly parser: string | undefined
    }
  | { readonly kind: 'rejected'; readonly code: RejectionCode; readonly message: string }

/** Where `occurredAt` came from; `received` means that the line named no time. */
export type TimeFrom = 'line' | 'header' | 'received'

export type RejectionCode = 'empty_frame'
