import type { EventDraft } from '../draft.ts'
import { readTime, type TimeContext } from '../time/read-time.ts'
import { readAddress, readInteger, readMac, readPort, readTransport } from '../values.ts'
import type { NameRule } from './names.ts'

const hostShape = /^[A-Za-z0-9_*][A-Za-z0-9_.:*-]{0,253}$/
const methods =
  /^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT|SEARCH)$/i
const dnsTypes =
  /^(?:A|AAAA|ANY|AXFR|CAA|CNAME|DNSKEY|DS|HINFO|HTTPS|IXFR|MX|NAPTR|NS|NSEC|NSEC3|NULL|PTR|RRSIG|SOA|SPF|SRV|SSHFP|SVCB|TLSA|TXT|TYPE\d{1,5})$/i
const success = /^(?:success(?:ful(?:ly)?)?|succeeded|ok|true|1|pass(?:ed)?|accepted|yes)$/i
const failure = /^(?:fail(?:ed|ure)?|false|0|denied|rejected|error|no)$/i
const hashLength: Record<string, number> = { 'file.hash.sha256': 64, 'file.hash.sha1': 40, 'file.hash.md5': 32 }
const bareDomain = /^(?=.{4,253}$)(?:[A-Za-z0-9_-]{1,63}\.){1,20}[A-Za-z]{2,24}$/
const notProtocols = new Set([
  'other',
  'unknown',
  'unassigned',
  'none',
  'any',
  'incomplete',
  'n/a',
  'not-applicable',
  'ip',
  'ipv4',
  'ipv6',
])

/** Sets the rule's field from a written value if the value is one of its kind and the field is still free; says whether it did. */
export function fillValue(rule: NameRule, written: string, event: EventDraft, context: TimeContext): boolean {
  const { target } = rule
  const value = written.trim()
  switch (rule.kind) {
    case 'address':
      return fillAddress(target, value, event)
    case 'port':
      return event.fill(target, readPort(value))
    case 'integer':
      return event.fill(target, readInteger(value))
    case 'mac':
      return event.fill(target, readMac(value))
    case 'transport':
      return event.fill(target, readTransport(value))
    case 'protocol':
      return fillProtocol(target, value, event)
    case 'user':
      return fillUser(value, event)
    case 'url':
      return fillUrl(target, value, event)
    case 'method':
      return methods.test(value) && event.fill(target, value.toUpperCase())
    case 'status':
      return /^[1-5]\d\d$/.test(value) && event.fill(target, Number(value))
    case 'time':
    case 'other-time':
      return fillTime(value, event, context)
    case 'list':
      return fillMail(target, value, event)
    case 'outcome':
      return event.fill(target, success.test(value) ? 'success' : failure.test(value) ? 'failure' : undefined)
    case 'hash':
      return fillHash(target, value, event)
    case 'host':
      return hostShape.test(value) && !/^\d+$/.test(value) && event.fill(target, value)
    case 'dnstype':
      return dnsTypes.test(value) && event.fill(target, value.toUpperCase())
    case 'executable':
      return fillExecutable(value, event)
    case 'interface':
      return value.length <= 64 && event.fill(target, value)
    case 'text':
      if (target === 'event.action') return fillAction(value, event)
      // What devices call a file is a name or a whole path.
      return event.fill(target === 'file.name' && /[\\/]/.test(value) ? 'file.path' : target, value)
    default:
      return rule.kind satisfies never
  }
}

/** `target` is a side (`source`) or a field that ends in `.ip`; a port beside the address is kept. */
function fillAddress(target: string, value: string, event: EventDraft): boolean {
  const field = target.endsWith('.ip') ? target : `${target}.ip`
  const side = field.slice(0, -3)
  const address = readAddress(value) ?? readAddress(value.slice(value.indexOf('/', value.indexOf('/') + 1) + 1))
  if (address === undefined) {
    const mac = readMac(value)
    if (mac !== undefined) return event.fill(`${side}.mac`, mac) && false
    if (side === 'source' || side === 'destination') {
      if (/^[A-Za-z][\w-]*(?:\.[\w-]+)+$/.test(value) && value.length < 254) event.fill(`${side}.domain`, value)
    }
    return false
  }
  if (!event.fill(field, address.ip)) return false
  if (address.port !== undefined) event.fill(`${side}.port`, address.port)
  return true
}

function fillProtocol(target: string, value: string, event: EventDraft): boolean {
  // `tcp/https`, `dns/udp`: the transport beside it is another field.
  const name = value
    .toLowerCase()
    .replace(/^(https?)\/\d(?:\.\d)?$/, '$1')
    .replace(/^(?:tcp|udp)\/(?=[a-z])|(?<=[a-z])\/(?:tcp|udp)$/, '')
  if (notProtocols.has(name) || readTransport(name) !== undefined || !/^[a-z][\w./+-]{0,31}$/.test(name)) return false
  return event.fill(target, name)
}

function fillUser(value: string, event: EventDraft): boolean {
  if (value.length > 256 || value.includes('="') || value.includes(' uid=') || readAddress(value) !== undefined)
    return false
  const slash = value.lastIndexOf('\\')
  if (slash > 0 && slash < value.length - 1 && !event.has('user.name')) {
    event.fill('user.domain', value.slice(0, slash).replace(/\\+$/, ''))
    return event.fill('user.name', value.slice(slash + 1))
  }
  return event.fill('user.name', value)
}

function fillTime(value: string, event: EventDraft, context: TimeContext): boolean {
  if (event.time !== undefined) return true
  const time = readTime(value, context)
  if (time === undefined) return false
  event.time = time
  return true
}

/** A number is a code and no action; a method belongs to its request. */
function fillAction(value: string, event: EventDraft): boolean {
  if (/^[\d.]+$/.test(value)) return false
  if (methods.test(value) && value === value.toUpperCase()) return event.fill('http.request.method', value) && false
  return event.fill('event.action', value)
}

function fillUrl(target: string, value: string, event: EventDraft): boolean {
  if (bareDomain.test(value)) return event.fill('url.domain', value)
  return /^(?:\/|[a-z][a-z0-9+.-]{1,15}:\/\/|[\w.-]{2,253}[/:])/i.test(value) && event.fill(target, value)
}

function fillMail(target: string, value: string, event: EventDraft): boolean {
  if (!value.includes('@') && !target.startsWith('email.from')) return false
  const found = value.match(/[^\s<>,;"']{1,128}@[^\s<>,;"'()]{1,253}/g)
  if (found === null) return false
  return event.fill(target, found.slice(0, 64))
}

function fillHash(target: string, value: string, event: EventDraft): boolean {
  const labelled = /(?:^|[,;\s])(?:SHA256|SHA1|MD5)[=:]/i.test(value)
  if (labelled) {
    for (const [, name, hash] of value.matchAll(/(SHA256|SHA1|MD5)[=:]([0-9A-Fa-f]{32,64})/gi))
      event.fill(`file.hash.${(name ?? '').toLowerCase()}`, hash)
    return true
  }
  if (!/^[0-9A-Fa-f]{32,64}$/.test(value)) return false
  const own =
    value.length === hashLength[target]
      ? target
      : Object.keys(hashLength).find((name) => hashLength[name] === value.length)
  return own !== undefined && event.fill(own, value)
}

function fillExecutable(value: string, event: EventDraft): boolean {
  if (!event.fill('process.executable', value)) return false
  const name = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1)
  event.fill('process.name', name)
  return true
}
