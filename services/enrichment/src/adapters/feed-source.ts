import { readFile, stat } from 'node:fs/promises'
import { TocsinError } from '@tocsin/runtime'
import { type Feed, formatOf, listSettingsOf, readList } from '../intel/feed.ts'
import type { IndicatorList, ListSettings } from '../intel/indicator-list.ts'
import { readTaxii, taxiiMediaType } from '../intel/taxii.ts'

const maxListBytes = 256 * 1_048_576
const timeoutMs = 60_000

/** Where reading a feed stands between two times. */
export interface FeedPosition {
  /** X-TAXII-Date-Added-Last of the last time. */
  addedLast: string | null
  etag: string | null
}

/** A feed, read; null where its server says that nothing has changed. */
export type FeedRead = { list: IndicatorList; position: FeedPosition } | null

/** How a server is asked: who asks, and the secret. */
interface Caller {
  username: string | undefined
  secret: string | undefined
  signal: AbortSignal
}

/** Reads a feed from where it comes. Throws `feed_unreachable` where it cannot be had and `feed_unreadable` where it is no list. */
export async function readFeed(
  feed: Feed,
  position: FeedPosition,
  nowMs: number,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<FeedRead> {
  const settings = listSettingsOf(feed, nowMs)
  const secret = feed.secretVariable === undefined ? undefined : env[feed.secretVariable]
  const caller: Caller = { username: feed.username, secret, signal }
  if (feed.format === 'taxii') {
    const { addedLast, ...list } = await readTaxii(feed.from, position.addedLast, settings, async (url) => {
      const answer = await ask(url, { accept: taxiiMediaType }, caller)
      return { body: parsed(answer.text, url), addedLast: answer.headers.get('x-taxii-date-added-last') }
    })
    return { list, position: { addedLast, etag: null } }
  }
  if (!/^https?:\/\//i.test(feed.from))
    return { list: listOf(feed.format, await readListFile(feed.from), settings, shownPlace(feed.from)), position }
  const answer = await ask(feed.from, position.etag === null ? {} : { 'if-none-match': position.etag }, caller)
  if (answer.status === 304) return null
  return {
    list: listOf(feed.format, answer.text, settings, shownPlace(feed.from)),
    position: { addedLast: null, etag: answer.headers.get('etag') },
  }
}

/** Where a feed comes from, as it may be told: a query can hold a key. */
export function shownPlace(from: string): string {
  return from.replace(/[?#].*$/s, '')
}

/** Reads a list of a file; where no format is given, the one that it looks like. */
export async function readListOfFile(
  path: string,
  format: 'csv' | 'misp' | 'stix' | null,
  settings: ListSettings,
): Promise<IndicatorList> {
  const text = await readListFile(path)
  return listOf(format ?? formatOf(text), text, settings, path)
}

/** Reads a file, bounded. Throws `feed_unreachable`. */
export async function readListFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > maxListBytes) throw new Error(`it has ${size} octets, more than ${maxListBytes}`)
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new TocsinError('feed_unreachable', `The list ${path} cannot be read: ${(cause as Error).message}.`, cause)
  }
}

function listOf(format: 'csv' | 'misp' | 'stix', text: string, settings: ListSettings, from: string): IndicatorList {
  try {
    return readList(format, text, settings)
  } catch (cause) {
    throw new TocsinError('feed_unreadable', `${from} is no ${format} list: ${(cause as Error).message}.`, cause)
  }
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TocsinError('feed_unreadable', `${url} did not answer with JSON; check the address.`, cause)
  }
}

async function ask(
  url: string,
  headers: Record<string, string>,
  { username, secret, signal }: Caller,
): Promise<{ status: number; text: string; headers: Headers }> {
  const { host } = new URL(url)
  if (!isProtected(url))
    throw new TocsinError('feed_unreachable', `${host} is asked without TLS; a feed must be https, or on this machine.`)
  try {
    const response = await fetch(url, {
      headers: { ...headers, ...authorization(username, secret) },
      // A secret must not follow to another host.
      redirect: secret === undefined ? 'follow' : 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    // A redirect must not lead out of TLS either: what comes in clear could be anybody's list.
    if (!isProtected(response.url)) throw new Error('it sent us on to an address without TLS')
    if (!response.ok && response.status !== 304) throw new Error(`it answered ${response.status}`)
    return { status: response.status, text: await boundedText(response), headers: response.headers }
  } catch (cause) {
    // The message of a fetch may hold the address with its query; only host and reason are told.
    throw new TocsinError('feed_unreachable', `The feed of ${host} cannot be read: ${(cause as Error).message}.`, cause)
  }
}

/** Whether an address is asked over TLS, or on this machine. */
function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return (
    protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  )
}

function authorization(username: string | undefined, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {}
  if (username === undefined) return { authorization: `Bearer ${secret}` }
  return { authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let octets = 0
  for await (const chunk of response.body ?? []) {
    octets += (chunk as Uint8Array).length
    if (octets > maxListBytes) throw new Error(`the answer has more than ${maxListBytes} octets`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}
