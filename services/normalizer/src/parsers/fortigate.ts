import type { EventDraft } from '../draft.ts'
import type { Line, Parser } from '../parser.ts'
import { readTransport } from '../values.ts'

/** FortiGate key=value logs of FortiOS 5 to 7: traffic, utm and event. Names that FortiOS shares with others are left to the dictionary. */
export const fortigate: Parser = {
  name: 'fortigate',
  log: { product: 'fortinet', service: 'fortigate', category: 'firewall' },
  frames: ['key-value'],
  recognises: ({ frame, message }) =>
    frame.kind === 'key-value' &&
    /\bdev(?:id|name)=/.test(message.slice(0, 600)) &&
    /\blog_?id=/.test(message.slice(0, 800)) &&
    /\bsubtype=/.test(message.slice(0, 1200)),
  read(line, event) {
    const type = line.value('type')
    event.set('observer.name', line.value('devname'))
    event.set('observer.serial_number', line.value('devid'))
    event.set('event.code', line.value('logid') ?? line.value('log_id'))
    readNetwork(line, event)
    if (type === 'traffic') readTraffic(line, event)
    else if (type === 'utm' || type === 'virus' || type === 'ips' || type === 'app-ctrl' || type === 'webfilter')
      readUtm(line, event)
    else readSystem(line, event)
    return true
  },
}

function readNetwork(line: Line, event: EventDraft): void {
  event.endpoint('source', line.value('srcip') ?? line.value('src'), line.value('srcport') ?? line.value('src_port'))
  event.endpoint(
    'destination',
    line.value('dstip') ?? line.value('dst'),
    line.value('dstport') ?? line.value('dst_port'),
  )
  const protocol = line.value('proto')
  if (protocol !== undefined && protocol !== '') event.set('network.transport', readTransport(protocol))
  const service = line.value('service')?.toLowerCase()
  if (service !== undefined && /^[a-z][\w.-]{1,30}$/.test(service)) event.set('network.protocol', service)
  // FortiOS calls the translated source `transip` and its port `transport`, which elsewhere is the layer 4 protocol.
  event.endpoint('source.nat', line.value('transip'), line.value('transport'))
  event.endpoint('destination.nat', line.value('tranip'), line.value('tranport'))
  event.set('rule.id', line.value('policyid'))
}

function readTraffic(line: Line, event: EventDraft): void {
  const action = line.value('action')
  const denied = action === 'deny' || action === 'dns' || action === 'ip-conn'
  event.classify(['network'], ['connection', denied ? 'denied' : 'allowed'], denied ? 'denied' : 'allowed', 'success')
  event.set('rule.name', line.value('policyname'))
}

function readUtm(line: Line, event: EventDraft): void {
  const action = line.value('action') ?? line.value('status')
  const denied = action !== undefined && /block|deny|drop|reset|quarantine/i.test(action)
  const kind = line.value('subtype') ?? line.value('type')
  const isAttack = kind === 'ips' || kind === 'virus' || kind === 'anomaly' || kind === 'waf'
  if (isAttack) event.set('event.kind', 'alert')
  event.classify(
    kind === 'virus' ? ['malware', 'network'] : isAttack ? ['intrusion_detection', 'network'] : ['network'],
    [denied ? 'denied' : 'allowed'],
    denied ? 'denied' : 'allowed',
    'success',
  )
  event.set('rule.name', line.value('attack') ?? line.value('virus') ?? line.value('policyname'))
  event.set('url.domain', line.value('hostname'))
  const url = line.value('url')
  event.set('url.original', url)
  event.set('rule.id', line.value('attackid') ?? line.value('policyid'))
}

function readSystem(line: Line, event: EventDraft): void {
  event.endpoint(
    'source',
    line.value('remip') ?? line.value('srcip') ?? /\(([0-9A-Fa-f.:]{3,45})\)/.exec(line.value('ui') ?? '')?.[1],
  )
  const action = line.value('action')
  const status = line.value('status') ?? line.value('result')
  const text = `${action ?? ''} ${line.value('logdesc') ?? ''}`.toLowerCase()
  const isLogin = /log ?in|log ?out|authenticat|tunnel-up|ssl-new-con/.test(text)
  const failed = /fail|denied|deny|error/.test(`${status ?? ''} ${text}`)
  event.classify(
    [isLogin ? 'authentication' : 'configuration'],
    [isLogin ? 'start' : 'info'],
    action ?? line.value('logdesc'),
    failed ? 'failure' : status === undefined ? undefined : 'success',
  )
}
