import { setTimeout as pause } from 'node:timers/promises'
import { type Log, messageOf, TocsinError } from '@tocsin/runtime'
import type { CentreLink, OpenLink, OutgoingLine } from '../../collect/centre-link.ts'
import type { StoredLine } from '../../collect/stored-record.ts'
import { wrapCollected } from '../../collected-frame.ts'
import type { SegmentStore } from './segment-store.ts'
import { StoreReader } from './store-reader.ts'

const RETRY_MS = [500, 30_000] as const
const GOODBYE_MS = 2_000
const MOST_AT_ONCE = 500

/** What the forwarder is made of. */
export interface ForwarderParts {
  store: SegmentStore
  /** Addresses of the centre, tried in turn. */
  addresses: readonly string[]
  openLink: OpenLink
  /** Name of this machine, in the header of each line. */
  host: string
  log: Log
  /** Between tries; each waits up to twice as long as the one before, up to the second number. */
  retryMs?: readonly [first: number, most: number]
}

/** How the way to the centre stands. */
export interface LinkState {
  address: string | null
  /** One sentence; null while it stands. */
  trouble: string | null
  connects: number
  sent: number
}

/**
 * Brings every stored line to the centre, in order, from the first that it has not acknowledged. What was not acknowledged
 * when a connection broke goes out again in the next; the centre takes each number once.
 */
export class Forwarder {
  readonly state: LinkState = { address: null, trouble: 'not connected yet', connects: 0, sent: 0 }
  readonly #parts: ForwarderParts
  #attempt = 0

  constructor(parts: ForwarderParts) {
    this.#parts = parts
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const [first, most] = this.#parts.retryMs ?? RETRY_MS
    let waitMs = first
    while (!signal.aborted) {
      const before = this.#parts.store.forwardedSeq
      await this.#oneConnection(signal)
      waitMs = this.#parts.store.forwardedSeq > before ? first : Math.min(most, waitMs * 2)
      // Collectors that lost the same centre must not come back in step.
      await pause(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
    }
  }

  async #oneConnection(signal: AbortSignal): Promise<void> {
    const { addresses, openLink, store, log } = this.#parts
    const address = addresses[this.#attempt++ % addresses.length] as string
    let link: CentreLink | null = null
    try {
      link = await openLink(address, store.forwardedSeq)
      Object.assign(this.state, { address, trouble: null })
      this.state.connects += 1
      log.info(
        { address, from: store.forwardedSeq + 1, waiting: store.storedSeq - store.forwardedSeq },
        'the centre is there',
      )
      await this.#pump(link, signal)
      if (!signal.aborted) this.#trouble(link.failure())
    } catch (error) {
      this.#trouble(error)
    } finally {
      if (link !== null) {
        await link.close(GOODBYE_MS)
        store.forwarded(link.arrivedSeq())
      }
      this.state.address = null
    }
  }

  async #pump(link: CentreLink, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts
    const reader = new StoreReader(store, store.forwardedSeq)
    let lines: StoredLine[] = []
    let wake = () => {}
    const wakeUp = () => wake()
    const unwatch = store.onStored(wakeUp)
    signal.addEventListener('abort', wakeUp)
    try {
      while (!signal.aborted && link.failure() === null) {
        store.forwarded(link.arrivedSeq())
        const room = link.room()
        const seen = store.storedSeq
        if (lines.length === 0 && room > 0) lines = await reader.next()
        if (lines.length === 0 || room <= 0) {
          const stored = new Promise<void>((resolve) => {
            wake = resolve
          })
          // What was stored since the look above would wake nobody.
          if (room > 0 && store.storedSeq > seen) continue
          await Promise.race([link.progress(), stored])
          continue
        }
        const now = lines.slice(0, Math.min(room, MOST_AT_ONCE))
        lines = lines.slice(now.length)
        await link.send(now.map((line) => this.#outgoing(line)))
        this.state.sent += now.length
      }
    } finally {
      unwatch()
      signal.removeEventListener('abort', wakeUp)
      await reader.close()
    }
  }

  #outgoing(line: StoredLine): OutgoingLine {
    const { origin, seq, receivedAt, framing, truncatedBytes, possibleRepeat, octets } = line
    const { input, transport, address } = origin
    const { collectorId } = this.#parts.store.identity
    const frame = {
      collectorId,
      seq,
      receivedAtMs: receivedAt,
      input,
      transport,
      address: address === '-' ? null : address,
      framing,
      truncatedBytes,
      possibleRepeat,
      octets,
    }
    return { seq, octets: wrapCollected(frame, this.#parts.host) }
  }

  /** Told once for each trouble, not for each try. */
  #trouble(error: unknown): void {
    const text = messageOf(error)
    if (text === this.state.trouble) return
    this.state.trouble = text
    const code = error instanceof TocsinError ? error.code : 'unexpected'
    const { storedSeq, forwardedSeq } = this.#parts.store
    this.#parts.log.warn({ code, waiting: storedSeq - forwardedSeq }, text)
  }
}
