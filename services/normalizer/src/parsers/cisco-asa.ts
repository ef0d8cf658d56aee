import type { EventDraft } from '../draft.ts'
import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Line, Parser } from '../parser.ts'
import { readAddress, readTransport } from '../values.ts'

const sysmsg = /%(?:ASA|FTD|PIX|FWSM|NGIPS)(?:-[\w/-]{1,30}?)?-(\d)-(\d{6}): ?/
// interface:address/port (translated/port) (DOMAIN\user, tag)
const end = String.raw`(?:([A-Za-z][\w.\-() ]{0,47}?):)?(\d{1,4}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,43}|[A-Za-z][\w.-]{2,100})(?:[/(](\w{1,16})\)?)?(?: ?\(([^()]{1,80})\))?(?: ?\(([^()]{1,80})\))?`
const fromTo = new RegExp(String.raw`\b(?:for|from) \(?${end}\)? to ${end}`)
const sourceDestination = new RegExp(String.raw`\bsrc ${end} dst ${end}`, 'i')
const accessList =
  /access-list (\S{1,128}) (permitted|denied|est-allowed) (\S{1,16}) (?:for user (\S{1,128}) )?([^\s/]{1,48})\/([0-9A-Fa-f.:]{3,45})\((\d{1,5})\)(?:\([^)]{1,64}\))? -> ([^\s/]{1,48})\/([0-9A-Fa-f.:]{3,45})\((\d{1,5})\)/
const icmpFlow =
  /faddr ([0-9A-Fa-f.:]{3,45})(?:\/\d{1,5})?(?: ?\(([^()]{1,80})\))? gaddr ([0-9A-Fa-f.:]{3,45})(?:\/\d{1,5})? laddr ([0-9A-Fa-f.:]{3,45})/
const transport = /\b(TCP|UDP|SCTP|ICMP|IPv6-ICMP|GRE|ESP|IGMP)\b/i
const user = /(?:[Uu]ser(?:name)? ?= ?<?|Uname: |User <|\b[Uu]ser ['"]|\buser )([^\s'"<>,:]{1,128})/g

const details: readonly Pattern[] = [
  {
    shape: /^(\S{3,45}) Accessed (?:JAVA )?URL (\S{3,45}?):(\S{1,8192})/,
    names: 'source.ip destination.ip url.original',
    type: ['connection', 'allowed'],
    action: 'allowed',
    outcome: 'success',
  },
  {
    shape: /^Access denied URL (\S{1,8192}) SRC (\S{3,45}) DEST (\S{3,45})/,
    names: 'url.original source.ip destination.ip',
    type: ['connection', 'denied'],
    action: 'denied',
    outcome: 'success',
  },
  { shape: /local-host (?:([\w.-]{1,48}):)?([0-9A-Fa-f.:]{3,45})/, names: 'observer.ingress.interface.name source.ip' },
  {
    shape: /from (?:laddr |addr )?([0-9A-Fa-f.:]{3,45}) on interface (\S{1,48})(?: to ([0-9A-Fa-f.:]{3,45}))?/,
    names: 'source.ip observer.ingress.interface.name destination.ip',
  },
  {
    shape:
      /[Uu]ser '([^']{1,128})'(?:, running '[^']{1,64}' from IP ([0-9A-Fa-f.:]{3,45}))?,? executed (?:the '|cmd: |')(.{1,4096}?)'?(?: command)?\.?$/,
    names: 'user.name source.ip process.command_line',
    category: ['configuration'],
    type: ['info'],
    action: 'command_executed',
  },
  {
    shape:
      /^Login (?:permitted|denied) from ([0-9A-Fa-f.:]{3,45})(?:\/(\d{1,5}))? to (?:([\w.-]{1,48}):)?([0-9A-Fa-f.:]{3,45})\/(\w{1,16}) for user "([^"]{0,128})"/,
    names: 'source.ip source.port observer.ingress.interface.name destination.ip network.protocol user.name',
  },
  {
    shape: /^User authentication \w{1,16}: (?:IP(?: address)?[:=] ?)([0-9A-Fa-f.:]{3,45}), Uname: (\S{1,128})/,
    names: 'source.ip user.name',
  },
]

/** Services that the device writes instead of a port number. */
const portsByName: Record<string, string> = {
  ssh: '22',
  telnet: '23',
  domain: '53',
  http: '80',
  www: '80',
  ntp: '123',
  snmp: '161',
  https: '443',
  syslog: '514',
}

/** Ids whose event is about a person, with the outcome that the id itself means. */
const logins: Record<string, 'success' | 'failure'> = {
  '113004': 'success',
  '113005': 'failure',
  '113006': 'failure',
  '113008': 'success',
  '113012': 'success',
  '113015': 'failure',
  '113021': 'failure',
  '113039': 'success',
  '605004': 'failure',
  '605005': 'success',
  '611101': 'success',
  '611102': 'failure',
  '716001': 'success',
  '716038': 'success',
  '716039': 'failure',
  '722051': 'success',
  '734001': 'success',
  '109005': 'success',
  '109006': 'failure',
}

/** Cisco ASA, FTD, PIX and FWSM: read by the shape of the sentence, with the message id for what the sentence leaves open. */
export const ciscoAsa: Parser = {
  name: 'cisco_asa',
  log: { product: 'cisco', service: 'asa', category: 'firewall' },
  frames: ['text', 'key-value'],
  recognises: ({ message }) => sysmsg.test(message.slice(0, 200)),
  read(line, event) {
    const head = sysmsg.exec(line.message.slice(0, 200))
    if (head === null) return false
    const id = head[2] ?? ''
    const text = line.message.slice(head.index + head[0].length, 8192)
    event.set('event.code', id)
    event.integer('event.severity', head[1])
    event.set('event.category', ['network'])
    if (id.startsWith('4300')) readFtd(id, line, event)
    else if (!readFlow(text, event)) readPatterns(details, text, event)
    readVerdict(id, text, event)
    readPeople(id, text, event)
    return true
  },
}

function readFlow(text: string, event: EventDraft): boolean {
  const list = accessList.exec(text)
  if (list !== null) {
    event.set('rule.name', list[1])
    event.set('network.transport', readTransport(list[3] ?? ''))
    event.set('user.name', list[4])
    event.endpoint('source', list[6], list[7])
    event.endpoint('destination', list[9], list[10])
    setInterfaces(list[5], list[8], event)
    return true
  }
  const icmp = icmpFlow.exec(text)
  if (icmp !== null) {
    event.set('network.transport', text.includes('ICMPv6') ? 'ipv6-icmp' : 'icmp')
    event.endpoint('destination', icmp[1])
    event.endpoint('source', icmp[4])
    if (icmp[3] !== icmp[4]) event.endpoint('source.nat', icmp[3])
    setUser(icmp[2], event)
    return true
  }
  const match = sourceDestination.exec(text) ?? fromTo.exec(text)
  if (match === null) return false
  // "Built outbound … for remote to local": the initiator stands second.
  const outbound = text.startsWith('Built outbound')
  readEnd(outbound ? 'destination' : 'source', match, 1, event)
  readEnd(outbound ? 'source' : 'destination', match, 6, event)
  if (outbound) setInterfaces(match[6], match[1], event)
  else setInterfaces(match[1], match[6], event)
  const onInterface = /on interface (\S{1,48})/.exec(text)?.[1]
  if (!event.has('observer.ingress.interface.name')) event.set('observer.ingress.interface.name', onInterface)
  event.set('network.transport', readTransport(transport.exec(text)?.[1] ?? ''))
  event.integer('network.bytes', / bytes (\d{1,15})/.exec(text)?.[1])
  event.set('rule.name', /by access-group "?([^"\s]{1,128})/.exec(text)?.[1])
  if (/due to DNS/.test(text)) event.set('network.protocol', 'dns')
  return true
}

function readEnd(side: 'source' | 'destination', match: RegExpExecArray, at: number, event: EventDraft): void {
  const address = match[at + 1]
  const port = match[at + 2]
  event.endpoint(side, address, port === undefined ? undefined : (portsByName[port] ?? port))
  for (const extra of [match[at + 3], match[at + 4]]) {
    if (extra === undefined) continue
    const translated = readAddress(extra.replace('/', ':')) ?? readAddress(extra)
    if (translated === undefined) {
      const port = /^[\w.-]{3,100}\/(\d{1,5})$/.exec(extra)?.[1]
      if (port === undefined) setUser(extra, event)
      else if (port !== match[at + 2]) event.port(`${side}.nat.port`, port)
      continue
    }
    if (translated.ip !== address) event.set(`${side}.nat.ip`, translated.ip)
    if (translated.port !== undefined && String(translated.port) !== match[at + 2])
      event.set(`${side}.nat.port`, translated.port)
  }
}

function setUser(text: string | undefined, event: EventDraft): void {
  if (text === undefined || /^type |^no |^any$/.test(text)) return
  const name = text.split(',', 1)[0] ?? ''
  const slash = name.lastIndexOf('\\')
  if (slash > 0) {
    event.set('user.domain', name.slice(0, slash))
    event.set('user.name', name.slice(slash + 1))
  }
}

function setInterfaces(ingress: string | undefined, egress: string | undefined, event: EventDraft): void {
  event.set('observer.ingress.interface.name', ingress)
  event.set('observer.egress.interface.name', egress)
}

function readVerdict(id: string, text: string, event: EventDraft): void {
  if (event.has('event.type')) return
  if (/^Built|^Offloaded/.test(text))
    event.classify(
      ['network'],
      id === '302013' || id.startsWith('3020') ? ['connection', 'start', 'allowed'] : ['connection', 'start'],
      'allowed',
      'success',
    )
  else if (/^Teardown|terminated|Session disconnected/i.test(text))
    event.classify(['network'], ['connection', 'end'], 'connection_ended')
  else if (/\b(?:den(?:y|ied)|discarded|dropped|blocked|refused)\b/i.test(text))
    event.classify(['network'], ['connection', 'denied'], 'denied', 'success')
  else if (/\b(?:permitted|allowed)\b/i.test(text))
    event.classify(['network'], ['connection', 'allowed'], 'allowed', 'success')
  else event.fill('event.type', ['info'])
}

function readPeople(id: string, text: string, event: EventDraft): void {
  const outcome = logins[id]
  if (outcome !== undefined) event.classify(['authentication'], ['start'], 'login', outcome)
  if (id.startsWith('4300')) return
  if (!event.has('user.name')) {
    for (const match of text.matchAll(user)) {
      if (/^(?:IP|from|authentication|at|attribute|for|=)$/.test(match[1] ?? '')) continue
      event.set('user.name', match[1])
      break
    }
  }
  if (!event.has('source.ip'))
    event.endpoint(
      'source',
      /(?:\buser IP ?= ?|\bIP ?= ?<?|\bIP <|\bAddr |\bIP address: |\bpeer[: ]{1,2})([0-9A-Fa-f.:]{3,45})/i
        .exec(text)?.[1]
        ?.replace(/[.:]$/, ''),
    )
}

/** 430001 to 430005 carry `Key: value` pairs, which the dictionary of names reads; only the verdict is Cisco's own. */
function readFtd(id: string, line: Line, event: EventDraft): void {
  const action = line.value('AccessControlRuleAction') ?? line.value('FileAction') ?? line.value('InlineResult')
  const denied = action !== undefined && /block|drop|reset/i.test(action)
  const verdict = denied ? 'denied' : 'allowed'
  if (id === '430001') {
    event.set('event.kind', 'alert')
    event.classify(['intrusion_detection'], ['info'], 'intrusion-detected')
    event.set('rule.name', line.value('Message'))
  } else if (id === '430004') event.classify(['file'], ['info'], 'file-detected')
  else if (id === '430005') event.classify(['malware', 'file'], ['info'], 'malware-detected')
  else event.classify(['network'], ['connection', id === '430002' ? 'start' : 'end', verdict], verdict)
  const name = line.value('User')
  if (name !== 'No Authentication Required' && name !== 'Unknown') event.set('user.name', name)
  else event.set('user.name', undefined)
  const application = line.value('ApplicationProtocol')
  if (application !== undefined) event.set('network.protocol', application.toLowerCase())
}
