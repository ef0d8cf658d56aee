// Sensors managed centrally: packs, the desk, the list; the agent against a real server and real folders.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { SensorPack, SensorState } from '@tocsin/events'
import fc from 'fast-check'
import { readFolder } from '../src/adapters/pack-folder.ts'
import { type AgentConfig, agentTurn } from '../src/adapters/sensor-agent.ts'
import { serveSensors } from '../src/adapters/sensor-server.ts'
import { filesOf, isSafePath, type PackFiles, packOf, versionOf } from '../src/sensors/pack.ts'
import { SensorDesk } from '../src/sensors/sensor-desk.ts'
import { resultsOf, sensorRows } from '../src/sensors/sensor-list.ts'
import { sourceWith } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-sensors-'))
after(() => rmSync(folder, { recursive: true }))

const filesWith = (rows: Record<string, string>): PackFiles =>
  new Map(Object.entries(rows).map(([path, text]) => [path, Buffer.from(text)]))
const packWith = (rows: Record<string, string>, fields: Partial<SensorPack> = {}): SensorPack => ({
  ...packOf(filesWith(rows), { group: 'border', name: 'rules', pushedAt: 1, pushedBy: 'test' }),
  ...fields,
})
const token = 'a-token-of-one-sensor'
const enrolled = {
  sensor: 'ids-1',
  constituent: 'vn-body',
  groups: ['border'],
  tokenSha256: createHash('sha256').update(token).digest('hex'),
}

describe('packs', () => {
  test('what goes in comes out, and another octet or another path is another version', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a.rules', 'b/c.rules', 'b/d', 'e'), fc.string(), {
          minKeys: 1,
          noNullPrototype: true,
        }),
        (rows) => {
          const pack = packWith(rows)
          assert.deepEqual(filesOf(pack.archive, pack.version), filesWith(rows))
          assert.notEqual(versionOf(filesWith({ ...rows, e: `${rows['e'] ?? ''}.` })), pack.version)
        },
      ),
    )
  })

  test('a path that leaves the folder is refused on both sides, whatever it is called', () => {
    for (const path of [
      '../x',
      '/etc/passwd',
      'a/../../b',
      'a//b',
      'C:\\x',
      'a\\..\\b',
      '..',
      'a/.',
      '',
      'x\u0000',
      'a b',
    ])
      assert.equal(isSafePath(path), false, path)
    assert.ok(isSafePath('rules/a-1_b.rules'))
    assert.throws(() => packWith({ '../x': '' }), { code: 'sensor_pack_refused' })
    const files = filesWith({ '../x': 'y' })
    const archive = gzipSync(JSON.stringify({ '../x': Buffer.from('y').toString('base64') }))
    assert.throws(() => filesOf(archive, versionOf(files)), { code: 'sensor_pack_refused' })
  })

  test('an archive that is none, is of another version or swells beyond measure is refused', () => {
    const { archive, version } = packWith({ a: 'x' })
    assert.throws(() => filesOf(archive.subarray(0, 20), version), { code: 'sensor_pack_refused' })
    assert.throws(() => filesOf(archive, '0'.repeat(64)), /not those of version 000000000000/)
    assert.throws(() => filesOf(gzipSync(Buffer.alloc(80 * 1_048_576)), version), /cannot be read/)
    const noise = (file: number): string =>
      Array.from({ length: 300 }, (_, n) => createHash('sha512').update(`${file}/${n}`).digest('base64')).join('')
    const large = Object.fromEntries(Array.from({ length: 40 }, (_, file) => [`f${file}`, noise(file)]))
    assert.throws(() => packWith(large), /fit into a record/)
    assert.throws(() => packOf(new Map(), { group: 'g', name: 'n', pushedAt: 1, pushedBy: 'x' }), /1 to 5000 files/)
    assert.throws(
      () => packOf(filesWith({ a: '' }), { group: 'G', name: 'n', pushedAt: 1, pushedBy: 'x' }),
      /The group "G"/,
    )
  })
})

describe('the desk', () => {
  const packs = [
    packWith({ a: '1' }),
    packWith({ a: '2' }, { group: 'inner' }),
    packWith({ a: '3' }, { name: 'gone', deleted: true }),
  ]
  const desk = new SensorDesk([enrolled], () => packs)
  const ask = (method: string, path: string, given = token, body = '') =>
    desk.answer({ method, path, token: given, body, nowMs: 5_000 })

  test('gives a sensor the packs of its groups, and nobody else anything', () => {
    const { status, body } = ask('GET', '/sensors/ids-1/packs')
    assert.equal(status, 200)
    assert.deepEqual(
      (body as { packs: { version: string }[] }).packs.map(({ version }) => version),
      [packs[0]?.version],
    )
    assert.equal(ask('GET', '/sensors/ids-1/packs', 'another-token-entirely').status, 401)
    assert.equal(ask('GET', '/sensors/ids-2/packs').status, 401)
    assert.equal(ask('GET', '/sensors/%E0%A4%A/packs').status, 401)
    assert.equal(ask('GET', '/').status, 401)
    assert.equal(ask('DELETE', '/sensors/ids-1/packs').status, 404)
  })

  test('what a sensor says of itself moves no terminal and begins no row of its own', () => {
    const result = { name: 'rules', version: '1', state: 'refused', message: 'x\u001b[2J\nids-9\tapplied\u2028', at: 1 }
    const report = { everySeconds: 60, agentVersion: '1\r\n2', sensorVersion: null, configHash: null, packs: [result] }
    const { state } = ask('POST', '/sensors/ids-1/state', token, JSON.stringify(report))
    assert.equal(state?.agentVersion, '1 2')
    assert.equal(state?.packs[0]?.message, 'x [2J ids-9 applied ')
  })

  test('keeps a report with groups and time of its own, and refuses one that is none', () => {
    const report = { everySeconds: 60, agentVersion: '1', sensorVersion: 'S 7', configHash: null, packs: [] }
    const { status, state } = ask('POST', '/sensors/ids-1/state', token, JSON.stringify(report))
    assert.equal(status, 204)
    assert.deepEqual(state, {
      sensorId: 'ids-1',
      constituent: 'vn-body',
      groups: ['border'],
      reportedAt: 5_000,
      ...report,
    })
    assert.equal(ask('POST', '/sensors/ids-1/state', token, '{').status, 400)
    const forged = ask('POST', '/sensors/ids-1/state', token, JSON.stringify({ ...report, sensorId: 'ids-2' }))
    assert.equal(forged.status, 400)
    assert.equal(forged.state, undefined)
  })
})

const stateWith = (fields: Partial<SensorState>): SensorState => ({
  sensorId: 'ids-1',
  constituent: 'vn-body',
  groups: ['border'],
  reportedAt: 1_000_000,
  everySeconds: 60,
  agentVersion: '1',
  sensorVersion: 'Suricata 7.0.2',
  configHash: 'ab',
  packs: [],
  ...fields,
})

describe('the list', () => {
  test('each sensor is never, connected or stale, with times', () => {
    const sources = [
      sourceWith({ sourceId: 'ids-2', kind: 'security-device', version: '6' }),
      sourceWith({ sourceId: 'ids-1', kind: 'security-device', constituent: 'vn-body' }),
      sourceWith({ sourceId: 'app', kind: 'application' }),
    ]
    const at = (nowMs: number): string[] =>
      sensorRows(sources, [stateWith({}), stateWith({ sensorId: 'ids-3' })], nowMs).map(
        ({ sensorId, constituent, link, reportedAt, version }) =>
          `${sensorId} ${constituent} ${link} ${reportedAt} ${version}`,
      )
    assert.deepEqual(at(1_180_000), [
      'ids-1 vn-body connected 1000000 Suricata 7.0.2',
      'ids-2  never null 6',
      'ids-3 vn-body connected 1000000 Suricata 7.0.2',
    ])
    assert.match(at(1_180_001)[0] ?? '', /stale 1000000/)
  })

  test('VN-10.2b position and connected segment of a sensor stand in the list, from the registry', () => {
    const [row] = sensorRows(
      [
        sourceWith({
          sourceId: 'ids-1',
          kind: 'security-device',
          position: 'behind the border router',
          connections: ['isp-1'],
        }),
      ],
      [],
      0,
    )
    assert.deepEqual([row?.position, row?.connections], ['behind the border router', ['isp-1']])
  })

  test('VN-10.1a-3 a push is pending at each sensor of the group until that very version was tried there', () => {
    const pack = packWith({ a: '1' })
    const result = { name: 'rules', version: pack.version, state: 'applied', message: null, at: 7 }
    const rows = resultsOf(pack, [
      stateWith({ sensorId: 'c', packs: [{ ...result, state: 'refused', message: 'line 3' }] }),
      stateWith({ sensorId: 'b', packs: [{ ...result, version: 'older' }] }),
      stateWith({ sensorId: 'a', packs: [result] }),
      stateWith({ sensorId: 'd', groups: ['inner'] }),
    ])
    assert.deepEqual(
      rows.map(({ sensorId, state, message }) => `${sensorId} ${state} ${message}`),
      ['a applied null', 'b pending null', 'c refused line 3'],
    )
  })
})

test('the agent puts a pack in place, keeps the one before where check or reload refuses, and takes away what is withdrawn', async () => {
  let packs: SensorPack[] = []
  const states: SensorState[] = []
  const keep = async (state: SensorState): Promise<void> => void states.push(state)
  const server = await serveSensors(
    { host: '127.0.0.1', port: 0 },
    new SensorDesk([enrolled], () => packs),
    keep,
    () => 9,
  )
  const [root, tokenFile, yaml] = [join(folder, 'packs'), join(folder, 'token'), join(folder, 'suricata.yaml')]
  mkdirSync(root)
  writeFileSync(tokenFile, `${token}\n`)
  writeFileSync(yaml, 'one')
  const node = (script: string): string[] => [process.execPath, '-e', script]
  const config: AgentConfig = {
    sensor: 'ids-1',
    centre: `http://127.0.0.1:${server.port}`,
    tokenFile,
    folder: root,
    everySeconds: 60,
    version: node('console.log("Sensor 7.0.2")'),
    configFiles: [yaml, join(folder, 'none.yaml')],
    check: node(
      'if (process.getBuiltinModule("node:fs").readFileSync(process.env.TOCSIN_PACK_FOLDER + "/a.rules", "utf8") === "bad") { console.error("line 1: bad"); process.exit(1) }',
    ),
    reload: node(
      'if (process.getBuiltinModule("node:fs").readFileSync(process.env.TOCSIN_PACK_FOLDER + "/a.rules", "utf8") === "worse") process.exit(2)',
    ),
  }
  const turn = async (text: string | null): Promise<string> => {
    packs = text === null ? [] : [packWith({ 'a.rules': text, 'sub/b.rules': 'b' })]
    await agentTurn({ ...config, ...(text === null ? { reload: undefined } : {}) }, '1', () => 5)
    const [result] = states.at(-1)?.packs ?? []
    return `${result?.state} ${result?.version === packs[0]?.version} ${result?.message ?? ''}`.trim()
  }
  const inPlace = (): string => readFileSync(join(root, 'rules/a.rules'), 'utf8')
  assert.equal(await turn('good'), 'applied true')
  assert.equal(inPlace(), 'good')
  assert.deepEqual([...(await readFolder(join(root, 'rules'))).keys()].sort(), ['a.rules', 'sub/b.rules'])
  assert.match(await turn('bad'), /^refused true .* said: line 1: bad$/)
  assert.equal(inPlace(), 'good')
  assert.match(await turn('worse'), /^refused true/)
  assert.equal(inPlace(), 'good')
  assert.equal(await turn('better'), 'applied true')
  assert.equal(inPlace(), 'better')
  assert.equal(await turn(null), 'removed false')
  assert.deepEqual(readdirSync(root), ['.tocsin-packs.json'])
  const [first, last] = [states[0], states.at(-1)]
  assert.equal(first?.sensorVersion, 'Sensor 7.0.2')
  assert.match(first?.configHash ?? '', /^[0-9a-f]{64}$/)
  assert.equal(first?.configHash, last?.configHash)
  writeFileSync(yaml, 'two')
  await turn(null)
  assert.notEqual(states.at(-1)?.configHash, first?.configHash)
  await assert.rejects(
    agentTurn({ ...config, sensor: 'ids-2' }, '1', () => 5),
    { code: 'centre_unreachable' },
  )
  for (const centre of ['http://192.0.2.1', 'http://127.0.0.1.example'])
    await assert.rejects(
      agentTurn({ ...config, centre }, '1', () => 5),
      /without TLS/,
    )
  await server.close()
  await assert.rejects(
    serveSensors({ host: '0.0.0.0', port: 0 }, new SensorDesk([], () => []), keep, () => 0),
    /without TLS/,
  )
})

test('a pack that was refused for its name leads to nothing being taken away outside of the packs', async () => {
  const [root, neighbour] = [join(folder, 'own', 'packs'), join(folder, 'own', 'neighbour')]
  for (const path of [root, neighbour]) mkdirSync(path, { recursive: true })
  const tokenFile = join(folder, 'token-of-names')
  writeFileSync(tokenFile, `${token}\n`)
  const { archive, version } = packWith({ a: '1' })
  let offered: unknown[] = [{ name: '../neighbour', version, archive: archive.toString('base64') }]
  const centre = createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ packs: offered })))
  })
  await new Promise<void>((resolve) => centre.listen(0, '127.0.0.1', resolve))
  const { port } = centre.address() as AddressInfo
  const config: AgentConfig = {
    sensor: 'ids-1',
    centre: `http://127.0.0.1:${port}`,
    tokenFile,
    folder: root,
    everySeconds: 60,
    configFiles: [],
  }
  const [refused] = await agentTurn(config, '1', () => 5)
  assert.deepEqual([refused?.name, refused?.state], ['../neighbour', 'refused'])
  offered = []
  assert.deepEqual(await agentTurn(config, '1', () => 6), [])
  assert.deepEqual(readdirSync(join(folder, 'own')).sort(), ['neighbour', 'packs'])
  centre.closeAllConnections()
  centre.close()
})

test('the body of a report is read of an enrolled sensor only: a stranger is answered before it came', async () => {
  const server = await serveSensors(
    { host: '127.0.0.1', port: 0 },
    new SensorDesk([enrolled], () => []),
    () => Promise.resolve(),
    () => 9,
  )
  const status = await new Promise<number>((resolve, reject) => {
    const headers = { authorization: 'Bearer a-token-of-a-stranger', 'content-length': 1_000 }
    const address = { host: '127.0.0.1', port: server.port, path: '/sensors/ids-1/state', method: 'POST', headers }
    const asked = request({ ...address, timeout: 60_000 }, (response) => {
      resolve(response.statusCode ?? 0)
      asked.destroy()
    })
    asked.on('timeout', () => asked.destroy(new Error('nothing was answered')))
    asked.on('error', reject)
    // The rest of the body never comes.
    asked.write('{')
  })
  assert.equal(status, 401)
  await server.close()
})
