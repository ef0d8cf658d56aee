// A registered address is somebody's text: what it leads to is checked on the way (SEC-S12).
import assert from 'node:assert/strict'
import type { LookupAddress, lookup as lookUp } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { httpPost } from '../../src/adapters/http.ts'
import { NOT_ALLOWED, publicOr } from '../../src/adapters/public-address.ts'
import { isAllowed } from '../../src/channels/http-address.ts'

let secret: Server
let port = 0
let connections = 0

before(async () => {
  // Something inside that trusts whoever reaches it: on every address of this host.
  secret = createSocketServer((socket) => {
    connections += 1
    socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret')
  })
  const listenOn = (host: string) => once(secret.listen(0, host), 'listening')
  await listenOn('::').catch(() => listenOn('0.0.0.0'))
  port = (secret.address() as AddressInfo).port
})
after(() => secret.close())

const request = { headers: {}, body: '{}', timeoutMs: 60_000, maxReplyBytes: 100 }
const patience = () => AbortSignal.timeout(60_000)

/** A name server that somebody else owns: each answer in turn, the last one for ever. */
function answering(...answers: string[]): typeof lookUp {
  let asked = 0
  const answer = (_host: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void): void => {
    const address = answers[Math.min(asked++, answers.length - 1)] ?? ''
    callback(
      null,
      address.split(',').map((one) => ({ address: one, family: one.includes(':') ? 6 : 4 })),
    )
  }
  return answer as unknown as typeof lookUp
}

const HOSTS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '017700000001',
  '0x7f.0.0.1',
  '127.0.0.1.',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '１２７.0.0.1',
  'localhost',
  'localhost.',
  '169.254.169.254',
  '[fd00:ec2::254]',
]
for (const host of HOSTS)
  test(`SEC-S12 ${host} is not connected to`, async () => {
    const post = httpPost([])
    await assert.rejects(post(`http://${host}:${port}/`, request, patience()), (error: Error) => {
      const { code = '' } = error.cause as { code?: string }
      // Not every machine knows a name with a dot behind it, and some have nobody to ask.
      const isUnknown = host === 'localhost.' && /^(ENOTFOUND|EAI_[A-Z]+)$/.test(code)
      assert.ok(code === NOT_ALLOWED || isUnknown, String(error))
      return true
    })
    assert.equal(connections, 0)
  })

test('SEC-S12 a name that is answered with an inner address, beside a public one or the second time, is not connected to', async () => {
  for (const answers of [['127.0.0.1'], ['203.0.113.9,127.0.0.1'], ['::ffff:127.0.0.1'], ['10.0.0.5'], ['fe80::1']]) {
    const post = httpPost([], answering(...answers))
    await assert.rejects(post(`http://rebind.example:${port}/`, request, patience()), /is no public address/)
  }
  // The first answer is public; whoever looks a second time is given this host. One look-up serves check and connection.
  const post = httpPost([], answering('203.0.113.9', '127.0.0.1'))
  await assert.rejects(post(`http://rebind.example:${port}/`, { ...request, timeoutMs: 200 }, patience()))
  await assert.rejects(post(`http://rebind.example:${port}/`, request, patience()), /is no public address/)
  assert.equal(connections, 0)
})

test('SEC-S12 a redirect to an inner address is handed back and not followed; an account in the address is refused', async () => {
  const outside = createServer((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.2:${port}/` }).end()
  })
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  const { port: outsidePort } = outside.address() as AddressInfo
  const answer = await httpPost(['127.0.0.1'])(`http://127.0.0.1:${outsidePort}/`, request, patience())
  outside.close()
  assert.equal(answer.status, 307)
  assert.equal(connections, 0)
  assert.equal(isAllowed('https://user:word@hook.example/', true), false)
  assert.equal(isAllowed('file:///etc/passwd', false), false)
  assert.equal(isAllowed('gopher://127.0.0.1/', false), false)
})

test('what is allowed by name of its network is reached, and nothing beside it', async () => {
  assert.equal((await httpPost(['127.0.0.0/8'])(`http://127.0.0.1:${port}/`, request, patience())).reply, 'secret')
  assert.equal(connections, 1)
  const policy = publicOr(['10.1.0.0/16'])
  assert.deepEqual(
    ['10.1.2.3', '10.2.0.1', '203.0.113.9', '2001:db8::1', '::ffff:10.1.2.3', '::ffff:10.2.2.3', 'host'].map(policy),
    [true, false, true, true, true, false, false],
  )
  assert.throws(() => publicOr(['10.0.0.0/8/3']), RangeError)
})
