import assert from 'node:assert/strict'
import { compileCidr } from '../src/network.ts'

/** A Suricata rule taken apart: the part of the grammar that rules on addresses, ports and contents need. */
export interface SuricataRule {
  protocol: string
  source: { ip: string; port: string }
  destination: { ip: string; port: string }
  sid: number
  sigmaId: string
  dsize: string | null
  contents: Content[]
}

interface Content {
  negated: boolean
  octets: Buffer
  nocase: boolean
  offset: number
  depth: number | null
  atEnd: boolean
}

const header = /^alert (tcp-pkt|udp|icmp|ip) (\S+) (\S+) -> (\S+) (\S+) \((.*)\)$/
const address = /^(any|!?[0-9a-f.:]+(\/\d{1,3})?|\[!?[0-9a-f.:]+(\/\d{1,3})?(,!?[0-9a-f.:]+(\/\d{1,3})?)*\])$/
const port = /^(any|\d{1,5}(:\d{1,5})?|\[\d{1,5}(:\d{1,5})?(,\d{1,5}(:\d{1,5})?)*\])$/

/** Parses one rule; fails for anything that Suricata's rule language would refuse. */
export function parseSuricata(line: string): SuricataRule {
  const parts = header.exec(line)
  assert.ok(parts, `no rule: ${line}`)
  const [, protocol = '', sourceIp = '', sourcePort = '', destinationIp = '', destinationPort = '', body = ''] = parts
  for (const ip of [sourceIp, destinationIp]) assert.match(ip, address, line)
  for (const text of [sourcePort, destinationPort]) assert.match(text, port, line)
  const rule: SuricataRule = {
    protocol,
    source: { ip: sourceIp, port: sourcePort },
    destination: { ip: destinationIp, port: destinationPort },
    sid: 0,
    sigmaId: '',
    dsize: null,
    contents: [],
  }
  const options = body.match(/(?:[^;"\\]|\\.|"(?:[^"\\]|\\.)*")+;/g) ?? []
  assert.equal(options.join(''), body, 'options end with semicolons')
  for (const option of options) addOption(rule, option.slice(0, -1).trim(), line)
  assert.ok(rule.sid > 0, 'a rule has a sid')
  assert.ok(rule.protocol !== 'ip' || (sourcePort === 'any' && destinationPort === 'any'), 'ip has no ports')
  return rule
}

function addOption(rule: SuricataRule, option: string, line: string): void {
  const [, key = '', value = ''] = /^([a-z]+)(?::(.*))?$/.exec(option) ?? assert.fail(`no option: ${option}`)
  const last = rule.contents.at(-1)
  switch (key) {
    case 'msg':
      assert.match(value, /^"(?:[\x20-\x7e])+"$/)
      assert.ok(rule.contents.length === 0, 'the message comes first')
      return
    case 'content':
      rule.contents.push(contentOf(value))
      return
    case 'nocase':
      assert.ok(last, line)
      last.nocase = true
      return
    case 'offset':
      assert.ok(last && /^\d+$/.test(value), line)
      last.offset = Number(value)
      return
    case 'depth':
      assert.ok(last && /^\d+$/.test(value) && Number(value) >= last.octets.length, line)
      last.depth = Number(value)
      return
    case 'endswith':
      assert.ok(last && last.offset === 0 && last.depth === null, line)
      last.atEnd = true
      return
    case 'isdataat':
      assert.ok(last && !last.negated && value === '!1,relative', line)
      last.atEnd = true
      return
    case 'dsize':
      assert.match(value, /^(?:[<>]?\d+|\d+<>\d+)$/)
      rule.dsize = value
      return
    case 'sid':
      rule.sid = Number(value)
      return
    case 'rev':
      assert.match(value, /^\d+$/)
      return
    case 'metadata':
      rule.sigmaId = value.replace('sigma_id ', '')
      return
    default:
      assert.fail(`unknown option ${option}`)
  }
}

function contentOf(value: string): Content {
  const [, bang = '', text = ''] = /^(!?)"([^"]+)"$/.exec(value) ?? assert.fail(`no content: ${value}`)
  assert.doesNotMatch(text.replace(/\|[^|]*\|/g, ''), /[";:\\|]/, 'special characters are written in hexadecimal')
  const hex = text.replace(/\|([^|]*)\||([^|])/g, (_, bars: string | undefined, char: string | undefined) =>
    bars === undefined ? Buffer.from(char ?? '', 'latin1').toString('hex') : bars.replaceAll(' ', ''),
  )
  assert.match(hex, /^(?:[0-9A-Fa-f]{2}){1,255}$/)
  return { negated: bang === '!', octets: Buffer.from(hex, 'hex'), nocase: false, offset: 0, depth: null, atEnd: false }
}

/** What Suricata would say of a packet, by the definitions of its keywords. */
export function suricataMatches(rule: SuricataRule, event: Record<string, string | number>): boolean {
  const protocol = rule.protocol.replace('-pkt', '')
  const payload = Buffer.from(String(event['packet.payload'] ?? ''), 'base64')
  return (
    (protocol === 'ip' || protocol === event['network.transport']) &&
    inAddresses(rule.source.ip, String(event['source.ip'])) &&
    inAddresses(rule.destination.ip, String(event['destination.ip'])) &&
    inPorts(rule.source.port, Number(event['source.port'])) &&
    inPorts(rule.destination.port, Number(event['destination.port'])) &&
    inSize(rule.dsize, payload.length) &&
    rule.contents.every((content) => found(content, payload) !== content.negated)
  )
}

function inAddresses(text: string, ip: string): boolean {
  if (text === 'any') return true
  const members = text.replace(/[[\]]/g, '').split(',')
  const holds = (member: string): boolean => compileCidr(member)?.(ip) ?? assert.fail(`no network: ${member}`)
  const wanted = members.filter((member) => !member.startsWith('!'))
  const unwanted = members.filter((member) => member.startsWith('!')).map((member) => member.slice(1))
  return (wanted.length === 0 || wanted.some(holds)) && !unwanted.some(holds)
}

function inPorts(text: string, value: number): boolean {
  if (text === 'any') return true
  return text
    .replace(/[[\]]/g, '')
    .split(',')
    .some((member) => {
      const [from = 0, to = from] = member.split(':').map(Number)
      return value >= from && value <= to
    })
}

function inSize(dsize: string | null, size: number): boolean {
  if (dsize === null) return true
  const [, low, high] = /^(\d+)<>(\d+)$/.exec(dsize) ?? []
  if (low !== undefined) return size > Number(low) && size < Number(high)
  if (dsize.startsWith('>')) return size > Number(dsize.slice(1))
  return dsize.startsWith('<') ? size < Number(dsize.slice(1)) : size === Number(dsize)
}

function found({ octets, nocase, offset, depth, atEnd }: Content, payload: Buffer): boolean {
  const text = (buffer: Buffer): string => {
    const latin = buffer.toString('latin1')
    return nocase ? latin.replace(/[A-Z]/g, (char) => char.toLowerCase()) : latin
  }
  const end = depth === null ? payload.length : offset + depth
  for (let at = offset; at + octets.length <= Math.min(end, payload.length); at++) {
    if (text(payload.subarray(at, at + octets.length)) !== text(octets)) continue
    if (!atEnd || at + octets.length === payload.length) return true
  }
  return false
}
