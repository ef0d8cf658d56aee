import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'

const client = String.raw`client (?:@0x[0-9a-f]{1,16} )?([0-9A-Fa-f.:]{2,45})#(\d{1,5})(?:\/key \S{1,128})?(?: \([^)]{1,255}\))?: (?:view \S{1,64}: )?`
const network = ['network']

const patterns: readonly Pattern[] = [
  {
    shape: new RegExp(String.raw`${client}query: (\S{1,255}) IN (\S{1,12}) (\S{1,12})(?: \(([0-9A-Fa-f.:]{2,45})\))?`),
    names: 'source.ip source.port dns.question.name dns.question.type _ destination.ip',
    category: network,
    type: ['protocol', 'info'],
    action: 'dns_query',
  },
  {
    shape: new RegExp(
      String.raw`${client}(?:query|update|zone transfer|query \(cache\)|notify|update forwarding)(?: \(cache\))? '(\S{1,255}?)\/(\S{1,12})\/IN' (?:denied|refused)`,
    ),
    names: 'source.ip source.port dns.question.name dns.question.type',
    category: network,
    type: ['protocol', 'denied'],
    action: 'denied',
    outcome: 'failure',
  },
  {
    shape: new RegExp(
      String.raw`${client}(?:bad )?(?:zone transfer|update|query)[^']{0,60}'(\S{1,255}?)(?:\/(?!IN)([A-Z]{1,10}))?\/IN'`,
    ),
    names: 'source.ip source.port dns.question.name dns.question.type',
    category: network,
    type: ['protocol', 'denied'],
    outcome: 'failure',
  },
  { shape: new RegExp(client), names: 'source.ip source.port', category: network, type: ['protocol'] },
]

/** BIND 9: the query log and the security channel. */
export const bind: Parser = {
  name: 'bind',
  log: { product: 'bind', service: 'named', category: 'dns' },
  frames: ['text', 'key-value'],
  recognises: ({ message }) =>
    /(?:^|[\s:])client (?:@0x[0-9a-f]{1,16} )?[0-9A-Fa-f.:]{2,45}#\d/.test(message.slice(0, 300)),
  read(line, event) {
    event.set('network.protocol', 'dns')
    return readPatterns(patterns, line.message.slice(0, 4096), event)
  },
}
