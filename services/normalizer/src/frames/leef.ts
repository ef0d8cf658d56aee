import { limits } from '../limits.ts'
import type { Pair, VendorFrame } from '../parser.ts'
import { readColumns } from './cef.ts'

/**
 * IBM Log Event Extended Format 1.0 and 2.0: `LEEF:version|vendor|product|version|event id|`, in 2.0 a delimiter column, then
 * `key=value` split at the delimiter (default tab; some senders write `^`, `|` or several spaces).
 */
export function readLeef(message: string, from: number): VendorFrame | undefined {
  const columns = readColumns(message, message.indexOf(':', from) + 1, 5)
  if (columns === undefined) return undefined
  const [version, vendor, product, , eventId] = columns.values
  let body = message.slice(columns.end)
  let delimiter = '\t'
  const declared =
    version?.startsWith('2') === true ? /^(x[0-9A-Fa-f]{2,4}|0x[0-9A-Fa-f]{2,4}|[^A-Za-z0-9]|)\|/.exec(body) : null
  if (declared !== null) {
    body = body.slice(declared[0].length)
    delimiter = readDelimiter(declared[1] ?? '')
  }
  if (!body.includes(delimiter))
    delimiter = body.includes('\t') ? '\t' : body.includes('^') ? '^' : /\|\w{1,40}=/.test(body) ? '|' : ' '
  return {
    kind: 'leef',
    pairs: split(body, delimiter),
    lead: message.slice(0, from),
    vendor: vendor ?? '',
    product: product ?? '',
    eventId: eventId ?? '',
  }
}

function readDelimiter(declared: string): string {
  const hex = /^(?:0?x)([0-9A-Fa-f]{2,4})$/.exec(declared)
  return hex?.[1] === undefined ? declared || '\t' : String.fromCharCode(Number.parseInt(hex[1], 16))
}

function split(body: string, delimiter: string): Pair[] {
  const pairs: Pair[] = []
  let last = -1
  for (const piece of body.split(delimiter, limits.maxPairs * 4)) {
    const equals = piece.indexOf('=')
    if (equals > 0 && equals < limits.maxKeyChars && /^[\w .@-]+$/.test(piece.slice(0, equals))) {
      if (pairs.length >= limits.maxPairs) break
      last = pairs.push([piece.slice(0, equals).trim(), piece.slice(equals + 1).trim()]) - 1
    } else if (delimiter === ' ' && last >= 0) {
      // With a space as delimiter a value of several words comes in pieces.
      const [key, value] = pairs[last] ?? ['', '']
      if (value.length < limits.maxValueChars) pairs[last] = [key, `${value} ${piece}`]
    }
  }
  return pairs
}
