import type { EventDraft } from '../draft.ts'
import type { Parser } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'
import { readIp } from '../values.ts'

const clockStart = /\[(?=\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:)/
const request = /^([A-Z]{2,24}) (.{1,16384}?)(?: HTTP\/(\d(?:\.\d)?))?$/s

/**
 * NCSA common and combined format and what servers add to it: virtual host before the client, several clients, fields after the user agent
 * (nginx ingress, Traefik, Tomcat). Fields are found by their place around the bracketed time and the quoted request.
 */
export const webAccess: Parser = {
  name: 'web_access',
  log: { category: 'webserver' },
  recognises: ({ message, text, frame }) =>
    frame.kind !== 'json' &&
    frame.kind !== 'cef' &&
    clockStart.test((message.includes('[') ? message : text).slice(0, 600)),
  read(line, event) {
    const text = (clockStart.test(line.message.slice(0, 600)) ? line.message : line.text).slice(0, 32_768)
    const open = text.search(clockStart)
    const time = readTimeAt(text, open + 1, { receivedAt: line.receivedAt, timeZone: line.timeZone })
    if (time === undefined) return false
    const close = text.indexOf(']', time.end)
    const quote = text.indexOf('"', close)
    if (close < 0 || quote < 0) return false
    // HAProxy: timers and counters stand between time and request, and the address before them has a port.
    if (/\s-?\d+(?:\/\+?-?\d+){2,4}\s\d{3}\s/.test(text.slice(close, quote))) return false
    event.time = time.time
    readClients(text.slice(0, open), event)
    if (!event.has('source.ip')) readClients(text.slice(close + 1, quote), event)
    const quoted = readQuoted(text, quote)
    readRequest(quoted.value, event)
    readRest(text.slice(quoted.end), event)
    return true
  },
}

/** `[vhost[:port]] client[, client…] ident user`. */
function readClients(lead: string, event: EventDraft): void {
  const words = lead.trim().split(/[\s,]+/, 64)
  const first = words.findIndex((word) => readIp(word) !== undefined || (word.startsWith('[') && word.endsWith(']')))
  if (first < 0) {
    const name = words[0]
    if (name !== undefined && /^[A-Za-z][\w.-]{1,253}$/.test(name) && words.length >= 3)
      event.set('source.domain', name)
  } else event.endpoint('source', words[first])
  const host = first > 0 ? /^([A-Za-z][\w.-]{0,253})(?::(\d{1,5}))?$/.exec(words[0] ?? '') : null
  if (host?.[1] !== undefined && words[0] !== '-') {
    event.set('url.domain', host[1])
    event.set('destination.domain', host[1])
    event.port('url.port', host[2])
  }
  const user = words[words.length - 1]
  if (words.length >= 3 && user !== undefined && readIp(user) === undefined) event.set('user.name', user)
}

function readRequest(text: string, event: EventDraft): void {
  const match = request.exec(text)
  if (match === null) {
    event.set('url.original', text)
    return
  }
  event.set('http.request.method', match[1])
  event.set('url.original', match[2])
  event.set('http.version', match[3])
}

/** `status bytes "referrer" "user agent" …` after the request; Apache's TLS log has the bytes alone. */
function readRest(rest: string, event: EventDraft): void {
  const numbers = /^\s{1,4}(\d{3}|-)\s{1,4}(\d{1,15}|-)(?=\s|$)/.exec(rest)
  if (numbers !== null) {
    event.integer('http.response.status_code', numbers[1])
    event.integer('http.response.body.bytes', numbers[2])
  } else event.integer('http.response.body.bytes', /^\s{1,4}(\d{1,15})\s*$/.exec(rest)?.[1])
  const status = event.fields['http.response.status_code']
  const failed = typeof status === 'number' && status >= 400
  event.classify(
    ['web'],
    ['access'],
    'http_request',
    typeof status !== 'number' ? undefined : failed ? 'failure' : 'success',
  )
  const referrerAt = rest.search(/["-]/)
  const texts = quotedTexts(rest, numbers === null ? referrerAt : numbers[0].length)
  const [referrer, agent] = texts
  if (agent !== undefined) {
    event.set('http.request.referrer', referrer)
    event.set('user_agent.original', agent)
  }
}

/** The quoted texts from `from` on; a bare `-` between them counts as one. */
function quotedTexts(text: string, from: number): string[] {
  const found: string[] = []
  let at = Math.max(from, 0)
  while (at < text.length && found.length < 3) {
    const char = text[at]
    if (char === '"') {
      const quoted = readQuoted(text, at)
      found.push(quoted.value)
      at = quoted.end
    } else {
      if (char === '-' && text[at - 1] === ' ' && (text[at + 1] === ' ' || at + 1 === text.length)) found.push('-')
      at++
    }
  }
  return found
}

function readQuoted(text: string, open: number): { value: string; end: number } {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 92) at++
    else if (code === 34) return { value: text.slice(open + 1, at), end: at + 1 }
  }
  return { value: text.slice(open + 1), end: text.length }
}
