// H-GEN: numbered records over UDP, TCP and TLS at a chosen rate; none is missing and none repeated in the index.
// 20,000 in the short form, a million at 10,000 a second with TOCSIN_TEST_DOSE=full.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { FROM } from './lines.ts'
import { until } from './wait.ts'

const isFull = process.env['TOCSIN_TEST_DOSE'] === 'full'
const COUNT = isFull ? 1_000_000 : 20_000
const PER_SECOND = isFull ? 10_000 : 2_000
/** UDP has no back-pressure: its share of the short form keeps a rate that a busy machine of two cores can read. */
const SHARES = { udp: 0.1, tcp: 0.6, tls: 0.3 } as const
const PAGE = 10_000

let stack: FullStack
before(async () => {
  stack = await startFullStack()
})
after(async () => {
  await stack?.stop()
})

for (const transport of ['udp', 'tcp', 'tls'] as const) {
  const count = Math.round(COUNT * SHARES[transport])
  const perSecond = Math.round(PER_SECOND * SHARES[transport])
  test(`H-GEN ${count} numbered records over ${transport} at ${perSecond} a second arrive in the index, none missing, none repeated`, async (t) => {
    const source = `gen${process.pid}${transport}-`
    const port = stack.port(transport === 'tls' ? 'syslog-tls' : 'syslog')
    const certificate = join(stack.dataFolder, 'data/syslog-ingest/syslog-ingest/tls/cert.pem')
    const host = transport === 'tls' ? 'localhost' : '127.0.0.1'
    const words = [
      'gen',
      '--to',
      `${transport}://${host}:${port}`,
      '--count',
      String(count),
      '--rate',
      String(perSecond),
    ]
    const from = transport === 'tls' ? [] : ['--from-address', FROM.kzSsh]
    const trust = transport === 'tls' ? ['--ca', certificate] : []
    const { code, stdout, stderr } = await stack.tocsin(
      [...words, ...from, ...trust, '--source-prefix', source, '--format', 'rfc5424'],
      count * 10 + 60_000,
    )
    assert.equal(code, 0, stdout + stderr)
    const summary = JSON.parse(stdout) as { sent: number; perSecond: number }
    assert.equal(summary.sent, count)
    t.diagnostic(`sent at ${summary.perSecond} a second`)
    const query = { term: { 'host.name': `${source}1` } }
    await until('records in the index', async () => (await countOf(query)) >= count, isFull ? 3_600_000 : 180_000)
    const numbers = await numbersIn(query)
    assert.equal(numbers.length, count, 'none repeated')
    assert.equal(new Set(numbers).size, count, 'none missing')
    assert.equal(Math.min(...pageEnds(numbers)), 1)
    assert.equal(Math.max(...pageEnds(numbers)), count)
  })
}

/** First and last of sorted numbers. */
function pageEnds(numbers: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a - b)
  return [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN]
}

const INDEX = 'logs-tocsin.event-kz_ministry'

async function ask(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${stack.elasticsearch}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  })
  return (await response.json()) as Record<string, unknown>
}

async function countOf(query: object): Promise<number> {
  await ask(`${INDEX}/_refresh?ignore_unavailable=true`, {})
  return Number((await ask(`${INDEX}/_count?ignore_unavailable=true`, { query }))['count'] ?? 0)
}

/** Every sequence number that the index holds for a query, page by page. */
async function numbersIn(query: object): Promise<number[]> {
  const opened = await fetch(`${stack.elasticsearch}/${INDEX}/_pit?keep_alive=5m`, { method: 'POST' })
  const { id } = (await opened.json()) as { id: string }
  const numbers: number[] = []
  let after: unknown[] | null = null
  for (;;) {
    const answer = (await ask('_search', {
      size: PAGE,
      query,
      pit: { id, keep_alive: '5m' },
      sort: [{ _shard_doc: 'asc' }],
      _source: ['event.original', 'message'],
      track_total_hits: false,
      ...(after === null ? {} : { search_after: after }),
    })) as { hits: { hits: { _source: Record<string, unknown>; sort: unknown[] }[] } }
    for (const { _source } of answer.hits.hits) {
      const number = /genSeq=(\d+)/.exec(JSON.stringify(_source))?.[1]
      numbers.push(Number(number))
    }
    after = answer.hits.hits.at(-1)?.sort ?? null
    if (after === null) return numbers
  }
}
