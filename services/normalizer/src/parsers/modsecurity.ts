import type { EventDraft } from '../draft.ts'
import type { Line, Parser } from '../parser.ts'
import { readIp } from '../values.ts'
import { readWebError } from './web-error.ts'

const bracket = /\[(id|msg|severity|hostname|uri|unique_id|tag|data|file|ver) "((?:[^"\\]|\\.){0,4096})"\]/g
const severities: Record<string, number> = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
}

/** ModSecurity in the error logs of Apache and nginx, and its audit log in JSON (2.9 `audit_data`, 3 `transaction.messages`). */
export const modsecurity: Parser = {
  name: 'modsecurity',
  log: { product: 'modsecurity', category: 'waf' },
  recognises: (line) =>
    line.frame.kind === 'json'
      ? isAudit(line)
      : line.text.includes('ModSecurity:') || /ModSecurity-?\w{0,10}:/.test(line.text.slice(0, 2000)),
  read(line, event) {
    return line.frame.kind === 'json' ? readAudit(line, event) : readError(line, event)
  },
}

function readError(line: Line, event: EventDraft): boolean {
  readWebError(line, event)
  const { text } = line
  for (const match of text.matchAll(bracket)) {
    const value = match[2] ?? ''
    if (match[1] === 'id') event.fill('rule.id', value)
    else if (match[1] === 'msg') event.fill('rule.name', value)
    else if (match[1] === 'hostname') readVisited(value, event)
    else if (match[1] === 'uri') event.fill('url.original', value)
    else if (match[1] === 'severity')
      event.fill('event.severity', severities[value.toLowerCase()] ?? Number.parseInt(value, 10))
    else if (match[1] === 'file') event.fill('rule.ruleset', value)
  }
  verdict(/Access denied|Request denied/.test(text), event)
  return true
}

/** The name that was visited; an address is the server's own (ModSecurity 3 writes that one). */
function readVisited(value: string, event: EventDraft): void {
  event.fill('url.domain', value)
  const ip = readIp(value)
  if (ip !== undefined) event.fill('destination.ip', ip)
}

function isAudit(line: Line): boolean {
  return (
    line.value('transaction.request.method') !== undefined ||
    line.value('transaction.client_ip') !== undefined ||
    line.value('transaction.remote_address') !== undefined
  )
}

function readAudit(line: Line, event: EventDraft): boolean {
  event.endpoint(
    'source',
    line.value('transaction.client_ip') ?? line.value('transaction.remote_address'),
    line.value('transaction.client_port') ?? line.value('transaction.remote_port'),
  )
  event.endpoint(
    'destination',
    line.value('transaction.host_ip') ?? line.value('transaction.local_address'),
    line.value('transaction.host_port') ?? line.value('transaction.local_port'),
  )
  const requestLine = line.value('request.request_line')
  event.set('http.request.method', line.value('transaction.request.method') ?? requestLine?.split(' ', 1)[0])
  event.set('url.original', line.value('transaction.request.uri') ?? requestLine?.split(' ', 2)[1])
  event.integer(
    'http.response.status_code',
    line.value('transaction.response.http_code') ?? line.value('response.status'),
  )
  event.set('rule.name', line.value('transaction.messages.message'))
  event.set('rule.id', line.value('transaction.messages.details.ruleId'))
  event.integer('event.severity', line.value('transaction.messages.details.severity'))
  event.set(
    'url.domain',
    line.value('transaction.request.headers.Host') ?? line.value('transaction.request.headers.host'),
  )
  event.set(
    'user_agent.original',
    line.value('transaction.request.headers.User-Agent') ?? line.value('transaction.request.headers.user-agent'),
  )
  const status = event.fields['http.response.status_code']
  verdict(status === 403 || line.value('intercepted') === 'true', event)
  return true
}

function verdict(denied: boolean, event: EventDraft): void {
  event.set('event.kind', 'alert')
  event.classify(['web', 'intrusion_detection'], [denied ? 'denied' : 'info'], denied ? 'denied' : 'detected')
}
