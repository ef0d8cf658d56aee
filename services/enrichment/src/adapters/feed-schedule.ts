import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Indicator } from '@tocsin/events'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { type Feed, feedsSchema } from '../intel/feed.ts'
import type { FeedLedger } from '../intel/feed-ledger.ts'
import { type FeedPosition, readFeed, shownPlace } from './feed-source.ts'

/** What the schedule needs of its process. */
export interface FeedHost {
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
  now(): number
  publish(indicator: Indicator): Promise<void>
  /** Says that a feed cannot be read (a message) or can be again (null). */
  tell(feed: string, trouble: { code: string; message: string } | null): Promise<void>
}

/** Reads the list of feeds. Throws `feeds_invalid`. */
export async function readFeeds(path: string): Promise<Feed[]> {
  try {
    return feedsSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new TocsinError(
      'feeds_invalid',
      `The list of feeds ${path} cannot be used: ${(cause as Error).message}`,
      cause,
    )
  }
}

/** Reads one feed and publishes what differs. Gives how many records were written; null where nothing has changed. */
export async function refreshFeed(
  feed: Feed,
  position: FeedPosition,
  ledger: FeedLedger,
  host: FeedHost,
): Promise<{ written: number; faults: number; position: FeedPosition } | null> {
  const nowMs = host.now()
  const read = await readFeed(feed, position, nowMs, host.env, host.signal)
  if (read === null) return null
  const whole = feed.whole && feed.format !== 'taxii'
  // An empty answer of a list that had entries is a fault of the server more often than the end of all threats.
  if (whole && read.list.indicators.length === 0)
    throw new TocsinError('feed_unreadable', `${shownPlace(feed.from)} holds no indicator; what it gave before stays.`)
  const changes = ledger.changes(feed.feed, read.list.indicators, whole, nowMs)
  await publishAll(changes, (indicator) => host.publish(indicator))
  for (const indicator of changes) ledger.observe(indicator.indicatorId, indicator)
  return { written: changes.length, faults: read.list.faults.length, position: read.position }
}

const PIECE = 2_000

/** Publishes records piece by piece: a list of a million must not stand as a million promises. */
export async function publishAll(
  indicators: readonly Indicator[],
  publish: (indicator: Indicator) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < indicators.length; at += PIECE) await Promise.all(indicators.slice(at, at + PIECE).map(publish))
}

/** Refreshes feeds, each at its own pace, until the process stops. A feed that fails is told, tried again at its next turn, and stops no other. */
export async function runFeeds(feeds: readonly Feed[], ledger: FeedLedger, host: FeedHost): Promise<void> {
  await Promise.all(feeds.map((feed) => runFeed(feed, ledger, host)))
}

async function runFeed(feed: Feed, ledger: FeedLedger, host: FeedHost): Promise<void> {
  let position: FeedPosition = { addedLast: null, etag: null }
  let inTrouble = false
  while (!host.signal.aborted) {
    try {
      position = (await refreshFeed(feed, position, ledger, host))?.position ?? position
      if (inTrouble) await host.tell(feed.feed, null)
      inTrouble = false
    } catch (error) {
      if (host.signal.aborted) return
      inTrouble = true
      await host.tell(feed.feed, {
        code: error instanceof TocsinError ? error.code : 'feed_unreachable',
        message: messageOf(error),
      })
    }
    await pause(feed.everySeconds * 1_000, undefined, { signal: host.signal }).catch(() => {})
  }
}
