import type { EventDraft } from '../draft.ts'
import { readAddress, readIp, readMac, readPort, readTransport } from '../values.ts'

const ipText = String.raw`\[?(?:(?:::ffff:)?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,39})\]?`
const arrow = new RegExp(
  String.raw`(${ipText})(?:[:/(](\d{1,5})\)?)? {0,2}(?:->|=>|-->) {0,2}(${ipText})(?:[:/(](\d{1,5})\)?)?`,
)
/** `10.0.0.1 203.0.113.9 dns/udp 54321 53`: addresses, transport and ports in a row. */
const tuple = new RegExp(
  String.raw`(?:^|\s)(${ipText}) (${ipText}) (?:[\w-]{1,24}\/)?(tcp|udp) (\d{1,5}) (\d{1,5})(?=\s|$)`,
  'i',
)
const roles: readonly (readonly [side: 'source' | 'destination', shape: RegExp])[] = [
  [
    'source',
    new RegExp(
      String.raw`\b(?:from|src|source|client|rhost|remote|peer|by|attacker|offender|initiator)(?: (?:ip|IP|host|address|addr|peer|client|user))?[ :=]{1,3}['"<(@[]{0,2}(?:ipv[46]:|inet:)?(${ipText})(?:(?:[:/#]| port |,port=|\()(\d{1,5})\b)?`,
      'i',
    ),
  ],
  [
    'destination',
    new RegExp(
      String.raw`\b(?:to|dst|destination|server|dest|target)(?: (?:ip|IP|host|address|addr|server))?[ :=]{1,3}['"<(@]{0,2}(?:ipv[46]:|inet:)?(${ipText})(?:(?:[:/#]| port |\()(\d{1,5})\b)?`,
      'i',
    ),
  ],
]
/** `(name[address])`, the peer of a service. */
const parenthesised = new RegExp(String.raw`\([\w.:-]{1,253}\[(${ipText})\]\)`)
const anyAddress = new RegExp(String.raw`(?:^|[\s=('"<,[:@])(${ipText})(?:[:#](\d{1,5}))?(?=$|[\s,;)'">\]:.#/])`, 'g')
const request =
  /"?\b(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND) (\S{1,8192}?)(?: HTTP\/\d(?:\.\d)?)(?=["\s]|$)/
const users: readonly RegExp[] = [
  /\b(?:invalid user|illegal user|unknown user|for user|user name|username|user|login|account)(?: was)?[ :=]{1,3}['"<[(`]([^\s'"<>[\]()`,;]{1,128})['">\])`]/i,
  /\b(?:invalid user|illegal user|for user|username|user)(?: ?[:=] ?| )([A-Za-z0-9_][^\s'"<>[\]()`,;:]{0,127})(?= (?:from|by|on|at|via|with|failed|logged|authenticated|authentication|has|is|in|not|does|was|refused|denied|rejected|accepted|logs)\b|[,;.]?$)/i,
  /^\[([\w.@-]{1,64})\] (?:FAIL|OK) [A-Z]/,
  /- USER ([\w.@-]{1,64})[ :(]/,
  /\bby (?:user )?([A-Za-z_][\w.-]{0,63}) (?:on|from) (?=\S{0,40}\d{1,3}\.\d{1,3}\.)/,
  /\b(?:password|publickey|login|authentication failure|authentication failed|session (?:opened|closed)) for ['"]?(?:user )?([^\s'"<>[\]()`,;:]{1,128})['"]? from\b/i,
]
/** `user [DOMAIN]\\[name]`, as Samba and Windows services write it. */
const domainUser = /\buser(?:name)? \[([\w.-]{0,64})\]\\{1,2}\[([\w.$@-]{1,128})\]/i
/** A hardware address with the word that makes it the peer's (`DHCPACK on … to 02:…`). */
const hardware = /\b(?:to|from|for|mac|client|station|sta|host)[ =:]{1,3}((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})\b/i
const notUsers = new Set([
  'acl',
  'policy',
  'rule',
  'firewall',
  'peer',
  'host',
  'server',
  'client',
  'remote',
  'address',
  'request',
  'user',
  'from',
  'by',
  'on',
  'at',
  'name',
  'and',
  'authentication',
  'unknown',
  'not',
  'the',
  'is',
  'was',
  'has',
  'in',
  'with',
  'for',
  'a',
  'an',
  'login',
  'password',
  'failed',
  'account',
  'access',
  'id',
])
const transportWord = /\b(?:proto(?:col)?[ =:]{1,2})?\b(TCP|UDP|ICMP|tcp|udp|icmp|ICMPv6|IPv6-ICMP)\b/

/**
 * Last resort for prose: takes only what its neighbouring words give a role (`from a`, `to b`, `a:1 -> b:2`, `user x`, `"GET /x HTTP/1.1"`). A single address
 * in a line without such a word is its source: lines of services name the peer. Fills, never overwrites.
 */
export function readFreeText(text: string, event: EventDraft): void {
  const head = text.length > 4096 ? text.slice(0, 4096) : text
  const hadAddress = event.has('source.ip') || event.has('destination.ip')
  if (!hadAddress) readAddresses(head, event)
  if (!event.has('http.request.method') && !event.has('url.original')) readRequest(head, event)
  if (!event.has('user.name')) readUser(head, event)
  if (!event.has('source.mac') && head.includes(':')) event.fill('source.mac', readMac(hardware.exec(head)?.[1] ?? ''))
  if (!event.has('network.transport') && event.has('source.port') && event.has('destination.port'))
    event.fill('network.transport', readTransport(transportWord.exec(head)?.[1] ?? ''))
}

function readAddresses(text: string, event: EventDraft): void {
  if (!/\d\.\d|:\w{0,4}:/.test(text)) return
  const pair = text.includes('>') ? arrow.exec(text) : null
  if (pair !== null && fillSide('source', pair[1], pair[2], event)) {
    fillSide('destination', pair[3], pair[4], event)
    return
  }
  const row = tuple.exec(text)
  if (row !== null && fillSide('source', row[1], row[4], event)) {
    fillSide('destination', row[2], row[5], event)
    event.fill('network.transport', readTransport(row[3] ?? ''))
    return
  }
  for (const [side, shape] of roles) {
    const match = shape.exec(text)
    if (match !== null) fillSide(side, match[1], match[2], event)
  }
  if (event.has('source.ip') || event.has('destination.ip')) return
  const peer = parenthesised.exec(text)
  if (peer !== null && fillSide('source', peer[1], undefined, event)) return
  const seen = new Map<string, string | undefined>()
  for (const match of text.matchAll(anyAddress)) {
    const ip = readIp((match[1] ?? '').replaceAll(/[[\]]/g, ''))
    if (ip !== undefined && ip !== '::' && !seen.has(ip)) seen.set(ip, match[2])
    if (seen.size > 1) return
  }
  for (const [ip, port] of seen) fillSide('source', ip, port, event)
}

function fillSide(side: string, ip: string | undefined, port: string | undefined, event: EventDraft): boolean {
  const address = readAddress((ip ?? '').replaceAll(/[[\]]/g, ''))
  if (address === undefined || !event.fill(`${side}.ip`, address.ip)) return false
  if (port !== undefined) event.fill(`${side}.port`, readPort(port))
  return true
}

function readRequest(text: string, event: EventDraft): void {
  const match = request.exec(text)
  if (match === null) return
  event.fill('http.request.method', match[1])
  event.fill('url.original', match[2])
}

function readUser(text: string, event: EventDraft): void {
  const qualified = domainUser.exec(text)
  if (qualified !== null) {
    event.fill('user.domain', qualified[1])
    event.fill('user.name', qualified[2])
    return
  }
  for (const shape of users) {
    const name = shape.exec(text)?.[1]
    if (name === undefined || notUsers.has(name.toLowerCase()) || readAddress(name) !== undefined) continue
    event.fill('user.name', name)
    return
  }
}
