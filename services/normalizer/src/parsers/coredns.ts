import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'

const network = ['network']
const patterns: readonly Pattern[] = [
  {
    shape:
      /(\[?[0-9A-Fa-f.:]{2,45}\]?):(\d{1,5}) - (\d{1,6}) "([A-Z0-9]{1,10}) IN (\S{1,255}?)\.? (udp|tcp) (\d{1,6}) \w{1,5} \d{1,6}" ([A-Z]{1,12}) (\S{0,40}) (\d{1,7})/,
    names:
      'source.ip source.port dns.id dns.question.type dns.question.name network.transport source.bytes dns.response_code _ destination.bytes',
    category: network,
    type: ['protocol', 'info'],
    action: 'dns_query',
  },
  {
    shape: /plugin\/errors: (\d{1,3}) (\S{1,255}?)\.? ([A-Z0-9]{1,10}): /,
    names: 'dns.response_code dns.question.name dns.question.type',
    category: network,
    type: ['protocol', 'error'],
    action: 'dns_query',
    outcome: 'failure',
  },
]

/** CoreDNS: the `log` plugin's common format and the `errors` plugin. */
export const coredns: Parser = {
  name: 'coredns',
  log: { product: 'coredns', category: 'dns' },
  frames: ['text', 'key-value'],
  recognises: ({ message }) =>
    message.includes('plugin/errors: ') ||
    /" IN |" ?(?:NOERROR|NXDOMAIN|SERVFAIL|REFUSED) /.test(message.slice(0, 600)),
  read(line, event) {
    event.set('network.protocol', 'dns')
    return readPatterns(patterns, line.message.slice(0, 4096), event)
  },
}
