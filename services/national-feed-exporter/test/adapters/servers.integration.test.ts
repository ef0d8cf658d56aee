// Every real server that can be had, and what goes wrong on the way: expired certificates, NAT, cuts, a full disk, death of the process.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { manualClock } from '@tocsin/runtime'
import { type FtpDaemon, startDaemon } from '@tocsin/test/support/ftp-daemons'
import { type FtpsOptions, type FtpsServer, startFtps } from '@tocsin/test/support/ftps'
import { type FtpsSettings, FtpsTransport } from '../../src/adapters/ftps.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-ftp-servers-'))
const running: { stop(): Promise<void> | void }[] = []
after(async () => {
  for (const one of running.toReversed()) await one.stop()
  rmSync(base, { recursive: true })
})
// Servers run under another account must reach their homes.
execFileSync('chmod', ['755', base])

let folders = 0
const folder = (): string => {
  const dir = join(base, String(folders++))
  mkdirSync(dir)
  return dir
}

async function vsftpd(options: Partial<FtpsOptions> = {}): Promise<FtpsServer> {
  const server = await startFtps({ dir: folder(), ...options })
  running.push(server)
  return server
}

function transportTo(server: FtpsServer | FtpDaemon, changes: Partial<FtpsSettings> = {}, clock = manualClock(0)) {
  const { host, port, user, password } = server
  const transport = new FtpsTransport(
    {
      host,
      port,
      user,
      password,
      ca: readFileSync(server.caFile, 'utf8'),
      implicit: false,
      directory: '',
      idleTimeoutMs: 5_000,
      ...changes,
    },
    clock,
  )
  running.push({ stop: () => transport.close() })
  return transport
}

const job = (name: string, content: string | Buffer = `<x>${name}</x>`) => ({
  id: name,
  files: [{ path: `incident/${name}.xml`, content: Buffer.from(content) }],
})
const inside = (server: { root: string }): string[] =>
  readdirSync(join(server.root, 'incident')).toSorted((a, b) => (a < b ? -1 : 1))

const PROFILES = [
  ['proftpd', 'explicit', 'TLSv1.2'],
  ['proftpd', 'explicit', 'TLSv1.3'],
  ['proftpd', 'implicit', 'TLSv1.2'],
  ['proftpd', 'implicit', 'TLSv1.3'],
  ['pure-ftpd', 'explicit', 'TLSv1.2'],
  ['pure-ftpd', 'explicit', 'TLSv1.3'],
] as const
for (const [kind, mode, tls] of PROFILES) {
  test(`TW-2.2a files reach ${kind} with ${mode} TLS, ${tls}, whole, verified, under their final names`, async (t) => {
    const implicit = mode === 'implicit'
    // ProFTPD speaks this one version only; Pure-FTPd is asked for it by the client.
    const server = await startDaemon(kind, { dir: folder(), implicit, tls })
    if (server === null) return t.skip(`${kind} cannot be had or run here`)
    running.push(server)
    const transport = transportTo(server, { implicit, maxTlsVersion: tls })
    for (let index = 0; index < 10; index++) {
      const result = await transport.send({
        id: String(index),
        files: [
          { path: `attachment/${index}_1.json`, content: Buffer.from('規'.repeat(3_000)) },
          { path: `incident/${index}.xml`, content: Buffer.from(`<x>${index}</x>`) },
        ],
      })
      assert.equal(result.kind === 'delivered' && result.verified, true, JSON.stringify(result))
    }
    assert.deepEqual(
      inside(server),
      Array.from({ length: 10 }, (_, index) => `${index}.xml`),
    )
    for (let index = 0; index < 10; index++) {
      assert.equal(readFileSync(join(server.root, `attachment/${index}_1.json`), 'utf8'), '規'.repeat(3_000))
    }
    const again = await transportTo(server, { implicit, maxTlsVersion: tls }).send(job('3', '<x>3</x>'))
    assert.match(again.kind === 'not-tried' ? '' : again.reply, /was there already/)
    // A refused file costs these servers the session; the next file goes on a new one.
    const refused = await transport.send({ id: 'r', files: [{ path: 'nowhere/r.xml', content: Buffer.from('r') }] })
    assert.equal(refused.kind, 'failed')
    transport.close()
    assert.equal((await transportTo(server, { implicit, maxTlsVersion: tls }).send(job('z'))).kind, 'delivered')
  })
}

test('TW-2.2a a server whose certificate has expired gets neither user nor password nor file', async () => {
  const server = await vsftpd({ certificateDays: -1 })
  const result = await transportTo(server).send(job('a'))
  assert.equal(result.kind === 'failed' && result.code, 'endpoint_away')
  assert.match(result.kind === 'failed' ? result.reply : '', /expired/)
  assert.doesNotMatch(server.log(), /FTP command: .*"(USER|PASS)/)
  assert.deepEqual(inside(server), [])
})

test('a server behind NAT that names a foreign address gets its data on the address of the control connection', async () => {
  const server = await vsftpd({ settings: { pasv_address: '203.0.113.77', cmds_denied: 'EPSV' } })
  const transport = transportTo(server)
  for (const name of ['a', 'b']) assert.equal((await transport.send(job(name))).kind, 'delivered')
  assert.deepEqual(inside(server), ['a.xml', 'b.xml'])
  assert.equal([...server.log().matchAll(/"EPSV"/g)].length, 1)
})

test('a server that wants data connections closed by the book takes every file', async () => {
  const server = await vsftpd({ settings: { strict_ssl_read_eof: 'YES', strict_ssl_write_shutdown: 'YES' } })
  const transport = transportTo(server)
  for (const name of ['a', 'b', 'c'])
    assert.equal((await transport.send(job(name, name.repeat(70_000)))).kind, 'delivered')
  for (const name of ['a', 'b', 'c']) assert.equal(statSync(join(server.root, `incident/${name}.xml`)).size, 70_000)
})

const LARGE = Buffer.alloc(1_500_000, 'abcdefgh')

async function untilUnderWay(path: string): Promise<void> {
  const giveUpMs = performance.now() + 60_000
  while (!existsSync(path) || statSync(path).size === 0) {
    assert.ok(performance.now() < giveUpMs, `${path} never began`)
    await pause(10)
  }
}

test('an upload that is cut in the middle leaves no file under the final name, and the next attempt replaces the half', async () => {
  const dir = folder()
  const server = await vsftpd({ dir, settings: { anon_max_rate: '300000' } })
  const clock = manualClock(0)
  const transport = transportTo(server, {}, clock)
  const cut = transport.send(job('a', LARGE))
  await untilUnderWay(join(server.root, 'incident/a.xml.part'))
  await server.stop()
  const result = await cut
  assert.equal(result.kind === 'failed' && result.code, 'endpoint_away', JSON.stringify(result))
  assert.deepEqual(inside(server), ['a.xml.part'])
  assert.ok(statSync(join(server.root, 'incident/a.xml.part')).size < LARGE.length)
  await vsftpd({ dir, port: server.port })
  clock.advance(60_000)
  assert.equal((await transport.send(job('a', LARGE))).kind, 'delivered')
  assert.deepEqual(inside(server), ['a.xml'])
  assert.ok(readFileSync(join(server.root, 'incident/a.xml')).equals(LARGE))
})

test('an upload that takes too long is aborted; on a write-only account the half under the final name is replaced whole', async () => {
  const dir = folder()
  const server = await vsftpd({ dir, mode: 'write-only', settings: { anon_max_rate: '200000' } })
  // The account may not rename: the second job goes straight to its final name.
  const clock = manualClock(0)
  const transport = transportTo(server, { jobTimeoutMs: 1_000 }, clock)
  assert.equal((await transport.send(job('a'))).kind, 'delivered')
  const aborted = await transport.send(job('b', LARGE))
  assert.equal(aborted.kind, 'failed', JSON.stringify(aborted))
  const half = statSync(join(server.root, 'incident/b.xml')).size
  assert.ok(half > 0 && half < LARGE.length)
  await server.stop()
  await vsftpd({ dir, port: server.port, mode: 'write-only' })
  clock.advance(60_000)
  const whole = await transport.send(job('b', LARGE))
  assert.equal(whole.kind === 'delivered' && whole.verified, false)
  assert.ok(readFileSync(join(server.root, 'incident/b.xml')).equals(LARGE))
})

test('a server whose disk is full keeps no half under the final name, and the file goes when there is room', async (t) => {
  const dir = folder()
  mkdirSync(join(dir, 'root/incident'), { recursive: true })
  const disk = join(dir, 'root/incident')
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tocsin', disk]).status !== 0) {
    return t.skip('no small disk can be mounted here')
  }
  running.push({ stop: () => void spawnSync('umount', ['-l', disk]) })
  const server = await vsftpd({ dir })
  const clock = manualClock(0)
  const transport = transportTo(server, {}, clock)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(200_000))
  const content = Buffer.alloc(150_000, 'x')
  const full = await transport.send(job('a', content))
  assert.equal(full.kind, 'failed', JSON.stringify(full))
  assert.ok(!inside(server).includes('a.xml'))
  rmSync(join(disk, 'filler'))
  clock.advance(60_000)
  const sent = await transport.send(job('a', content))
  assert.equal(sent.kind === 'delivered' && sent.verified, true, JSON.stringify(sent))
  assert.deepEqual(inside(server), ['a.xml'])
})

test('a process killed before any command of an upload leaves nothing doubled and nothing lost behind its successor', async () => {
  const server = await vsftpd()
  const { host, port, user, password, caFile } = server
  const upload = (dieBefore: number, name: string) => {
    const files = [
      { path: `attachment/${name}_1.json`, content: '{"whole":true}' },
      { path: `incident/${name}.xml`, content: `<x>${name}</x>` },
    ]
    const argument = JSON.stringify({ dieBefore, caFile, host, port, user, password, job: { id: name, files } })
    return spawnSync(process.execPath, [join(import.meta.dirname, 'upload-and-die.ts'), argument], { encoding: 'utf8' })
  }
  const whole = upload(0, 'whole')
  const { kind, commands } = JSON.parse(whole.stdout) as { kind: string; commands: number }
  assert.equal(kind, 'delivered', whole.stderr)
  assert.ok(commands >= 16, `${commands} commands`)
  // Every one on demand; every third in the usual run.
  const stride = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 1 : 3
  const names: string[] = []
  for (let death = commands; death > 6; death -= stride) {
    const name = `d-${death}`
    names.push(name)
    assert.equal(upload(death, name).signal, 'SIGKILL')
    // What stands under a final name is whole at every moment, and never without its attachment.
    if (existsSync(join(server.root, `incident/${name}.xml`))) {
      assert.equal(readFileSync(join(server.root, `incident/${name}.xml`), 'utf8'), `<x>${name}</x>`)
      assert.ok(existsSync(join(server.root, `attachment/${name}_1.json`)))
    }
    assert.equal(upload(0, name).status, 0)
  }
  assert.ok(names.length > 3)
  const expected = [...names, 'whole'].map((name) => `${name}.xml`)
  assert.deepEqual(
    inside(server),
    expected.toSorted((a, b) => (a < b ? -1 : 1)),
  )
  for (const name of names)
    assert.equal(readFileSync(join(server.root, `incident/${name}.xml`), 'utf8'), `<x>${name}</x>`)
  assert.equal(readdirSync(join(server.root, 'attachment')).length, expected.length)
  // Each final name came into being once.
  for (const name of names)
    assert.equal([...server.log().matchAll(new RegExp(`OK RENAME: .*incident/${name}\\.xml"`, 'g'))].length, 1, name)
})
