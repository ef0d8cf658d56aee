import type { EventDraft } from '../draft.ts'
import type { Line, Parser } from '../parser.ts'
import { readTime } from '../time/read-time.ts'
import { readTransport } from '../values.ts'

/** Suricata EVE: one JSON object an event, `event_type` says which. */
export const suricata: Parser = {
  name: 'suricata',
  log: { product: 'suricata', service: 'eve', category: 'ids' },
  frames: ['json'],
  recognises: ({ frame, message }) =>
    frame.kind === 'json' &&
    message.includes('"event_type"') &&
    (message.includes('"flow_id"') || message.includes('"src_ip"') || message.includes('"stats"')),
  read(line, event) {
    const type = line.value('event_type')
    if (type === undefined) return false
    event.time = readTime(line.value('timestamp') ?? '', { receivedAt: line.receivedAt, timeZone: line.timeZone })
    event.endpoint('source', line.value('src_ip'), line.value('src_port'))
    event.endpoint('destination', line.value('dest_ip'), line.value('dest_port'))
    event.set('network.transport', readTransport(line.value('proto') ?? ''))
    const application = line.value('app_proto')
    if (application !== 'failed') event.set('network.protocol', application)
    event.set('observer.ingress.interface.name', line.value('in_iface'))
    // What rules on data segments look into (VN-5.2c), where the sensor is set to log it.
    event.set('packet.payload', line.value('payload'))
    event.set('packet.raw', line.value('packet'))
    readFlow(line, event)
    readType(type, line, event)
    event.fill('event.action', type)
    return true
  },
}

function readType(type: string, line: Line, event: EventDraft): void {
  if (type === 'alert' || line.value('alert.signature') !== undefined) readAlert(line, event)
  else if (type === 'flow' || type === 'netflow') event.classify(['network'], ['connection', 'end'])
  else if (type === 'anomaly') event.classify(['network'], ['info'])
  else
    event.classify(['network'], type === 'http' || type === 'dns' || type === 'tls' ? ['protocol', 'info'] : ['info'])
  if (type === 'http') event.set('event.category', ['network', 'web'])
  if (type === 'http' || type === 'dns' || type === 'tls' || type === 'ssh' || type === 'smtp')
    event.fill('network.protocol', type)
  readHttp(line, event)
  readDns(line, event)
  event.set('tls.server.server_name', line.value('tls.sni'))
  event.set('destination.domain', line.value('tls.sni') ?? line.value('http.hostname'))
  event.set('tls.server.subject', line.value('tls.subject'))
  event.set('tls.server.issuer', line.value('tls.issuerdn'))
  event.set('tls.version', line.value('tls.version'))
  event.set('file.path', line.value('fileinfo.filename'))
  event.set('user.name', line.value('ftp.user'))
}

function readAlert(line: Line, event: EventDraft): void {
  const action = line.value('alert.action')
  event.set('event.kind', 'alert')
  event.classify(['network', 'intrusion_detection'], [action === 'blocked' ? 'denied' : 'allowed'], action)
  event.set('rule.name', line.value('alert.signature'))
  event.set('rule.id', line.value('alert.signature_id'))
  event.set('rule.category', line.value('alert.category'))
  event.integer('event.severity', line.value('alert.severity'))
}

function readHttp(line: Line, event: EventDraft): void {
  event.set('http.request.method', line.value('http.http_method'))
  event.set('url.original', line.value('http.url'))
  event.set('url.domain', line.value('http.hostname'))
  event.integer('http.response.status_code', line.value('http.status'))
  event.integer('http.response.body.bytes', line.value('http.length'))
  event.set('user_agent.original', line.value('http.http_user_agent'))
  event.set('http.request.referrer', line.value('http.http_refer'))
}

function readDns(line: Line, event: EventDraft): void {
  event.set(
    'dns.question.name',
    line.value('dns.rrname') ?? line.value('dns.query.rrname') ?? line.value('dns.queries.rrname'),
  )
  event.set(
    'dns.question.type',
    line.value('dns.rrtype') ?? line.value('dns.query.rrtype') ?? line.value('dns.queries.rrtype'),
  )
  event.set('dns.response_code', line.value('dns.rcode'))
  event.set('dns.type', line.value('dns.type'))
}

function readFlow(line: Line, event: EventDraft): void {
  for (const [target, name] of [
    ['source.bytes', 'bytes_toserver'],
    ['destination.bytes', 'bytes_toclient'],
    ['source.packets', 'pkts_toserver'],
    ['destination.packets', 'pkts_toclient'],
  ] as const) {
    event.integer(target, line.value(`flow.${name}`) ?? line.value(`netflow.${name}`))
  }
}
