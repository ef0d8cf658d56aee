import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FeedRecord, Incident, ReceivedItem } from '@tocsin/events'
import { readSharedCase, sharedCaseOf, stixObjectsOf } from '@tocsin/exchange'
import { createLog, manualClock } from '@tocsin/runtime'
import { TaskStores } from '@tocsin/stage'
import fc from 'fast-check'
import { PeerLink } from '../../src/adapters/peer-link.ts'
import type { Contract } from '../../src/feeds/agency/contract.ts'
import { feedOutputs } from '../../src/feeds/agency/feed.ts'
import { loadPeers, type Peer } from '../../src/peers/peers-file.ts'
import { takeObject } from '../../src/peers/take.ts'
import type { Issued } from '../../src/state.ts'
import { answerTaxii } from '../../src/taxii/answer.ts'
import { TaxiiCollection } from '../../src/taxii/collection.ts'
import { constituent, incident, NOW } from '../fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-peers-'))
const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
  rmSync(base, { recursive: true })
})
const keyFile = join(base, 'key')
writeFileSync(keyFile, 'secret-of-the-link\n')

const contractOf = (agency: string): Contract => ({
  agency,
  version: '1.0.0',
  countries: ['VN'],
  strongestTlp: 'amber',
  restrictions: ['none', 'need-to-know'],
  exercises: false,
  groups: [],
})

/** A deployment: its feed to the others, served over HTTP, and its links to them; what it receives becomes cases of its own at once. */
class Deployment {
  readonly name: string
  readonly received: ReceivedItem[] = []
  readonly cases = new Map<string, Incident>()
  readonly #collections = new Map<string, TaxiiCollection>()
  readonly #issued = new TaskStores().store<Issued>('feeds')
  readonly #links: PeerLink[] = []
  readonly #server = createServer((request, response) => {
    const [user = ''] = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64')
      .toString()
      .split(':')
    const collection = this.#collections.get(user)
    const { method = 'GET', url = '/', headers } = request
    if (this.isCut || collection === undefined) {
      request.socket.destroy()
      return
    }
    const {
      status,
      headers: own,
      body,
    } = answerTaxii({ method, url, accept: headers.accept }, user, collection, this.name)
    response.writeHead(status, own).end(JSON.stringify(body))
  })
  isCut = false
  #now = NOW

  constructor(name: string, others: readonly string[]) {
    this.name = name
    for (const other of others) this.#collections.set(other, new TaxiiCollection(name))
    closing.push(() => this.#server.close())
  }

  async connect(...others: readonly Deployment[]): Promise<void> {
    for (const other of others) this.#links.push(await this.linkTo(other))
  }

  async linkTo(other: Deployment): Promise<PeerLink> {
    const peer: Peer = {
      peer: other.name,
      url: await other.#url(),
      as: this.name,
      keyFile,
      constituent: `peer-${other.name}`,
    }
    return new PeerLink(peer, {
      dataDir: join(base, this.name),
      deployment: this.name,
      clock: manualClock(NOW),
      log: createLog('test', 0, 'fatal'),
      publish: (item) => {
        this.received.push(item)
        this.#becomesCase(item)
        return Promise.resolve()
      },
      tell: () => Promise.resolve(),
    })
  }

  async #url(): Promise<string> {
    if (!this.#server.listening) {
      this.#server.listen(0, '127.0.0.1')
      await once(this.#server, 'listening')
    }
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/feeds/`
  }

  /** A case of our own, or a new state of it. */
  tell(changes: Partial<Incident>): void {
    const value = incident({ constituent: 'vn-body', verification: 'confirmed', ...changes })
    this.cases.set(value.caseId, value)
    const bodies = { get: () => constituent({ country: 'VN' }) }
    for (const { topic, toTopic, value: record } of feedOutputs(
      value,
      [...this.#collections.keys()].map(contractOf),
      bodies,
      this.#issued,
      this.name,
    ))
      if (topic === 'feed-records' && toTopic === undefined) {
        const { agency } = record as FeedRecord
        this.#collections.get(agency)?.add(record as FeedRecord, this.#now++)
      }
  }

  /** What incident-manager does with an item, as far as the exchange sees it: a case that keeps the origin. */
  #becomesCase({ sharedCase, verdict }: ReceivedItem): void {
    if (verdict !== 'accepted') return
    const { origin, description, revision, status } = readSharedCase(JSON.parse(sharedCase))
    const caseId = `here-${origin}`
    const known = this.cases.get(caseId)
    if (known !== undefined && known.revision >= revision) return
    this.tell({ caseId, revision, description, status, related: [`origin:${origin}`] })
  }

  /** One look at every other; a link that is cut gives nothing. */
  async look(): Promise<number> {
    let found = 0
    for (const link of this.#links) {
      const count = await link.pass().catch(() => ({ items: 0 }))
      found += count.items
    }
    return found
  }
}

async function settle(...deployments: readonly Deployment[]): Promise<void> {
  // Everybody looks until nobody finds anything; going round for ever would fail here.
  for (let turn = 0; turn < 10; turn++) {
    let found = 0
    for (const deployment of deployments) found += await deployment.look()
    if (found === 0) return
  }
  assert.fail('cases go round')
}

const origins = ({ received }: Deployment) => received.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))

test('VN-10.1b two deployments exchange their cases both ways, each once, and what comes home is dropped', async () => {
  const [north, south] = [new Deployment('vn-north', ['vn-south']), new Deployment('vn-south', ['vn-north'])]
  await north.connect(south)
  await south.connect(north)
  for (const index of [1, 2, 3]) north.tell({ caseId: `n-${index}` })
  south.tell({ caseId: 's-1' })
  await settle(north, south)
  assert.deepEqual(origins(south), ['vn-north/n-1', 'vn-north/n-2', 'vn-north/n-3'])
  assert.deepEqual(origins(north), ['vn-south/s-1'])
  // A new state goes over as well, and only over.
  north.tell({ caseId: 'n-1', revision: 2, description: 'more is known', modifiedAt: NOW + 1 })
  await settle(north, south)
  assert.equal(south.cases.get('here-vn-north/n-1')?.description, 'more is known')
  assert.equal(north.received.length, 1)
  // Even a peer that tells us our own cases changes nothing.
  assert.equal(takeObject(servedBy(south), peer('vn-south'), 'vn-north', NOW).kind, 'item')
  assert.equal(takeObject(servedBy(north), peer('vn-south'), 'vn-north', NOW).kind, 'own')
})

const peer = (name: string): Peer => ({ peer: name, url: 'http://127.0.0.1/', as: 'x-y', keyFile, constituent: 'c' })

/** The incident object of a deployment's own case, as it serves it. */
function servedBy({ cases, name }: Deployment): unknown {
  const own = [...cases.values()].find(({ related }) => related.length === 0)
  assert.ok(own !== undefined)
  return stixObjectsOf(sharedCaseOf(own, name), name).find(({ type }) => type === 'incident')
}

test('VN-10.1b over three deployments in a ring each case reaches each of the others, and the ring comes to rest', async () => {
  const names = ['vn-a1', 'vn-b1', 'vn-c1']
  const ring = names.map(
    (name) =>
      new Deployment(
        name,
        names.filter((other) => other !== name),
      ),
  )
  const [a, b, c] = ring as [Deployment, Deployment, Deployment]
  await a.connect(c)
  await b.connect(a)
  await c.connect(b)
  for (const [index, one] of ring.entries()) one.tell({ caseId: `case-${index}` })
  await settle(...ring)
  assert.deepEqual(origins(a), ['vn-b1/case-1', 'vn-c1/case-2'])
  assert.deepEqual(origins(b), ['vn-a1/case-0', 'vn-c1/case-2'])
  assert.deepEqual(origins(c), ['vn-a1/case-0', 'vn-b1/case-1'])
})

test('VN-3.4b after a cut everything that was added meanwhile comes in order, once, whatever the page at which the link broke', async () => {
  const [child, parent] = [new Deployment('vn-child', ['vn-parent']), new Deployment('vn-parent', ['vn-child'])]
  await parent.connect(child)
  child.tell({ caseId: 'before' })
  await settle(parent)
  assert.deepEqual(origins(parent), ['vn-child/before'])
  child.isCut = true
  for (let index = 0; index < 450; index++) child.tell({ caseId: `meanwhile-${String(index).padStart(3, '0')}` })
  assert.equal(await parent.look(), 0)
  child.isCut = false
  assert.equal(await parent.look(), 450)
  assert.deepEqual(
    parent.received.map(({ name }) => name).slice(1),
    Array.from({ length: 450 }, (_, index) => `vn-child/meanwhile-${String(index).padStart(3, '0')}`),
  )
  // A successor of the process goes on from the place that was kept.
  const successor = await parent.linkTo(child)
  assert.deepEqual(await successor.pass(), { items: 0, own: 0 })
})

test('what a peer sends is a case, nothing, or an item that says why it is none', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.ok(['item', 'own', 'other'].includes(takeObject(value, peer('vn-x'), 'vn-y', NOW).kind))
    }),
    { numRuns: 300 },
  )
})

test('a page that says there is more without going on is asked for once in a pass', async () => {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    // Ends by itself where a link would never stop asking.
    response.setHeader('X-TAXII-Date-Added-Last', '2026-11-22T01:00:00.000000Z')
    response.end(JSON.stringify({ more: asked < 50, objects: [{ type: 'tool' }] }))
  })
  closing.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feeds/`
  const link = new PeerLink(
    { ...peer('vn-stuck'), url },
    {
      dataDir: join(base, 'stuck'),
      deployment: 'vn-y',
      clock: manualClock(NOW),
      log: createLog('test', 0, 'fatal'),
      publish: () => Promise.resolve(),
      tell: () => Promise.resolve(),
    },
  )
  assert.deepEqual(await link.pass(), { items: 0, own: 0 })
  assert.equal(asked, 2)
})

test('a case that no record could hold is an item that says so, and holds up nothing', () => {
  const large = Array.from({ length: 40 }, (_, index) => `${index}${'x'.repeat(19_000)}`)
  const value = incident({ techniques: large })
  const object = stixObjectsOf(sharedCaseOf(value, 'vn-x'), 'vn-x').find(({ type }) => type === 'incident')
  const taken = takeObject(object, peer('vn-x'), 'vn-y', NOW)
  assert.ok(taken.kind === 'item')
  assert.deepEqual([taken.item.verdict, taken.item.sharedCase], ['rejected', ''])
  assert.match(taken.item.reason ?? '', /more than 524288 bytes/)
})

test('a file of peers that is wrong, doubled or without TLS is refused with its place', () => {
  const good = '{peer: vn-mic, url: https://192.0.2.1/feeds/, as: vn-child, keyFile: k, constituent: c}'
  assert.equal(loadPeers(`- ${good}`).length, 1)
  assert.throws(() => loadPeers(`- ${good}\n- ${good}`), { code: 'bad_peers', message: /twice/ })
  assert.throws(() => loadPeers(`- ${good.replace('https', 'http')}`), { code: 'bad_peers', message: /TLS/ })
  assert.throws(() => loadPeers(`- ${good.replace('as:', 'az:')}`), { code: 'bad_peers', message: /0/ })
})
