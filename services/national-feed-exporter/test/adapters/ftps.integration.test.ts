import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { manualClock } from '@tocsin/runtime'
import { type FtpsMode, type FtpsServer, startFtps } from '@tocsin/test/support/ftps'
import { type FtpsSettings, FtpsTransport } from '../../src/adapters/ftps.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-ftps-'))
const running: { stop(): Promise<void> | void }[] = []
after(async () => {
  for (const one of running) await one.stop()
  rmSync(base, { recursive: true })
})

let servers = 0
async function start(
  mode: FtpsMode = 'explicit',
  port?: number,
  dir = join(base, String(servers++)),
): Promise<FtpsServer> {
  const server = await startFtps({ dir, mode, ...(port === undefined ? {} : { port }) })
  running.push(server)
  return server
}

function transportTo(server: FtpsServer, changes: Partial<FtpsSettings> = {}, clock = manualClock(1_000_000)) {
  const transport = new FtpsTransport(
    {
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      ca: readFileSync(server.caFile, 'utf8'),
      implicit: false,
      directory: '',
      idleTimeoutMs: 3_000,
      jobTimeoutMs: 5_000,
      ...changes,
    },
    clock,
  )
  running.push({ stop: () => transport.close() })
  return transport
}

const job = (name: string, content = '<x/>') => ({
  id: name,
  files: [{ path: `incident/${name}.xml`, content: Buffer.from(content) }],
})

for (const maxTlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const mode of ['explicit', 'implicit'] as const) {
    test(`TW-2.2a files reach an ${mode} FTPS server over ${maxTlsVersion}, whole and under their final names`, async () => {
      const server = await start(mode)
      const transport = transportTo(server, { implicit: mode === 'implicit', maxTlsVersion })
      for (const name of ['a', 'b', 'c']) {
        const result = await transport.send(job(name, `<x>${name.repeat(3_000)}</x>`))
        assert.equal(result.kind, 'delivered', JSON.stringify(result))
        assert.equal(result.kind === 'delivered' && result.verified, true)
        assert.equal(readFileSync(join(server.root, `incident/${name}.xml`), 'utf8'), `<x>${name.repeat(3_000)}</x>`)
      }
      assert.deepEqual(
        readdirSync(join(server.root, 'incident')).toSorted((a, b) => (a < b ? -1 : 1)),
        ['a.xml', 'b.xml', 'c.xml'],
      )
    })
  }
}

test('TW-2.2a a server without TLS gets no user, no password and no file, though it would take them', async () => {
  const server = await start('plain')
  const result = await transportTo(server).send(job('a'))
  assert.equal(result.kind === 'failed' && result.code, 'endpoint_away')
  assert.deepEqual(readdirSync(join(server.root, 'incident')), [])
  assert.doesNotMatch(server.log(), /FTP command: .*"(USER|PASS)/)
})

test('TW-2.2a a certificate of an unknown authority, for another host or with another fingerprint is refused before login', async () => {
  const server = await start()
  const other = await start()
  const refused: [string, Partial<FtpsSettings>, RegExp][] = [
    ['unknown authority', { ca: readFileSync(other.caFile, 'utf8') }, /certificate|issuer/i],
    ['other fingerprint', { fingerprint: '00'.repeat(32) }, /fingerprint/],
    ['other host', { host: '127.0.0.2' }, /does not match|ECONNREFUSED/],
  ]
  for (const [what, changes, reply] of refused) {
    const result = await transportTo(server, changes).send(job('a'))
    assert.equal(result.kind === 'failed' && result.code, 'endpoint_away', what)
    assert.match(result.kind === 'failed' ? result.reply : '', reply)
  }
  assert.doesNotMatch(server.log(), /FTP command: .*"(USER|PASS)/)
  assert.deepEqual(readdirSync(join(server.root, 'incident')), [])
})

test('TW-2.3c an account that may only write ends as sent but not verified, the others by equal size', async () => {
  const server = await start('write-only')
  const transport = transportTo(server)
  const first = await transport.send(job('a', 'hello'))
  assert.equal(first.kind === 'delivered' && first.verified, false, JSON.stringify(first))
  const second = await transport.send(job('b', 'hello'))
  assert.equal(second.kind === 'delivered' && second.verified, false)
  assert.match(second.kind === 'delivered' ? second.reply : '', /^226/)
  for (const name of ['a', 'b']) assert.equal(readFileSync(join(server.root, `incident/${name}.xml`), 'utf8'), 'hello')
  // The account cannot take its one probe back; the second file left none.
  assert.equal(existsSync(join(server.root, 'incident/b.xml.part')), false)

  const full = await start()
  const verified = await transportTo(full).send(job('a', 'hello'))
  assert.equal(verified.kind === 'delivered' && verified.verified, true)
})

test('an attachment stands on the server before the file that names it, and an empty file is never sent', async () => {
  const server = await start()
  const transport = transportTo(server)
  const sent = await transport.send({
    id: 't',
    files: [
      { path: 'attachment/t_1.json', content: Buffer.from('{}') },
      { path: 'incident/t.xml', content: Buffer.from('<x/>') },
    ],
  })
  assert.equal(sent.kind, 'delivered')
  const order = [...server.log().matchAll(/OK UPLOAD: .*?root\/(\S+?)\.part"/g)].map(([, path]) => path)
  assert.deepEqual(order, ['attachment/t_1.json', 'incident/t.xml'])
  const empty = await transport.send(job('e', ''))
  assert.equal(empty.kind === 'failed' && empty.code, 'empty_file')
  assert.equal(existsSync(join(server.root, 'incident/e.xml')), false)
})

test('what the server has whole already is not sent again, and half a file is replaced', async () => {
  const server = await start()
  assert.equal((await transportTo(server).send(job('a', 'hello'))).kind, 'delivered')
  const { mtimeMs } = statSync(join(server.root, 'incident/a.xml'))
  const again = await transportTo(server).send(job('a', 'hello'))
  assert.match(again.kind === 'delivered' ? again.reply : '', /was there already/)
  assert.equal(statSync(join(server.root, 'incident/a.xml')).mtimeMs, mtimeMs)
  assert.equal((await transportTo(server).send(job('a', 'hello, longer'))).kind, 'delivered')
  assert.equal(readFileSync(join(server.root, 'incident/a.xml'), 'utf8'), 'hello, longer')
})

test('after a refused file the connection is made anew and the next file goes', async () => {
  const server = await start()
  const transport = transportTo(server)
  const refused = await transport.send({ id: 'x', files: [{ path: 'nowhere/x.xml', content: Buffer.from('x') }] })
  assert.equal(refused.kind === 'failed' && refused.code, 'upload_refused', JSON.stringify(refused))
  assert.equal((await transport.send(job('a'))).kind, 'delivered')
  assert.equal([...server.log().matchAll(/CONNECT: Client/g)].length >= 2, true)
})

test('a server that is away is left alone for a while, then used again', async () => {
  const server = await start()
  await server.stop()
  const clock = manualClock(1_000_000)
  const transport = transportTo(server, {}, clock)
  const first = await transport.send(job('a'))
  assert.equal(first.kind === 'failed' && first.code, 'endpoint_away')
  const second = await transport.send(job('a'))
  assert.equal(second.kind === 'not-tried' && second.retryAt, 1_001_000)
  clock.advance(1_000)
  const back = await start('explicit', server.port)
  assert.equal((await transport.send(job('a'))).kind === 'failed', true, 'a new server has a new authority')
  await back.stop()
  await start('explicit', server.port, join(server.root, '..'))
  clock.advance(60_000)
  const third = await transport.send(job('a'))
  assert.equal(third.kind, 'delivered', JSON.stringify(third))
})

test('a server that takes the connection and says nothing costs at most the time of one job', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  running.push({ stop: () => void silent.close() })
  await new Promise((resolve) => silent.once('listening', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const transport = new FtpsTransport(
    {
      host: '127.0.0.1',
      port,
      user: 'u',
      password: 'p',
      implicit: false,
      directory: '',
      idleTimeoutMs: 300,
      jobTimeoutMs: 600,
    },
    manualClock(0),
  )
  const result = await transport.send(job('a'))
  assert.equal(result.kind === 'failed' && result.code, 'endpoint_away')
})
