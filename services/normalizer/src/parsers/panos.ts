import type { EventDraft } from '../draft.ts'
import { readCsv } from '../frames/csv.ts'
import { setTyped } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { readTime } from '../time/read-time.ts'

const start = /(?:^|\s)\d{1,3},(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d),[\w-]{0,40},([A-Z-]{3,14}),/
/** Column numbers of the syslog CSV of PAN-OS 8 to 11, the same for TRAFFIC and THREAT up to the action. */
const sessionColumns: readonly (readonly [column: number, target: string])[] = [
  [7, 'source.ip'],
  [8, 'destination.ip'],
  [9, 'source.nat.ip'],
  [10, 'destination.nat.ip'],
  [11, 'rule.name'],
  [12, 'user.name'],
  [14, 'network.protocol'],
  [18, 'observer.ingress.interface.name'],
  [19, 'observer.egress.interface.name'],
  [22, 'network.session_id'],
  [24, 'source.port'],
  [25, 'destination.port'],
  [26, 'source.nat.port'],
  [27, 'destination.nat.port'],
  [29, 'network.transport'],
]
const trafficColumns: readonly (readonly [column: number, target: string])[] = [
  [31, 'network.bytes'],
  [32, 'source.bytes'],
  [33, 'destination.bytes'],
  [44, 'source.packets'],
  [45, 'destination.packets'],
  [52, 'observer.name'],
]

/** Palo Alto Networks PAN-OS: comma-separated columns, `TRAFFIC`, `THREAT` and the types without a session. */
export const panos: Parser = {
  name: 'panos',
  log: { product: 'paloalto', service: 'panos', category: 'firewall' },
  frames: ['text', 'key-value'],
  recognises: ({ text }) => start.test(text.slice(0, 300)),
  read(line, event) {
    const head = start.exec(line.text.slice(0, 300))
    if (head === null) return false
    const columns = readCsv(line.text.slice(head.index).trimStart().slice(0, 32_768), 128)
    const context = { receivedAt: line.receivedAt, timeZone: line.timeZone }
    event.time = readTime(columns[6] ?? '', context) ?? readTime(head[1] ?? '', context)
    event.set('observer.serial_number', columns[2])
    const type = head[2] ?? ''
    if (type === 'TRAFFIC' || type === 'THREAT') readSession(type, columns, event)
    else readOther(type, columns, event)
    return true
  },
}

function readSession(type: string, columns: string[], event: EventDraft): void {
  for (const [column, target] of sessionColumns) setColumn(target, columns[column], event)
  const action = columns[30] ?? ''
  const denied = /^(?:deny|drop|reset|block)/.test(action)
  event.classify(['network'], ['connection', denied ? 'denied' : 'allowed'], denied ? 'denied' : 'allowed', 'success')
  if (type === 'TRAFFIC') {
    for (const [column, target] of trafficColumns) setColumn(target, columns[column], event)
    return
  }
  const subtype = columns[4] ?? ''
  const threat = /^(.{0,512}?)\((\d{1,12})\)$/.exec(columns[32] ?? '')
  if (subtype === 'url') event.set('url.original', columns[31])
  else {
    event.set('event.kind', 'alert')
    event.set('file.name', columns[31])
  }
  event.set('event.code', threat?.[2])
  event.set('threat.technique.name', threat?.[1])
}

function readOther(type: string, columns: string[], event: EventDraft): void {
  event.set('event.action', type.toLowerCase())
  if (type === 'SYSTEM') {
    event.set('event.action', columns[8])
    event.set('observer.name', columns[22])
    event.set('event.reason', columns[14])
  } else if (type === 'CONFIG') {
    event.endpoint('source', columns[7])
    event.set('user.name', columns[10])
  } else if (type === 'USERID') {
    event.endpoint('source', columns[8])
    setUser(columns[9], event)
  }
  event.fill('event.category', [type === 'CONFIG' ? 'configuration' : type === 'USERID' ? 'authentication' : 'network'])
}

function setColumn(target: string, value: string | undefined, event: EventDraft): void {
  if (value === undefined || value === '' || value === '0.0.0.0') return
  if (target === 'user.name') setUser(value, event)
  else if (!(target.endsWith('nat.port') && value === '0')) setTyped(target, value, event)
}

function setUser(value: string | undefined, event: EventDraft): void {
  if (value === undefined) return
  const slash = value.lastIndexOf('\\')
  if (slash > 0) event.set('user.domain', value.slice(0, slash))
  event.set('user.name', value.slice(slash + 1))
}
