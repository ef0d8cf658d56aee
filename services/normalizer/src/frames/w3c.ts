import { limits } from '../limits.ts'
import type { Pair, VendorFrame } from '../parser.ts'

const directive = /^#fields:?[ \t]+(\S.{0,4096})$/i
/** Prefixes of the W3C draft (client, server, remote) as the dictionary of names spells them. */
const ends: Record<string, string> = {
  's-ip': 'serverip',
  's-port': 'serverport',
  's-host': 'destinationhostname',
  's-dns': 'destinationhostname',
  'c-dns': 'clienthostname',
  'r-ip': 'destinationip',
  'r-port': 'destinationport',
  'r-host': 'destinationhostname',
  'r-dns': 'destinationhostname',
  'cs-username': 'username',
  'x-username': 'username',
}

/** The names of the columns that a line declares (`#Fields: date time c-ip …`, Zeek's `#fields<tab>…`); undefined where it declares none. */
export function declaredColumns(line: string): readonly string[] | undefined {
  if (line.charCodeAt(0) !== 35) return undefined
  const names = directive.exec(line.trimEnd())?.[1]
  return names === undefined ? undefined : names.split(/[ \t]+/, limits.maxColumns).map((name) => ends[name] ?? name)
}

/**
 * W3C extended log (draft of 1996) and its relatives: a line of values under the names that its source declared before. Undefined where the line has another number of
 * columns, since then the names would be those of another log.
 */
export function readNamedColumns(text: string, columns: readonly string[]): VendorFrame | undefined {
  if (text.charCodeAt(0) === 35) return undefined
  const isTabbed = text.includes('\t')
  const values = isTabbed ? text.split('\t', columns.length + 1) : words(text, columns.length + 1)
  if (values.length !== columns.length) return undefined
  const pairs: Pair[] = []
  for (const [index, name] of columns.entries()) {
    const value = values[index] ?? '-'
    // Where blanks part columns a blank inside one is written `+`.
    if (value !== '-' && value !== '(empty)')
      pairs.push([name, !isTabbed && agent.test(name) ? value.replaceAll('+', ' ') : value])
  }
  return { kind: 'w3c', pairs, lead: '' }
}

const agent = /user-agent/i
const word = /"((?:[^"]|"")*)"(?=\s|$)|(\S+)/g

function words(text: string, most: number): string[] {
  const found: string[] = []
  for (const match of text.matchAll(word)) {
    found.push(match[1] ?? match[2] ?? '')
    if (found.length >= most) break
  }
  return found
}
