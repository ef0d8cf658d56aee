// The script that makers of collectors run (docs/connection), against our own collector's link and against wrong senders.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { certificatePem } from '../src/self-signed.ts'

const script = join(import.meta.dirname, '../../../docs/connection/check-connection.mjs')

/** Starts the script; gives its port and, when it ends, its exit code and what it printed. */
async function check(...args: string[]): Promise<{ port: number; ended: Promise<{ code: number; lines: string[] }> }> {
  const child: ChildProcess = spawn(process.execPath, [script, '--port', '0', '--seconds', '60', ...args])
  const lines: string[] = []
  const input = child.stdout ?? assert.fail()
  const reader = createInterface({ input })
  const first = once(reader, 'line') as Promise<[string]>
  reader.on('line', (line: string) => lines.push(line))
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), lines }))
  const port = Number(/port (\d+)/.exec((await first)[0])?.[1])
  return { port, ended }
}

const line = (n: number, host = 'fw-1'): string =>
  `<134>1 ${new Date().toISOString().replace('Z', '+00:00')} ${host} app ${n} - [x y="z\\"\\]"] Điểm ${n}`

/** Sends octets, reads whatever comes, until the other side closes. */
async function send(port: number, octets: Buffer | string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.end(octets)
  await once(socket, 'close')
}

const counted = (...lines: string[]): string => lines.map((text) => `${Buffer.byteLength(text)} ${text}`).join('')

/** A sender of RELP with a window of one that sends again what was not answered. */
async function relp(port: number, lines: readonly string[]): Promise<void> {
  const waiting = [...lines]
  for (let tries = 0; waiting.length > 0 && tries < 5; tries++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let number = 1
    const frame = (command: string, data: string): void =>
      void socket.write(`${number++} ${command} ${Buffer.byteLength(data)} ${data}\n`)
    frame('open', 'relp_version=0\nrelp_software=test\ncommands=syslog')
    socket.on('data', (chunk) => {
      for (const said of chunk.toString().matchAll(/^(\d+) rsp/gm)) if (Number(said[1]) > 1) waiting.shift()
      if (waiting[0] === undefined) socket.destroy()
      else frame('syslog', waiting[0])
    })
    await once(socket, 'close')
  }
}

describe('VN-10.2d the published rules of a connection and the script that checks them', () => {
  test('VN-10.2d VN-12.4 VN-13.4 a collector that keeps them passes, over octet-counted syslog and over RELP with a broken connection', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => line(n))
    const syslog = await check('--protocol', 'syslog', '--messages', '12')
    await send(syslog.port, counted(...lines))
    const said = await syslog.ended
    assert.equal(said.code, 0, said.lines.join('\n'))
    assert.ok(said.lines.some((text) => text.startsWith('C-3\tkept')))
    const answered = await check('--protocol', 'relp', '--messages', '12')
    void relp(answered.port, lines).catch(() => {})
    const relpSaid = await answered.ended
    assert.equal(relpSaid.code, 0, relpSaid.lines.join('\n'))
    assert.ok(relpSaid.lines.some((text) => text.startsWith('C-7\tkept')))
    assert.match(relpSaid.lines.at(-1) ?? '', /all rules are kept over 1[23] messages/)
  })

  // Each is made when it is sent: a run of many files may come to it long after it read it, and a clock may be five minutes off.
  for (const [rule, what, textNow] of [
    ['C-3', 'a header of RFC 3164', () => '<134>Nov 22 08:30:00 fw-1 app: old header'],
    ['C-3', 'a priority beyond 191', () => `<192>1 ${new Date().toISOString()} fw-1 app - - - x`],
    ['C-4', 'a clock that is years behind', () => '<134>1 2020-01-01T00:00:00Z fw-1 app - - - x'],
    ['C-4', 'a time without zone', () => `<134>1 ${new Date().toISOString().slice(0, 19)} fw-1 app - - - x`],
    ['C-5', 'no host', () => line(1, '-')],
    ['C-2', 'more octets than fit', () => `${line(1)} ${'x'.repeat(70_000)}`],
  ] as const)
    test(`VN-10.2d ${rule} broken by ${what} is found`, async () => {
      const { port, ended } = await check('--protocol', 'syslog', '--messages', '2')
      await send(port, counted(line(0), textNow()))
      const { code, lines } = await ended
      assert.equal(code, 1)
      assert.deepEqual(
        lines.filter((said) => said.includes('BROKEN')).map((said) => said.slice(0, 3)),
        [rule],
      )
    })

  test('VN-10.2d octets that are no UTF-8 and lines without a count are found', async () => {
    const octets = await check('--protocol', 'syslog', '--messages', '1')
    const bad = Buffer.concat([Buffer.from(`${line(1)} `), Buffer.from([0xff, 0xfe])])
    await send(octets.port, Buffer.concat([Buffer.from(`${bad.length} `), bad]))
    assert.ok((await octets.ended).lines.some((said) => said.startsWith('C-6\tBROKEN')))
    const bare = await check('--protocol', 'syslog', '--messages', '1', '--seconds', '2')
    await send(bare.port, `${line(1)}\n`)
    const { code, lines } = await bare.ended
    assert.equal(code, 1)
    assert.ok(lines.some((said) => said.startsWith('C-2\tBROKEN')))
  })

  test('VN-10.2d C-1: a sender with a certificate of the named issuer keeps it, one without breaks it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-connection-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const now = Date.now()
    const request = {
      subject: 'collector',
      issuer: 'collector',
      publicKey,
      issuerKey: privateKey,
      serial: Buffer.of(1),
    }
    const valid = { notBeforeMs: now - 3_600_000, notAfterMs: now + 3_600_000 }
    writeFileSync(
      cert,
      certificatePem({ ...request, ...valid, addresses: ['127.0.0.1'], dnsNames: [], isAuthority: true }),
    )
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const own = { cert: readFileSync(cert), key: readFileSync(key) }
    for (const [identity, verdict] of [
      [own, 'kept'],
      [{}, 'BROKEN'],
    ] as const) {
      const { port, ended } = await check(
        '--protocol',
        'syslog',
        '--messages',
        '1',
        '--cert',
        cert,
        '--key',
        key,
        '--ca',
        cert,
      )
      const socket = connectTls({ port, host: '127.0.0.1', ca: own.cert, ...identity })
      socket.on('error', () => {})
      socket.end(counted(line(1)))
      assert.ok(
        (await ended).lines.some((said) => said.startsWith(`C-1\t${verdict}`)),
        verdict,
      )
    }
  })
})
