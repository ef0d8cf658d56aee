import type { Event, Indicator, IndicatorMatch } from '@tocsin/events'
import { type Address, firstOfBlock, parseAddress, parseBlock } from '../address.ts'
import type { Lookup } from '../lookup.ts'
import {
  hashLeft,
  hashOfText,
  hashStart,
  type IndicatorKind,
  IndicatorStore,
  indicatorKinds,
} from './indicator-store.ts'

const MAX_HITS = 20
const MAX_LABELS = 12
const DOT = 46

/**
 * Indicators by kind and value. A domain hits its subdomains too; an address hits by itself and by block. Expired and
 * withdrawn ones do not hit; validity is asked for the event's time, so that a replay gives the same.
 */
export class IndicatorIndex {
  readonly #store = new IndicatorStore()
  readonly #maxIndicators: number
  /** Indicators for each length of a block, by family. */
  readonly #lengths: Record<4 | 6, Map<number, number>> = { 4: new Map(), 6: new Map() }
  readonly #counts: Record<'address' | 'domain' | 'url' | 'hash', number> = { address: 0, domain: 0, url: 0, hash: 0 }
  #changes = 0
  /** Indicators that were not taken because there are as many as may be. */
  refused = 0

  constructor(maxIndicators = 10_000_000) {
    this.#maxIndicators = maxIndicators
  }

  get version(): string {
    return String(this.#changes)
  }

  get size(): number {
    return this.#store.size
  }

  /** Takes the newest record of an indicator; null or revoked takes it away. A value that is none is left out. */
  put(indicatorId: string, indicator: Indicator | null): void {
    this.#changes++
    const before = this.#store.remove(indicatorId)
    if (before !== null) this.#count(before.kind, before.value, -1)
    if (indicator === null || indicator.revoked || indicator.verification === 'rejected') return
    const hash = hashOf(indicator.type as IndicatorKind, indicator.value)
    if (hash === null) return
    if (this.#store.size >= this.#maxIndicators) {
      this.refused++
      return
    }
    this.#store.add(indicator.indicatorId === indicatorId ? indicator : { ...indicator, indicatorId }, hash)
    this.#count(indicator.type as IndicatorKind, indicator.value, 1)
  }

  #count(kind: IndicatorKind, value: string, by: 1 | -1): void {
    this.#counts[kind === 'ip' || kind === 'cidr' ? 'address' : kind] += by
    const block = kind === 'ip' || kind === 'cidr' ? parseBlock(value) : null
    if (block === null) return
    const lengths = this.#lengths[block.family]
    const left = (lengths.get(block.bits) ?? 0) + by
    if (left === 0) lengths.delete(block.bits)
    else lengths.set(block.bits, left)
  }

  /** Adds the rows that an address hits. */
  ofAddress(ip: string, rows: number[]): void {
    if (this.#counts.address === 0) return
    const address = parseAddress(ip)
    if (address === null) return
    for (const bits of this.#lengths[address.family].keys()) {
      const first = firstOfBlock(address, bits)
      const hash = hashOfBlock(address.family, bits, first)
      for (let row = this.#store.first(hash); row >= 0; row = this.#store.after(row)) {
        if (isBlock(this.#store.valueOf(row), this.#store.kindOf(row), address, bits, first)) rows.push(row)
      }
    }
  }

  /** Adds the rows that a domain or one of its parents hits; a name of one label hits nothing. */
  ofDomain(domain: string, rows: number[]): void {
    if (this.#counts.domain === 0) return
    const name = bareName(domain)
    let hash = hashStart
    let labels = 0
    for (let at = name.length - 1; at >= 0 && labels <= MAX_LABELS; at--) {
      hash = hashLeft(hash, name.charCodeAt(at))
      if (at > 0 && name.charCodeAt(at - 1) !== DOT) continue
      labels++
      if (labels < 2) continue
      this.#texts('domain', hash, name.slice(at), rows)
    }
  }

  /** Adds the rows of a URL or a hash, by equality. */
  ofValue(kind: 'url' | 'hash', value: string, rows: number[]): void {
    if (this.#counts[kind] === 0) return
    const text = value.toLowerCase()
    this.#texts(kind, hashOfText(text), text, rows)
  }

  #texts(kind: IndicatorKind, hash: number, text: string, rows: number[]): void {
    for (let row = this.#store.first(hash); row >= 0; row = this.#store.after(row)) {
      if (this.#store.kindOf(row) === kind && canonical(kind, this.#store.valueOf(row)) === text) rows.push(row)
    }
  }

  /** The hit of a row at a time; null where it was not valid then. */
  hit(row: number, field: string, atMs: number): IndicatorMatch | null {
    const store = this.#store
    if (!store.isValidAt(row, atMs)) return null
    return {
      indicatorId: store.idOf(row),
      type: store.kindOf(row),
      value: store.valueOf(row),
      field,
      feed: store.feedOf(row),
      confidence: store.confidenceOf(row),
      tlp: store.tlpOf(row),
      verification: store.verificationOf(row),
    }
  }
}

const bareName = (domain: string): string => (domain.endsWith('.') ? domain.slice(0, -1) : domain).toLowerCase()

function canonical(kind: IndicatorKind, value: string): string {
  return kind === 'domain' ? bareName(value) : value.toLowerCase()
}

function hashOf(kind: IndicatorKind, value: string): number | null {
  if (!indicatorKinds.includes(kind)) return null
  if (kind !== 'ip' && kind !== 'cidr') return hashOfText(canonical(kind, value))
  const block = parseBlock(value)
  if (block === null) return null
  return hashOfBlock(block.family, block.bits, block.family === 4 ? Number(block.base) : block.base)
}

function hashOfBlock(family: 4 | 6, bits: number, first: number | bigint): number {
  if (typeof first === 'number') return Math.imul((first ^ (bits * 0x9e3779b1)) | 0, 0x85ebca6b) ^ (first >>> 15)
  return hashOfText(`${family}/${bits}/${first}`)
}

function isBlock(
  value: string,
  kind: IndicatorKind,
  { family }: Address,
  bits: number,
  first: number | bigint,
): boolean {
  if (kind !== 'ip' && kind !== 'cidr') return false
  const block = parseBlock(value)
  return block !== null && block.family === family && block.bits === bits && block.base === BigInt(first)
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
  const rows: number[] = []
  return {
    name: 'indicators',
    version: () => index.version,
    apply(event, tail) {
      const hits: IndicatorMatch[] = []
      for (const [ecs, name] of ADDRESS_FIELDS) {
        const ip = event[name]
        if (ip === null) continue
        index.ofAddress(ip, rows)
        if (rows.length > 0) take(index, ecs, event, rows, hits)
      }
      for (const [ecs, name] of DOMAIN_FIELDS) {
        const domain = event[name]
        if (domain === null) continue
        index.ofDomain(domain, rows)
        if (rows.length > 0) take(index, ecs, event, rows, hits)
      }
      for (const [ecs, name] of HASH_FIELDS) {
        const hash = event[name]
        if (hash === null) continue
        index.ofValue('hash', hash, rows)
        if (rows.length > 0) take(index, ecs, event, rows, hits)
      }
      if (event.url_original !== null) {
        index.ofValue('url', event.url_original, rows)
        if (rows.length > 0) take(index, 'url.original', event, rows, hits)
      }
      if (hits.length > 1) hits.sort((a, b) => b.confidence - a.confidence || (a.indicatorId < b.indicatorId ? -1 : 1))
      tail.indicators = hits.length > MAX_HITS ? hits.slice(0, MAX_HITS) : hits
    },
  }
}

/** Empties `rows` into hits that were valid at the event's time. */
function take(index: IndicatorIndex, field: string, event: Event, rows: number[], hits: IndicatorMatch[]): void {
  for (const row of rows) {
    const hit = index.hit(row, field, event.occurredAt)
    if (hit !== null) hits.push(hit)
  }
  rows.length = 0
}
