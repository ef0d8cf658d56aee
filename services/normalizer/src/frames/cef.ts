import { limits } from '../limits.ts'
import type { Pair, VendorFrame } from '../parser.ts'

const quoted = /^"[^"]*"$/
const nextKey = /(?:^|\s)([A-Za-z0-9_][\w.:@[\]-]{0,126})=/g

/**
 * ArcSight Common Event Format, revision 25: seven header columns split at unescaped `|`, then `key=value` where a value runs to the next key.
 * Custom labels (`cs1Label=Rule cs1=x`) rename their values.
 */
export function readCef(message: string, from: number): VendorFrame | undefined {
  const columns = readColumns(message, message.indexOf(':', from) + 1, 7)
  if (columns === undefined) return undefined
  const [, vendor, product, , eventId, eventName, severity] = columns.values
  const pairs = rename(readExtension(message.slice(columns.end)))
  return {
    kind: 'cef',
    pairs,
    lead: message.slice(0, from),
    vendor: vendor ?? '',
    product: product ?? '',
    eventId: eventId ?? '',
    eventName: eventName ?? '',
    severity: severity ?? '',
  }
}

/** Splits `count` columns at `|`, honouring `\|` and `\\`; at least four must be there, since devices leave some out. */
export function readColumns(
  message: string,
  from: number,
  count: number,
): { values: string[]; end: number } | undefined {
  const values: string[] = []
  let start = from
  let escaped = false
  for (let at = from; at < message.length && values.length < count; at++) {
    const code = message.charCodeAt(at)
    if (code === 92) {
      escaped = true
      at++
    } else if (code === 124) {
      values.push(column(message.slice(start, at), escaped))
      escaped = false
      start = at + 1
    }
  }
  if (values.length < count) {
    if (values.length < 4) return undefined
    values.push(column(message.slice(start), escaped))
    start = message.length
  }
  return { values, end: start }
}

function column(text: string, escaped: boolean): string {
  return (escaped ? text.replaceAll(/\\([\\|])/g, '$1') : text).trim()
}

function readExtension(extension: string): Pair[] {
  const pairs: Pair[] = []
  nextKey.lastIndex = 0
  let match = nextKey.exec(extension)
  while (match !== null && pairs.length < limits.maxPairs) {
    const start = nextKey.lastIndex
    const key = match[1] ?? ''
    match = nextKey.exec(extension)
    const value = extension.slice(start, match === null ? extension.length : match.index).trim()
    if (value !== '') pairs.push([key, unescape(quoted.test(value) ? value.slice(1, -1) : value)])
  }
  return pairs
}

function unescape(value: string): string {
  if (!value.includes('\\')) return value
  return value.replaceAll(/\\([\\=|nr])/g, (_, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : char))
}

function rename(pairs: Pair[]): Pair[] {
  const labels = new Map<string, string>()
  for (const [key, value] of pairs) if (key.endsWith('Label')) labels.set(key.slice(0, -5), value)
  if (labels.size === 0) return pairs
  return pairs.filter(([key]) => !key.endsWith('Label')).map(([key, value]) => [labels.get(key) ?? key, value])
}
