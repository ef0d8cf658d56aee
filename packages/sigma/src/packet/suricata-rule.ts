import type { Predicate, Test } from '../predicate.ts'
import { allPorts, complement, intersection, lastPort, type PortRanges } from './port-ranges.ts'
import type { Segment } from './segment.ts'

/** Why a rule cannot be said in Suricata's language. */
export class NotExportable extends Error {}

/** What one Suricata rule asks: gathered from predicates that must hold together. */
export class SuricataParts {
  private protocol: string | null = null
  private readonly addresses = { source: new AddressPart(), destination: new AddressPart() }
  private readonly ports: Record<'source' | 'destination', PortRanges> = { source: allPorts, destination: allPorts }
  private leastOctets = 0
  private mostOctets = Number.POSITIVE_INFINITY
  private readonly contents: string[] = []
  /** True when nothing can satisfy the parts together. */
  impossible = false

  /** Adds one predicate. Throws NotExportable for what Suricata cannot ask. */
  add({ field, test }: Predicate, negated: boolean): void {
    switch (field) {
      case 'source.ip':
      case 'destination.ip':
        this.addresses[field === 'source.ip' ? 'source' : 'destination'].add(addressOf(field, test), negated)
        return
      case 'source.port':
      case 'destination.port': {
        const side = field === 'source.port' ? 'source' : 'destination'
        const ranges = portsOf(field, test)
        this.ports[side] = intersection(this.ports[side], negated ? complement(ranges) : ranges)
        return
      }
      case 'network.transport':
        this.addProtocol(test, negated)
        return
      case 'packet.payload':
        this.addPayload(test, negated)
        return
      default:
        throw new NotExportable(`Suricata does not know the field ${field ?? '(keyword)'}`)
    }
  }

  /** Writes the rule; the header's protocol is for single packets, because segments are those of one packet. */
  write(options: readonly string[]): string {
    const { source, destination } = this.addresses
    if (this.impossible || [this.ports.source, this.ports.destination].some((ranges) => ranges.length === 0)) return ''
    const dsize = this.dsize()
    const needsTransport =
      this.contents.length > 0 ||
      dsize !== null ||
      this.ports.source !== allPorts ||
      this.ports.destination !== allPorts
    if (this.protocol === null && needsTransport)
      throw new NotExportable('ports and payloads need network.transport to be tcp or udp')
    const header = [
      'alert',
      this.protocol === 'tcp' ? 'tcp-pkt' : (this.protocol ?? 'ip'),
      source.text(),
      portText(this.ports.source),
      '->',
      destination.text(),
      portText(this.ports.destination),
    ].join(' ')
    const [message = '', ...rest] = options
    const all = [message, ...(dsize === null ? [] : [dsize]), ...this.contents, ...rest]
    return `${header} (${all.map((option) => `${option};`).join(' ')})`
  }

  private addProtocol(test: Test, negated: boolean): void {
    if (test.kind !== 'equals' || negated || !['tcp', 'udp', 'icmp'].includes(test.text))
      throw new NotExportable('network.transport must be tcp, udp or icmp')
    if (this.protocol !== null && this.protocol !== test.text) this.impossible = true
    this.protocol = test.text
  }

  private addPayload(test: Test, negated: boolean): void {
    if (test.kind === 'octets') this.addOctets(test.operator, test.value, negated)
    else if (test.kind === 'segment') this.addSegment(test.segment, negated)
    else if (test.kind !== 'exists' || negated)
      throw new NotExportable('packet.payload can be asked for segments and octets only')
  }

  private addOctets(operator: string, value: number, negated: boolean): void {
    if (!Number.isInteger(value)) throw new NotExportable('a number of octets is whole')
    if (operator === 'eq' && negated) throw new NotExportable('Suricata cannot exclude one size')
    const isLeast = (operator === 'gt' || operator === 'gte') !== negated
    const closed = (operator === 'gte' || operator === 'lte') !== negated
    if (operator === 'eq' || isLeast)
      this.leastOctets = Math.max(this.leastOctets, operator === 'eq' || closed ? value : value + 1)
    if (operator === 'eq' || !isLeast)
      this.mostOctets = Math.min(this.mostOctets, operator === 'eq' || closed ? value : value - 1)
    if (this.leastOctets > this.mostOctets) this.impossible = true
  }

  private dsize(): string | null {
    const { leastOctets: least, mostOctets: most } = this
    if (least === most) return `dsize:${least}`
    if (most === Number.POSITIVE_INFINITY) return least === 0 ? null : `dsize:>${least - 1}`
    return least === 0 ? `dsize:<${most + 1}` : `dsize:${least - 1}<>${most + 1}`
  }

  private addSegment(segment: Segment, negated: boolean): void {
    const octets = segment.hex.length / 2
    if (octets > 255) throw new NotExportable('a content of Suricata has at most 255 octets')
    if (segment.depth !== null && segment.depth < octets) {
      // It can never be found: nothing matches, or nothing is excluded.
      if (!negated) this.impossible = true
      return
    }
    const parts = [`content:${negated ? '!' : ''}"${contentText(segment.hex)}"`]
    if (segment.nocase) parts.push('nocase')
    if (segment.offset > 0) parts.push(`offset:${segment.offset}`)
    if (segment.depth !== null) parts.push(`depth:${segment.depth}`)
    if (segment.endswith) {
      const isPlain = segment.offset === 0 && segment.depth === null
      if (!isPlain && negated) throw new NotExportable('a negated segment at the end cannot also have a place')
      parts.push(isPlain ? 'endswith' : 'isdataat:!1,relative')
    }
    this.contents.push(parts.join('; '))
  }
}

/** Addresses of one side: at most one that must be, any number that must not. */
class AddressPart {
  private wanted: string | null = null
  private readonly unwanted: string[] = []

  add(address: string, negated: boolean): void {
    if (negated) this.unwanted.push(`!${address}`)
    else if (this.wanted === null || this.wanted === address) this.wanted = address
    else throw new NotExportable('one address cannot lie in two networks at once in Suricata')
  }

  text(): string {
    const [first] = this.unwanted
    if (first === undefined) return this.wanted ?? 'any'
    if (this.wanted === null && this.unwanted.length === 1) return first
    return `[${[...(this.wanted === null ? [] : [this.wanted]), ...this.unwanted].join(',')}]`
  }
}

function addressOf(field: string, test: Test): string {
  if (test.kind === 'cidr') return test.network
  if (test.kind === 'equals' && /^[0-9a-f.:]+$/.test(test.text)) return test.text
  throw new NotExportable(`${field} must be an address or a network`)
}

function portsOf(field: string, test: Test): PortRanges {
  const number =
    test.kind === 'number' || test.kind === 'compare'
      ? test.value
      : test.kind === 'equals'
        ? Number(test.text)
        : Number.NaN
  if (!Number.isFinite(number)) throw new NotExportable(`${field} must be a number or a band`)
  const band = (from: number, to: number): PortRanges => (from > to ? [] : intersection(allPorts, [[from, to]]))
  if (test.kind !== 'compare') return Number.isInteger(number) ? band(number, number) : []
  switch (test.operator) {
    case 'gt':
      return band(Math.floor(number) + 1, lastPort)
    case 'gte':
      return band(Math.ceil(number), lastPort)
    case 'lt':
      return band(0, Math.ceil(number) - 1)
    case 'lte':
      return band(0, Math.floor(number))
  }
}

function portText(ranges: PortRanges): string {
  const texts = ranges.map(([from, to]) => (from === to ? String(from) : `${from}:${to}`))
  if (texts.length === 1) return texts[0] === `0:${lastPort}` ? 'any' : (texts[0] ?? 'any')
  return `[${texts.join(',')}]`
}

/** Letters, digits and spaces between them as they are, every other octet in hexadecimal between bars. */
function contentText(hex: string): string {
  let text = ''
  let bars: string[] = []
  const close = (): void => {
    if (bars.length > 0) text += `|${bars.join(' ')}|`
    bars = []
  }
  for (let i = 0; i < hex.length; i += 2) {
    const pair = hex.slice(i, i + 2)
    const char = String.fromCharCode(Number.parseInt(pair, 16))
    if (/[A-Za-z0-9]/.test(char)) {
      close()
      text += char
    } else bars.push(pair.toUpperCase())
  }
  close()
  return text
}
