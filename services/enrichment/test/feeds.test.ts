import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Indicator } from '@tocsin/events'
import { readFeeds, refreshFeed, runFeeds } from '../src/adapters/feed-schedule.ts'
import { type Feed, feedsSchema } from '../src/intel/feed.ts'
import { FeedLedger } from '../src/intel/feed-ledger.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
let answer: Answer = (_, response) => response.writeHead(404).end()
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(`${request.url}`)
  answer(request, response)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const folder = mkdtempSync(join(tmpdir(), 'tocsin-feeds-'))
after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const feedOf = (fields: object): Feed =>
  feedsSchema.parse([{ feed: 'partner', format: 'csv', from: base, ...fields }])[0] as Feed
const hostOf = (published: Indicator[], env = {}) => ({
  env,
  signal: new AbortController().signal,
  now: () => 1_000,
  publish: async (indicator: Indicator) => void published.push(indicator),
  tell: async () => {},
})
const start = { addedLast: null, etag: null }

test('a feed that sends us on to an address without TLS is not taken', async () => {
  const { port } = server.address() as AddressInfo
  answer = (request, response) =>
    request.url === '/moved'
      ? response.writeHead(302, { location: `http://0.0.0.0:${port}/list` }).end()
      : response.end('ip,203.0.113.66,85\n')
  const published: Indicator[] = []
  await assert.rejects(refreshFeed(feedOf({ from: `${base}/moved` }), start, new FeedLedger(), hostOf(published)), {
    code: 'feed_unreachable',
    message: /without TLS/,
  })
  assert.deepEqual(published, [])
})

test('what is said of a feed in trouble holds no key of its address', async () => {
  for (const text of ['', 'no list at all']) {
    answer = (_, response) => response.end(text)
    const feed = feedOf({ from: `${base}/list?key=of-the-partner`, whole: true, format: text === '' ? 'csv' : 'misp' })
    await assert.rejects(refreshFeed(feed, start, new FeedLedger(), hostOf([])), ({ message }: Error) => {
      assert.match(message, /\/list /)
      return !message.includes('of-the-partner')
    })
  }
})

test('TAXII 2.1: the pages of a collection are read to the end, with the secret, and the next time only what was added since', async () => {
  const indicator = (value: string): object => ({
    type: 'indicator',
    id: `indicator--${value}`,
    pattern: `[ipv4-addr:value = '${value}']`,
    pattern_type: 'stix',
  })
  answer = (request, response) => {
    assert.equal(request.headers.accept, 'application/taxii+json;version=2.1')
    assert.equal(request.headers.authorization, `Basic ${Buffer.from('tocsin:secret').toString('base64')}`)
    const { searchParams } = new URL(request.url ?? '', base)
    const isSecond = searchParams.get('next') === 'p2'
    response.setHeader('x-taxii-date-added-last', '2026-01-01T00:00:00Z')
    response.end(
      JSON.stringify(
        searchParams.has('added_after')
          ? {}
          : {
              objects: [indicator(isSecond ? '198.51.100.2' : '198.51.100.1')],
              more: !isSecond,
              ...(isSecond ? {} : { next: 'p2' }),
            },
      ),
    )
  }
  asked.length = 0
  const feed = feedOf({
    format: 'taxii',
    from: `${base}/api/collections/7/`,
    username: 'tocsin',
    secretVariable: 'SECRET',
  })
  const ledger = new FeedLedger()
  const published: Indicator[] = []
  const host = hostOf(published, { SECRET: 'secret' })
  const done = await refreshFeed(feed, start, ledger, host)
  assert.deepEqual(
    published.map(({ value, feed: name }) => [value, name]),
    [
      ['198.51.100.1', 'partner'],
      ['198.51.100.2', 'partner'],
    ],
  )
  await refreshFeed(feed, done?.position ?? start, ledger, host)
  assert.equal(published.length, 2)
  assert.deepEqual(asked, [
    '/api/collections/7/objects/',
    '/api/collections/7/objects/?next=p2',
    '/api/collections/7/objects/?added_after=2026-01-01T00%3A00%3A00Z',
  ])
})

test('a list over HTTP: unchanged by its ETag, and what it no longer names is withdrawn', async () => {
  let body = 'ip,198.51.100.7\ndomain,bad.example\n'
  answer = (request, response) => {
    if (request.headers['if-none-match'] === `"${body.length}"`) return void response.writeHead(304).end()
    response.setHeader('etag', `"${body.length}"`).end(body)
  }
  const ledger = new FeedLedger()
  const published: Indicator[] = []
  const first = await refreshFeed(feedOf({}), start, ledger, hostOf(published))
  assert.equal(first?.written, 2)
  assert.equal(await refreshFeed(feedOf({}), first?.position ?? start, ledger, hostOf(published)), null)
  body = 'ip,198.51.100.7\n'
  await refreshFeed(feedOf({}), first?.position ?? start, ledger, hostOf(published))
  assert.deepEqual(
    published.slice(2).map(({ value, revoked }) => [value, revoked]),
    [['bad.example', true]],
  )
})

test('a server that fails, gives nonsense or gives nothing leaves what was there, with a code', async () => {
  const ledger = new FeedLedger()
  const published: Indicator[] = []
  const refresh = (feed: Feed): Promise<unknown> => refreshFeed(feed, start, ledger, hostOf(published))
  answer = (_, response) => void response.end('ip,198.51.100.7\n')
  await refresh(feedOf({}))
  answer = (_, response) => void response.writeHead(500).end()
  await assert.rejects(refresh(feedOf({})), { code: 'feed_unreachable', message: /answered 500/ })
  answer = (_, response) => void response.end('<html>')
  await assert.rejects(refresh(feedOf({ format: 'stix' })), { code: 'feed_unreadable' })
  await assert.rejects(refresh(feedOf({ format: 'taxii' })), { code: 'feed_unreadable' })
  answer = (_, response) => void response.end('')
  await assert.rejects(refresh(feedOf({})), { code: 'feed_unreadable', message: /what it gave before stays/ })
  assert.equal(published.length, 1)
})

test('a secret goes neither to another host nor over a line without TLS', async () => {
  answer = (_, response) => void response.writeHead(302, { location: 'http://127.0.0.2:9/' }).end()
  const feed = feedOf({ secretVariable: 'SECRET' })
  await assert.rejects(refreshFeed(feed, start, new FeedLedger(), hostOf([], { SECRET: 's' })), {
    code: 'feed_unreachable',
  })
  const far = feedOf({ from: 'http://feeds.example.org/list.csv' })
  await assert.rejects(refreshFeed(far, start, new FeedLedger(), hostOf([])), {
    code: 'feed_unreachable',
    message: /without TLS/,
  })
})

test('feeds run by schedule until the stop; one in trouble is told and stops no other', async () => {
  answer = (request, response) =>
    void (request.url === '/good' ? response.end('ip,198.51.100.7\n') : response.writeHead(503).end())
  const stop = new AbortController()
  const told: string[] = []
  const published: Indicator[] = []
  const feeds = [feedOf({ from: `${base}/bad`, feed: 'bad' }), feedOf({ from: `${base}/good`, feed: 'good' })]
  const done = runFeeds(feeds, new FeedLedger(), {
    ...hostOf(published),
    signal: stop.signal,
    tell: async (feed, trouble) => {
      told.push(`${feed} ${trouble?.code}`)
      stop.abort()
    },
    publish: async (indicator) => void published.push(indicator),
  })
  await done
  assert.deepEqual(told, ['bad feed_unreachable'])
})

test('a list of feeds that cannot be used is refused with its place', async () => {
  const file = join(folder, 'feeds.json')
  writeFileSync(file, JSON.stringify([{ feed: 'a', format: 'csv', from: 'x.csv', everySeconds: 1 }]))
  await assert.rejects(readFeeds(file), { code: 'feeds_invalid', message: /everySeconds/ })
  writeFileSync(file, JSON.stringify([{ feed: 'a', format: 'csv', from: 'x.csv' }]))
  assert.equal((await readFeeds(file))[0]?.everySeconds, 3_600)
})
