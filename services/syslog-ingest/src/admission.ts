import type { RegistryConstituent, RegistrySource, RegistrySystem } from '@tocsin/events'
import { type AddressOctets, type AddressRange, isInRange, parseAddress, parseRange } from './address.ts'
import { canonicalSubject } from './certificate-subject.ts'
import { COLLECTOR_FORMAT } from './collector-origins.ts'
import { excludedBy } from './legal-scope.ts'

/** Who sends: what the socket knows, never what the line says. */
export interface Sender {
  /** Listener that it came through, `udp:15514`. */
  listener: string
  /** `udp`, `tcp` or `tls`. */
  transport: string
  address: string
  /** Subject of a client certificate that was verified, or null. */
  certificateSubject: string | null
  /** Source that a token has proved, or null: it stands for a certificate. */
  tokenSourceId?: string | null
}

/** Why a sender is refused; a label of metrics and counts, so the list is closed. */
export type RefusalReason = 'unknown-source' | 'ambiguous-source' | 'unknown-constituent' | 'out-of-scope'

/** What the door says of a sender. A refusal still names source and constituent where they are known, for the counter. */
export type Verdict =
  | {
      kind: 'admitted'
      sourceId: string
      constituent: string
      exercise: boolean
      /** It is a collector, whose envelope is opened. */
      collector: boolean
    }
  | { kind: 'refused'; reason: RefusalReason; sourceId: string; constituent: string; ground: string | null }

/** Constituent named in the counts of senders that nobody registered; not a possible id of the registry. */
export const NO_CONSTITUENT = 'unknown'

interface Entry {
  source: RegistrySource
  ranges: readonly AddressRange[]
  subjects: ReadonlySet<string>
}

interface Candidate {
  entry: Entry
  specificity: number
}

/** The registry tables that decide at the door. */
export interface RegistryTables {
  sources: Iterable<RegistrySource>
  constituents: Iterable<RegistryConstituent>
  systems: Iterable<RegistrySystem>
}

/**
 * Who may send, and for whom (KZ-12b, VN-1.1, KZ-4): built once for each state of the registry. Nothing of a refused
 * sender's lines is kept; the caller counts them.
 */
export class Admission {
  readonly #entries: Entry[] = []
  readonly #constituents = new Map<string, RegistryConstituent>()
  readonly #systems = new Map<string, RegistrySystem>()
  /** Addresses of the registry that are none: `<source id>: <text>`; they let nobody in. */
  readonly problems: string[] = []

  constructor(tables: RegistryTables) {
    for (const constituent of tables.constituents) this.#constituents.set(constituent.constituentId, constituent)
    for (const system of tables.systems) this.#systems.set(system.systemId, system)
    for (const source of tables.sources) {
      if (!source.deleted) this.#entries.push(this.#entryOf(source))
    }
  }

  /** Takes a sender and now (UTC ms); gives whether its frames come in, as whose, or the reason why not. */
  decide(sender: Sender, nowMs: number): Verdict {
    const best = this.#bestOf(sender)
    if (best.length === 0) return refused('unknown-source', `unknown:${sender.listener}`, NO_CONSTITUENT, null)
    const [first, ...others] = best.map(({ entry }) => entry.source).sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1))
    const source = first as RegistrySource
    if (others.some((other) => other.constituent !== source.constituent)) {
      // Guessing would show one body's lines to another (design.md 2.6).
      return refused('ambiguous-source', `unknown:${sender.listener}`, NO_CONSTITUENT, null)
    }
    const { sourceId, constituent, exercise } = source
    const body = this.#constituents.get(constituent)
    if (body === undefined || body.deleted || (body.validTo !== null && body.validTo <= nowMs)) {
      return refused('unknown-constituent', sourceId, constituent, null)
    }
    const systems = source.systemIds.flatMap((id) => this.#systems.get(id) ?? [])
    const ground = excludedBy([body, source, ...systems], body.integratedWithEgov)
    if (ground !== null) return refused('out-of-scope', sourceId, constituent, ground.flag)
    return { kind: 'admitted', sourceId, constituent, exercise, collector: source.formatHint === COLLECTOR_FORMAT }
  }

  #entryOf(source: RegistrySource): Entry {
    const ranges: AddressRange[] = []
    for (const text of source.addresses) {
      const range = parseRange(text)
      if (range === null) this.problems.push(`${source.sourceId}: ${text.slice(0, 64)}`)
      else ranges.push(range)
    }
    return { source, ranges, subjects: new Set(source.certificateSubjects.map(canonicalSubject)) }
  }

  /** The sources that fit best: a certificate before an address, a named listener before any, a longer prefix before a shorter. */
  #bestOf(sender: Sender): Candidate[] {
    const address = parseAddress(sender.address)
    const subject = sender.certificateSubject === null ? null : canonicalSubject(sender.certificateSubject)
    let best: Candidate[] = []
    for (const entry of this.#entries) {
      const specificity = specificityOf(entry, sender, address, subject)
      if (specificity === null) continue
      if (best[0] === undefined || specificity > best[0].specificity) best = [{ entry, specificity }]
      else if (specificity === best[0].specificity) best.push({ entry, specificity })
    }
    return best
  }
}

/** Null where the sender is not this source. A source that names certificates is known by them only, and by its addresses too where it has any. */
function specificityOf(
  entry: Entry,
  sender: Sender,
  address: AddressOctets | null,
  subject: string | null,
): number | null {
  const { listeners } = entry.source
  if (listeners.length > 0 && !listeners.includes(sender.listener) && !listeners.includes(sender.transport)) return null
  const { tokenSourceId = null } = sender
  if (tokenSourceId !== null && tokenSourceId !== entry.source.sourceId) return null
  const proved = tokenSourceId !== null
  if (!proved && entry.subjects.size > 0 && (subject === null || !entry.subjects.has(subject))) return null
  const namesAddresses = entry.source.addresses.length > 0
  if (!proved && entry.subjects.size === 0 && !namesAddresses) return null
  let prefixBits = 0
  if (namesAddresses) {
    const fitting = address === null ? [] : entry.ranges.filter((range) => isInRange(address, range))
    if (fitting.length === 0) return null
    prefixBits = Math.max(...fitting.map((range) => range.prefixBits))
  }
  return (entry.subjects.size > 0 ? 1_000 : 0) + (listeners.length > 0 ? 500 : 0) + prefixBits
}

function refused(reason: RefusalReason, sourceId: string, constituent: string, ground: string | null): Verdict {
  return { kind: 'refused', reason, sourceId, constituent, ground }
}
