import type { Header } from '../parser.ts'

const tagShape = /([^\s:[\]=|{}"<>,;]{1,64})(?:\[(\d{1,10})[^\]\s]{0,32}\])?(?:\(\w{1,40}\))?:(?=\s|$)/y
const spacedTagShape = /([A-Za-z][\w.()-]{0,40}(?: [\w.()-]{1,30}){1,3})\[(\d{1,10})\](?: \([^)]{1,60}\))?: /y
const bareTagShape = /([^\s:[\]=|{}"<>,;]{1,64})\[(\d{1,10})\](?:\s|$)/y
const plainShapes = [tagShape, bareTagShape]
const allShapes = [tagShape, bareTagShape, spacedTagShape]
// A chassis writes its blade before its name (`slot1/gate`), an iRule its pairs behind it (`gate,f5_irule=…`).
const hostShape = /(?:slot\d{1,2}\/)?([A-Za-z0-9_][A-Za-z0-9_.:-]{0,253})(?=\s|$|,[A-Za-z]\w{1,40}=)/y
const facilityShape =
  /(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) /y
/** First words of applications' own lines, which no host is called. */
const noHosts = new Set([
  'info',
  'error',
  'warn',
  'warning',
  'debug',
  'notice',
  'fatal',
  'severe',
  'trace',
  'accept',
  'critical',
  'crit',
  'alert',
  'log',
  'tls',
  'user',
  'last',
  'cest',
  'cet',
  'utc',
  'connection',
  'login',
  'the',
  'am',
  'pm',
])

/** Reads `name[pid]:`, `name:` or `name[pid] `; gives the index behind it, or undefined; `spaced` admits names of several words. */
export function readTag(text: string, at: number, header: Header, spaced: boolean): number | undefined {
  for (const shape of spaced ? allShapes : plainShapes) {
    shape.lastIndex = at
    const match = shape.exec(text)
    if (match?.[1] === undefined || match[1].startsWith('%')) continue
    header.application = match[1]
    if (match[2] !== undefined) header.processId = Number(match[2])
    return shape.lastIndex
  }
  return undefined
}

/**
 * Reads a host name and the tag behind it. Where neither PRI nor a BSD time vouches for a header, the word counts as a host only if a tag follows:
 * lines of applications begin with a time and a level as well.
 */
export function readHost(text: string, at: number, header: Header, trusted: boolean): number {
  hostShape.lastIndex = at
  const match = hostShape.exec(text)
  if (match?.[1] === undefined || noHosts.has(match[1].toLowerCase()) || /^\d{1,8}$/.test(match[1])) return at
  // Without PRI or BSD time `word:` is an application's own channel.
  if (!trusted && match[1].endsWith(':')) return at
  let after = skip(text, hostShape.lastIndex)
  facilityShape.lastIndex = after
  if (facilityShape.test(text)) after = skip(text, facilityShape.lastIndex)
  const tag = readTag(text, after, header, true)
  if (tag === undefined && !trusted && !/^(?:CEF:|LEEF:|\{|%|<|[a-z]+,[a-z]+)/.test(text.slice(after, after + 20)))
    return at
  if (tag === undefined && text[after] === ':') after++
  header.host = match[1].endsWith(':') ? match[1].slice(0, -1) : match[1]
  return tag ?? after
}

function skip(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}
