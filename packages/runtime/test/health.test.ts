import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Health, Metrics, serveAdmin } from '../src/index.ts'

const health = new Health()
const metrics = new Metrics('a-service', 3)
let admin: Awaited<ReturnType<typeof serveAdmin>>
before(async () => {
  admin = await serveAdmin('127.0.0.1', 0, health, metrics)
})
after(() => admin.close())

const get = async (path: string) => {
  const answer = await fetch(`http://127.0.0.1:${admin.port}${path}`)
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() }
}

describe('the admin port', () => {
  test('a process that has said nothing yet lives but is not ready', async () => {
    assert.equal((await get('/health')).status, 200)
    assert.equal((await get('/ready')).status, 503)
  })

  test('is ready when every part is, and says which one is not', async () => {
    let ok = false
    health.ready('listeners', () => ({ ok, detail: 'udp at 127.0.0.1' }))
    health.ready('stage', () => ({ ok: true, detail: 'owns 4 partitions' }))
    const { status, text } = await get('/ready?verbose')
    assert.equal(status, 503)
    assert.deepEqual(JSON.parse(text), {
      ok: false,
      parts: { listeners: { ok: false, detail: 'udp at 127.0.0.1' }, stage: { ok: true, detail: 'owns 4 partitions' } },
    })
    ok = true
    assert.equal((await get('/ready')).status, 200)
    assert.equal((await get('/health')).status, 200, 'readiness is not liveness')
  })

  test('is dead when a loop stands still', async () => {
    health.live('loop', () => ({ ok: false, detail: 'turned 200000 ms ago' }))
    assert.equal((await get('/health')).status, 503)
  })

  test('gives metrics in the text format, each with service and slot; asking twice for one gives the same', async () => {
    metrics.counter('tocsin_test_total', 'Help', ['kind']).inc({ kind: 'a' })
    metrics.counter('tocsin_test_total', 'Help', ['kind']).inc({ kind: 'a' })
    metrics.gauge('tocsin_test_records', 'Help').set(7)
    metrics.histogram('tocsin_test_seconds', 'Help').observe(0.01)
    const { text, type } = await get('/metrics')
    assert.match(type, /^text\/plain/)
    assert.match(text, /tocsin_test_total\{kind="a",service="a-service",slot="3"\} 2/)
    assert.match(text, /tocsin_test_seconds_bucket\{le="0.02",service="a-service",slot="3"\} 1/)
    assert.match(text, /nodejs_eventloop_lag_seconds\{/)
  })

  test('answers nothing else, and says when its port is taken', async () => {
    assert.equal((await get('/etc/passwd')).status, 404)
    await assert.rejects(serveAdmin('127.0.0.1', admin.port, health, metrics), { code: 'EADDRINUSE' })
  })
})
