import type { EventDraft } from '../draft.ts'
import { readKeyValues } from '../frames/key-value.ts'
import type { Line, Pair, Parser } from '../parser.ts'
import { readTimeAt } from '../time/read-time.ts'

const stamp = /audit\((\d{9,11}\.\d{1,9}):(\d{1,12})\)/
const unsetId = '4294967295'
const authenticationTypes = /^(?:USER_AUTH|USER_LOGIN|USER_ACCT|CRED_\w+|USER_ERR|LOGIN)$/
const sessionTypes = /^USER_(?:START|END|LOGOUT)$/
/** Anomalies that the kernel or a program reports: warnings, not logs (linux/audit.h, 1700 to 1799 and 2100 to 2199). */
const anomalyTypes = /^ANOM_/
const iamTypes = /^(?:ADD_|DEL_|USER_MGMT|ACCT_LOCK|ACCT_UNLOCK|GRP_|USER_CHAUTHTOK|CHGRP_|CHUSER_)/

/** Linux audit: `type=… msg=audit(time:serial): k=v …`, and the same records gathered into one JSON object (`items`). */
export const auditd: Parser = {
  name: 'auditd',
  log: { product: 'linux', service: 'auditd' },
  recognises: ({ message, frame }) =>
    stamp.test(message.slice(0, 400)) ||
    (frame.kind === 'json' && frame.pairs.some(([key]) => key.startsWith('items.'))),
  read(line, event) {
    const pairs = line.frame.kind === 'json' ? gathered(line.frame.pairs) : line.frame.pairs
    const values = new Map<string, string>()
    for (const [key, value] of pairs) if (!values.has(key)) values.set(key, value)
    const type =
      line.frame.kind === 'json'
        ? (line.frame.pairs.find(([key]) => key.startsWith('items.'))?.[0].slice(6) ?? '')
        : (values.get('type') ?? '')
    readStamp(line, event)
    readWho(values, event)
    readProcess(values, event)
    readOther(values, event)
    classify(type, values, event)
    return true
  },
}

/** The values of all records of one event; SYSCALL and user messages first, since they name the actor. */
function gathered(pairs: readonly Pair[]): Pair[] {
  const items = pairs.filter(([key]) => key.startsWith('items.'))
  items.sort(([a], [b]) => rank(a) - rank(b))
  const found: Pair[] = []
  for (const [key, value] of items) {
    const prefix = key === 'items.PATH' ? 'path.' : ''
    for (const [name, inner] of readKeyValues(value)) found.push([prefix + name, inner])
    if (found.length > 512) break
  }
  for (const pair of pairs) if (pair[0] === 'node') found.push(pair)
  return found
}

function rank(key: string): number {
  return key === 'items.SYSCALL' ? 0 : key === 'items.PATH' || key === 'items.CWD' ? 2 : 1
}

function readStamp(line: Line, event: EventDraft): void {
  const match = stamp.exec(line.message.slice(0, 400))
  const text = match?.[1] ?? line.value('timestamp') ?? ''
  event.time = readTimeAt(text, 0, { receivedAt: line.receivedAt, timeZone: line.timeZone })?.time
  event.set('event.id', match?.[2])
}

function readWho(values: Map<string, string>, event: EventDraft): void {
  const name = [values.get('acct'), values.get('AUID'), values.get('UID')].find(
    (one) => one !== undefined && one !== 'unset' && one !== '(unknown)',
  )
  event.set('user.name', readHex(name))
  event.set('user.id', values.get('uid'))
  const loginId = values.get('auid')
  if (loginId !== unsetId) event.set('user.audit.id', loginId)
  event.set('user.effective.id', values.get('euid'))
  const address = values.get('addr') ?? values.get('laddr')
  if (address !== undefined && address !== '?') event.endpoint('source', address)
  const host = values.get('hostname')
  if (host !== undefined && host !== '?' && !event.has('source.ip')) event.endpoint('source', host)
  event.fill('host.name', values.get('node'))
}

function readProcess(values: Map<string, string>, event: EventDraft): void {
  event.integer('process.pid', values.get('pid'))
  event.integer('process.parent.pid', values.get('ppid'))
  event.set('process.executable', readHex(values.get('exe')))
  event.set('process.name', readHex(values.get('comm')))
  const argumentCount = Number(values.get('argc') ?? 0)
  const title = values.get('proctitle')
  if (argumentCount > 0 && argumentCount <= 64) {
    const parts: string[] = []
    for (let index = 0; index < argumentCount; index++) parts.push(readHex(values.get(`a${index}`)) ?? '')
    event.set('process.command_line', parts.join(' '))
  } else event.set('process.command_line', readHex(values.get('cmd')) ?? readHex(title)?.replaceAll('\0', ' '))
  event.set('process.working_directory', readHex(values.get('cwd')))
}

function readOther(values: Map<string, string>, event: EventDraft): void {
  const path = values.get('path.name') ?? (values.get('type') === 'PATH' ? values.get('name') : undefined)
  if (path?.includes('/') === true) event.set('file.path', path)
  const result = values.get('res') ?? values.get('success') ?? values.get('result')
  event.set(
    'event.outcome',
    result === undefined ? undefined : /^(?:success|yes|1)$/.test(result) ? 'success' : 'failure',
  )
}

/** auditd writes values with odd octets as hexadecimal without quotes. */
function readHex(value: string | undefined): string | undefined {
  if (value === undefined || value.length < 8 || value.length % 2 === 1 || !/^[0-9A-F]+$/.test(value)) return value
  const text = Buffer.from(value, 'hex').toString('utf8')
  return text.includes('\uFFFD') || /\p{Cc}/u.test(text.replaceAll(/[\0\t\r\n]/g, '')) ? value : text
}

function classify(type: string, values: Map<string, string>, event: EventDraft): void {
  event.set('event.action', (values.get('op') ?? type).toLowerCase())
  if (anomalyTypes.test(type)) event.set('event.kind', 'alert')
  if (type.startsWith('ANOM_LOGIN_') || authenticationTypes.test(type)) event.set('event.category', ['authentication'])
  else if (sessionTypes.test(type)) event.set('event.category', ['session'])
  else if (iamTypes.test(type)) event.set('event.category', ['iam'])
  else if (type === 'CONFIG_CHANGE') event.set('event.category', ['configuration'])
  else event.set('event.category', ['process'])
  event.set('event.type', [
    /(?:_END|_STOP|LOGOUT)$/.test(type) ? 'end' : /(?:_START|LOGIN|AUTH|EXECVE)$/.test(type) ? 'start' : 'info',
  ])
}
