import type { Parser } from '../parser.ts'
import { readTransport } from '../values.ts'

/** Packet filter log of pfSense and OPNsense (pf): comma-separated, with other columns for IPv4 and IPv6. */
export const filterlog: Parser = {
  name: 'filterlog',
  log: { product: 'pfsense', service: 'filterlog', category: 'firewall' },
  frames: ['text', 'key-value'],
  recognises: ({ message }) =>
    /^(?:filterlog:? )?\d{1,6},[^,]{0,20},[^,]{0,40},[^,]{0,40},[^,]{1,20},[a-z-]{2,20},(?:block|pass|match|reject|nat|rdr|binat|scrub),/.test(
      message.slice(0, 300),
    ),
  read(line, event) {
    const columns = line.message.replace(/^filterlog:? /, '').split(',', 40)
    const isV4 = columns[8] === '4'
    const at = isV4 ? 16 : 12
    const action = columns[6] ?? ''
    const denied = action === 'block' || action === 'reject'
    event.classify(['network'], ['connection', denied ? 'denied' : 'allowed'], denied ? 'denied' : 'allowed')
    event.set('rule.id', columns[3] === '' || columns[3] === '0' ? columns[0] : columns[3])
    event.set('observer.ingress.interface.name', columns[4])
    event.set('network.direction', columns[7] === 'in' ? 'inbound' : 'outbound')
    event.set('network.transport', readTransport(columns[at] ?? ''))
    const source = isV4 ? 18 : 15
    event.integer('network.bytes', columns[source - 1])
    event.endpoint('source', columns[source])
    event.endpoint('destination', columns[source + 1])
    const hasPorts = event.fields['network.transport'] === 'tcp' || event.fields['network.transport'] === 'udp'
    event.port('source.port', hasPorts ? columns[source + 2] : undefined)
    event.port('destination.port', hasPorts ? columns[source + 3] : undefined)
    return true
  },
}
