import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ReceivedItem } from '@tocsin/events'
import { type Clock, type Log, messageOf } from '@tocsin/runtime'
import type { Peer } from '../peers/peers-file.ts'
import { takeObject } from '../peers/take.ts'
import { TAXII } from '../taxii/answer.ts'

const MAX_ANSWER_BYTES = 32 * 1024 * 1024
const TIMEOUT_MS = 30_000
const PAGE = 200

/** What a link needs. */
export interface LinkParts {
  dataDir: string
  deployment: string
  clock: Clock
  log: Log
  /** Resolves when Kafka has the item. */
  publish: (item: ReceivedItem) => Promise<void>
  /** Tells the operators that a peer went away, and that it is back. */
  tell: (peer: Peer, isAway: boolean, reason: string) => Promise<void>
}

/** How a pass over everything that is new at a peer went. */
export interface PassCount {
  items: number
  own: number
}

/**
 * Reads one deployment. Where it stands is the instant of the last object that Kafka has, kept on disk after each page: what was
 * added while the link was cut comes when it is back, in order, and a page that was cut off comes again under the same ids (VN-3.4b).
 */
export class PeerLink {
  readonly peer: Peer
  readonly #parts: LinkParts
  #away = false

  constructor(peer: Peer, parts: LinkParts) {
    this.peer = peer
    this.#parts = parts
  }

  /** Takes everything that is new. Throws where the peer cannot be read. */
  async pass(): Promise<PassCount> {
    const { publish, clock, deployment } = this.#parts
    const count: PassCount = { items: 0, own: 0 }
    for (let more = true; more; ) {
      const place = this.#readPlace()
      const { objects, last, hasMore } = await this.#page(place)
      for (const object of objects) {
        const taken = takeObject(object, this.peer, deployment, clock.now())
        if (taken.kind === 'own') count.own++
        else if (taken.kind === 'item') {
          await publish(taken.item)
          count.items++
        }
      }
      if (last !== null) this.#keepPlace(last)
      // A page that says there is more and names no further place would be asked for for ever.
      more = hasMore && last !== null && last !== place
    }
    return count
  }

  /** Passes until the stop, `everyMs` apart; an outage is told once, and its end. */
  async run(signal: AbortSignal, everyMs: number): Promise<void> {
    const { log, tell } = this.#parts
    while (!signal.aborted) {
      try {
        const count = await this.pass()
        if (count.items + count.own > 0) log.info({ peer: this.peer.peer, ...count }, 'read from a peer')
        if (this.#away) await tell(this.peer, false, '')
        this.#away = false
      } catch (error) {
        const reason = messageOf(error)
        if (!this.#away)
          log.error({ code: 'peer_away', peer: this.peer.peer, err: error }, `A peer cannot be read: ${reason}`)
        if (!this.#away) await tell(this.peer, true, reason).catch(() => undefined)
        this.#away = true
      }
      await pause(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #page(after: string | null): Promise<{ objects: unknown[]; last: string | null; hasMore: boolean }> {
    const { url, as } = this.peer
    const query = new URLSearchParams({ limit: String(PAGE), 'match[type]': 'incident', 'match[version]': 'all' })
    if (after !== null) query.set('added_after', after)
    const place = new URL(`collections/${as}/objects/?${query}`, url.endsWith('/') ? url : `${url}/`)
    const response = await this.#get(place)
    const body: unknown = JSON.parse(await textOf(response))
    if (response.statusCode !== 200) {
      const title = (body as { title?: unknown }).title
      throw new Error(`it answers ${response.statusCode}${typeof title === 'string' ? `: ${title.slice(0, 200)}` : ''}`)
    }
    const { objects, more } = body as { objects?: unknown; more?: unknown }
    const last = response.headers['x-taxii-date-added-last']
    return {
      objects: Array.isArray(objects) ? objects : [],
      last: typeof last === 'string' ? last : null,
      hasMore: more === true,
    }
  }

  #get(place: URL): Promise<IncomingMessage> {
    const { as, keyFile, caFile } = this.peer
    const key = readFileSync(keyFile, 'utf8').trim()
    const isTls = place.protocol === 'https:'
    const options = {
      headers: { Accept: TAXII, Authorization: `Basic ${Buffer.from(`${as}:${key}`).toString('base64')}` },
      timeout: TIMEOUT_MS,
      ...(isTls ? { minVersion: 'TLSv1.2' as const } : {}),
      ...(isTls && caFile !== undefined ? { ca: readFileSync(caFile) } : {}),
    }
    return new Promise((resolve, reject) => {
      const asked = (isTls ? httpsRequest : httpRequest)(place, options, resolve)
      asked.on('timeout', () => asked.destroy(new Error(`it does not answer within ${TIMEOUT_MS / 1_000} s`)))
      asked.on('error', reject)
      asked.end()
    })
  }

  get #placeFile(): string {
    return join(this.#parts.dataDir, 'peers', `${this.peer.peer}.json`)
  }

  #readPlace(): string | null {
    try {
      const { addedAfter } = JSON.parse(readFileSync(this.#placeFile, 'utf8')) as { addedAfter?: unknown }
      return typeof addedAfter === 'string' ? addedAfter : null
    } catch {
      // None was kept yet: everything is read, and what was read before comes again under its ids.
      return null
    }
  }

  #keepPlace(addedAfter: string): void {
    mkdirSync(join(this.#parts.dataDir, 'peers'), { recursive: true })
    writeFileSync(`${this.#placeFile}.part`, `${JSON.stringify({ addedAfter })}\n`, { flush: true })
    renameSync(`${this.#placeFile}.part`, this.#placeFile)
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
