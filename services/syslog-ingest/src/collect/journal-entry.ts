/** What is taken of an entry of the systemd journal. */
export interface JournalEntry {
  cursor: string
  /** The entry as an RFC 5424 message. */
  octets: Buffer
}

const NIL = '-'
/** The end of the year 9999, the last that RFC 3339 can write. */
const LATEST_MICROS = 253_402_300_799_999_000
const FACILITY_USER = 1
const SEVERITY_NOTICE = 5

/**
 * Takes one line of `journalctl -o json` (systemd.journal-fields(7)); gives its cursor and the entry as the RFC 5424 message
 * that its fields are, or null where it is no entry. A message that is no UTF-8 comes as an array of octets and stays so.
 */
export function journalEntry(line: string): JournalEntry | null {
  let fields: Record<string, unknown>
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed !== 'object' || parsed === null) return null
    fields = parsed as Record<string, unknown>
  } catch {
    return null
  }
  const cursor = fields['__CURSOR']
  if (typeof cursor !== 'string' || cursor === '') return null
  const priority =
    numberIn(fields['SYSLOG_FACILITY'], 23, FACILITY_USER) * 8 + numberIn(fields['PRIORITY'], 7, SEVERITY_NOTICE)
  const stamp = fields['_SOURCE_REALTIME_TIMESTAMP'] ?? fields['__REALTIME_TIMESTAMP']
  const micros = typeof stamp === 'string' ? Number(stamp) : 0
  const time = micros > 0 && micros < LATEST_MICROS ? new Date(micros / 1_000).toISOString() : NIL
  const host = word(fields['_HOSTNAME'], 255)
  const name = word(fields['SYSLOG_IDENTIFIER'] ?? fields['_COMM'], 48)
  const pid = word(fields['SYSLOG_PID'] ?? fields['_PID'], 128)
  const head = Buffer.from(`<${priority}>1 ${time} ${host} ${name} ${pid} - - `)
  return { cursor, octets: Buffer.concat([head, messageOf(fields['MESSAGE'])]) }
}

function messageOf(message: unknown): Buffer {
  if (typeof message === 'string') return Buffer.from(message)
  if (!Array.isArray(message)) return Buffer.alloc(0)
  return Buffer.from(message.filter((octet) => typeof octet === 'number'))
}

function numberIn(value: unknown, most: number, otherwise: number): number {
  const number = typeof value === 'string' ? Number(value) : Number.NaN
  return Number.isInteger(number) && number >= 0 && number <= most ? number : otherwise
}

/** Printable characters without spaces (RFC 5424 6); anything else becomes `_`. */
function word(value: unknown, most: number): string {
  // A field that an entry has more than once comes as an array.
  const text: unknown = Array.isArray(value) ? value[0] : value
  return typeof text === 'string' && text !== '' ? text.slice(0, most).replace(/[^\x21-\x7e]/g, '_') : NIL
}
