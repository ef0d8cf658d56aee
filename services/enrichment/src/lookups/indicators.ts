import type { Event, Indicator, IndicatorMatch } from '@tocsin/events'
import { parseAddress, parseBlock, prefixOf } from '../address.ts'
import type { Lookup } from '../lookup.ts'

const MAX_HITS = 20

/**
 * Indicators by type and value. A domain hits its subdomains too; an address hits by itself and by block. Expired and
 * withdrawn ones do not hit; validity is asked for the event's time.
 */
export class IndicatorIndex {
  readonly #byValue = new Map<string, Map<string, Indicator>>()
  readonly #keyById = new Map<string, string>()
  /** Block lengths in use, by family. */
  readonly #lengths: Record<4 | 6, Set<number>> = { 4: new Set(), 6: new Set() }
  #changes = 0

  get version(): string {
    return String(this.#changes)
  }

  /** Takes the newest record of an indicator; null or revoked takes it away. A value that is none is left out. */
  put(indicatorId: string, indicator: Indicator | null): void {
    this.#changes++
    const before = this.#keyById.get(indicatorId)
    if (before !== undefined) this.#byValue.get(before)?.delete(indicatorId)
    this.#keyById.delete(indicatorId)
    if (indicator === null || indicator.revoked || indicator.verification === 'rejected') return
    const key = this.#keyOf(indicator)
    if (key === null) return
    this.#keyById.set(indicatorId, key)
    const entries = this.#byValue.get(key) ?? new Map<string, Indicator>()
    this.#byValue.set(key, entries.set(indicatorId, indicator))
  }

  #keyOf(indicator: Indicator): string | null {
    switch (indicator.type) {
      case 'ip':
      case 'cidr': {
        const block = parseBlock(indicator.value)
        if (block === null) return null
        this.#lengths[block.family].add(block.bits)
        return `ip/${block.family}/${block.bits}/${block.base}`
      }
      default:
        return `${indicator.type}/${indicator.value.toLowerCase()}`
    }
  }

  /** Indicators that an address hits. */
  ofAddress(ip: string): Iterable<Indicator> {
    const address = parseAddress(ip)
    if (address === null) return []
    const { family } = address
    return [...this.#lengths[family]].flatMap((bits) => this.#values(`ip/${family}/${bits}/${prefixOf(address, bits)}`))
  }

  /** Indicators that a domain or one of its parents hits. */
  ofDomain(domain: string): Iterable<Indicator> {
    const labels = domain.toLowerCase().replace(/\.$/, '').split('.').slice(-12)
    const hits: Indicator[] = []
    for (let start = 0; start < labels.length - 1; start++)
      hits.push(...this.#values(`domain/${labels.slice(start).join('.')}`))
    return hits
  }

  /** Indicators of a URL or a hash, by equality. */
  ofValue(type: 'url' | 'hash', value: string): Iterable<Indicator> {
    return this.#values(`${type}/${value.toLowerCase()}`)
  }

  #values(key: string): Indicator[] {
    return [...(this.#byValue.get(key)?.values() ?? [])]
  }
}

const ADDRESS_FIELDS = [
  ['source.ip', 'source_ip'],
  ['destination.ip', 'destination_ip'],
] as const
const DOMAIN_FIELDS = [
  ['dns.question.name', 'dns_question_name'],
  ['url.domain', 'url_domain'],
  ['destination.domain', 'destination_domain'],
  ['tls.client.server_name', 'tls_client_server_name'],
] as const
const HASH_FIELDS = [
  ['file.hash.sha256', 'file_hash_sha256'],
  ['file.hash.md5', 'file_hash_md5'],
] as const

/** Hits on the lists of things known bad (VN-4.3a), strongest first, at most 20. */
export function indicatorLookup(index: IndicatorIndex): Lookup {
  return {
    name: 'indicators',
    version: () => index.version,
    apply(event, tail) {
      const hits: IndicatorMatch[] = []
      const take = (field: string, found: Iterable<Indicator>) => {
        for (const indicator of found) if (isValid(indicator, event)) hits.push(hitOf(field, indicator))
      }
      for (const [ecs, name] of ADDRESS_FIELDS) if (event[name] !== null) take(ecs, index.ofAddress(event[name]))
      for (const [ecs, name] of DOMAIN_FIELDS) if (event[name] !== null) take(ecs, index.ofDomain(event[name]))
      for (const [ecs, name] of HASH_FIELDS) if (event[name] !== null) take(ecs, index.ofValue('hash', event[name]))
      if (event.url_original !== null) take('url.original', index.ofValue('url', event.url_original))
      hits.sort((a, b) => b.confidence - a.confidence || (a.indicatorId < b.indicatorId ? -1 : 1))
      tail.indicators = hits.slice(0, MAX_HITS)
    },
  }
}

const isValid = (indicator: Indicator, event: Event): boolean =>
  indicator.validFrom <= event.occurredAt && (indicator.validUntil === null || event.occurredAt < indicator.validUntil)

function hitOf(field: string, indicator: Indicator): IndicatorMatch {
  const { indicatorId, type, value, feed, confidence, tlp } = indicator
  return { indicatorId, type, value, field, feed, confidence, tlp }
}
