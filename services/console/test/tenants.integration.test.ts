// Two bodies with marked data, every route of the API tried as the other, through the real server, topics and index.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuditEntry, RegistryConstituent } from '@tocsin/events'
import { auditHash } from '../src/audit-chain.ts'
import { outputOf } from '../src/registry/records.ts'
import { ROUTES, type RouteId } from '../src/routes.ts'
import { Client, type ConsoleWorld, consoleWorld, eventually, PASSWORD } from './console-world.ts'
import { incident } from './incidents.ts'
import { entry } from './registry/registry-of.ts'
import { requestOf } from './request-records.ts'

const MARKS = { a: 'MARK-OF-A', b: 'MARK-OF-B' } as const
const BOUND_ROLES = ['constituent', 'manager', 'operator', 'enterprise', 'contact', 'inspector'] as const
const NEW_PASSWORD = `another ${PASSWORD}`
const EVENT_ID = '0190a0b0c0d00123456789abcdef0123'
// The same in every run: the bare server has no way to delete a data stream, so nothing may pile up.
const group = (body: 'a' | 'b'): string => `console_test_${body}`

let world: ConsoleWorld
let address: string
let victim: Awaited<ReturnType<ConsoleWorld['startConsole']>>['victim']
let national: Client
const bound = new Map<string, Client>()
const audit: AuditEntry[] = []

before(async () => {
  world = await consoleWorld()
  for (const body of ['a', 'b'] as const) {
    const value = constituent(body)
    await world.publisher.send({ topic: 'registry-constituents', key: value.constituentId, value })
    await publishCase(body, 1)
    await publishRequest(body)
    await indexEvent(body)
  }
  await world.kafka.follow(['audit-entries'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) audit.push(value)
  })
  ;({ address, victim } = await world.startConsole({ CONSOLE_ANSWER_SECONDS: '1' }))
  national = await world.account(address, 'centre', 'national')
  for (const role of BOUND_ROLES) bound.set(role, await world.account(address, `a-${role}`, role, 'body-a'))
})

after(() => world.close())

/** For each route what a stranger would send to get at the other body; a route without a line here does not compile. */
const ATTEMPTS: Readonly<Record<RouteId, readonly Attempt[]>> = {
  'session-read': [{ kind: 'filtered', path: '/api/session' }],
  'sign-in': [{ kind: 'filtered', path: '/api/session', body: { name: 'centre', password: 'x' } }],
  'sign-out': [],
  'password-change': [
    { kind: 'filtered', path: '/api/session/password', body: { password: 'x', newPassword: PASSWORD } },
  ],
  'constituents-list': [
    { kind: 'filtered', path: '/api/constituents' },
    { kind: 'denied', path: '/api/constituents?constituent=body-b' },
  ],
  'packs-list': [{ kind: 'filtered', path: '/api/packs' }],
  'cases-list': [
    { kind: 'filtered', path: '/api/cases' },
    { kind: 'denied', path: '/api/cases?constituent=body-b' },
    { kind: 'denied', path: '/api/cases?constituent=nobody' },
    { kind: 'refused', path: '/api/cases?constituent=body-a&constituent=body-b' },
  ],
  'sources-list': [
    { kind: 'filtered', path: '/api/sources' },
    { kind: 'denied', path: '/api/sources?constituent=body-b' },
  ],
  'requests-list': [
    { kind: 'filtered', path: '/api/requests' },
    { kind: 'denied', path: '/api/requests?constituent=body-b' },
  ],
  'request-open': [
    { kind: 'denied', path: '/api/constituents/body-b/requests', body: { fields: { kind: 'help', subject: 'x' } } },
  ],
  'request-command': [
    { kind: 'denied', path: '/api/constituents/body-b/requests/request-b/commands', body: { action: 'request-close' } },
    {
      kind: 'refused',
      path: '/api/constituents/body-a/requests/request-b/commands',
      body: { action: 'request-close' },
    },
  ],
  'compliance-list': [
    { kind: 'filtered', path: '/api/compliance' },
    { kind: 'denied', path: '/api/compliance?constituent=body-b' },
  ],
  'compliance-file': [
    { kind: 'filtered', path: '/api/compliance.csv' },
    { kind: 'denied', path: '/api/compliance.csv?constituent=body-b' },
  ],
  'case-read': [
    { kind: 'denied', path: '/api/cases/case-b' },
    { kind: 'denied', path: '/api/cases/no-such-case' },
    { kind: 'denied', path: '/api/cases/case-b%20' },
  ],
  'evidence-read': [
    { kind: 'denied', path: '/api/cases/case-b/evidence' },
    { kind: 'denied', path: '/api/cases/no-such-case/evidence' },
  ],
  'case-command': [
    { kind: 'denied', path: '/api/cases/case-b/commands', body: { action: 'acknowledge' } },
    { kind: 'denied', path: '/api/cases/no-such-case/commands', body: { action: 'acknowledge' } },
  ],
  'case-create': [
    { kind: 'denied', path: '/api/constituents/body-b/cases', body: { fields: { title: 'x' } } },
    { kind: 'denied', path: '/api/constituents/nobody/cases', body: { fields: { title: 'x' } } },
  ],
  'event-read': [
    { kind: 'denied', path: `/api/constituents/body-b/events/${EVENT_ID}` },
    { kind: 'denied', path: `/api/constituents/nobody/events/${EVENT_ID}` },
    // B's event by A's address: A's index alone is asked.
    { kind: 'filtered', path: `/api/constituents/body-a/events/${EVENT_ID.replace(/.$/, 'b')}` },
    { kind: 'refused', path: '/api/constituents/body-a/events/*' },
  ],
  stream: [{ kind: 'denied', path: '/api/stream?constituent=body-b' }],
}

interface Attempt {
  /** denied: 403 and an audit entry. refused: not found or malformed. filtered: an answer without the other's marks. */
  kind: 'denied' | 'refused' | 'filtered'
  path: string
  body?: unknown
}

test('the marks are there to be found: the centre sees both bodies by every way', async () => {
  const texts = await Promise.all(
    [
      '/api/constituents',
      '/api/cases',
      '/api/cases/case-b',
      '/api/cases/case-b/evidence',
      '/api/requests',
      '/api/compliance',
      '/api/compliance.csv',
      `/api/constituents/body-b/events/${EVENT_ID.replace(/.$/, 'b')}`,
    ].map(async (path) => (await national.get(path)).text()),
  )
  for (const text of texts) assert.match(text, /MARK-OF-B/, text)
  const stream = await national.stream('/api/stream', (text) => text.includes('event: beat'))
  assert.ok(stream.includes(MARKS.a) && stream.includes(MARKS.b))
  assert.equal((await national.get('/api/cases/no-such-case')).status, 404)
})

for (const role of BOUND_ROLES) {
  test(`VN-2.1 an account of body A in the role ${role} gets 403 for everything of body B, and the attempt is in the audit log`, async () => {
    const client = bound.get(role) as Client
    for (const [id, attempts] of Object.entries(ATTEMPTS) as [RouteId, readonly Attempt[]][]) {
      for (const { kind, path, body } of attempts) {
        const since = audit.length
        const response = await client.send(ROUTES[id].method, path, body)
        const text = await response.text()
        assert.ok(!text.includes(MARKS.b) && !text.includes('case-b'), `${id} ${path}: ${text}`)
        if (kind === 'filtered') continue
        if (kind === 'refused') {
          assert.ok(response.status >= 400, `${id} ${path}`)
          continue
        }
        assert.equal(response.status, 403, `${id} ${path}`)
        assert.equal(text, '{"code":"not_allowed","message":"This account may not see or do that."}')
        const entry = await eventually(`the audit entry of ${path}`, () =>
          audit.slice(since).find((one) => one.actor === `a-${role}` && one.outcome === 'denied' && one.action === id),
        )
        assert.deepEqual(entry.roles, [role])
        assert.match(entry.object, /^(case|event|constituent):/)
        assert.equal(entry.address, '127.0.0.1')
      }
    }
  })
}

test('SEC-S1 every route of the server has its attempts, and none shows one mark of the other body', async () => {
  assert.deepEqual(Object.keys(ATTEMPTS).sort(), Object.keys(ROUTES).sort())
  const client = bound.get('manager') as Client
  const own = await Promise.all(
    [
      '/api/cases',
      '/api/cases/case-a',
      '/api/cases/case-a/evidence',
      '/api/constituents',
      '/api/requests',
      '/api/compliance',
      '/api/compliance.csv',
    ].map(async (path) => (await client.get(path)).text()),
  )
  for (const text of own) assert.ok(text.includes(MARKS.a) && !text.includes(MARKS.b), text)
})

test('SEC-S1 the live stream tells body A nothing of body B, from the beginning, live and resumed', async () => {
  const client = bound.get('operator') as Client
  const live = client.stream('/api/stream', (text) => text.includes('"revision":3'))
  const first = await client.stream('/api/stream', (text) => text.includes('event: beat'))
  const lastId = /^id: (\S+)$/m.exec(first)?.[1] ?? ''
  await publishCase('b', 2)
  await publishCase('b', 3)
  await publishCase('a', 3)
  const text = await live
  assert.ok(text.includes(MARKS.a))
  const resumed = await client.stream('/api/stream', (part) => part.includes('event: beat'), {
    'last-event-id': lastId,
  })
  assert.ok(!resumed.includes('event: snapshot') && resumed.includes('"revision":3'), resumed)
  for (const told of [text, first, resumed]) assert.ok(!told.includes(MARKS.b) && !told.includes('case-b'), told)
})

test('SEC-S17 reading evidence is written down once, and an inspector may look and not command', async () => {
  const client = bound.get('inspector') as Client
  const since = audit.length
  assert.equal((await client.get('/api/cases/case-a/evidence')).status, 200)
  assert.equal((await client.post('/api/cases/case-a/commands', { action: 'acknowledge' })).status, 403)
  await eventually('both entries', () => audit.length >= since + 2)
  assert.deepEqual(
    audit.slice(since).map(({ action, outcome, constituent: body }) => [action, outcome, body]),
    [
      ['evidence-read', 'allowed', 'body-a'],
      ['case-command', 'denied', 'body-a'],
    ],
  )
})

/** What each route that changes something is sent, and what is written down of it; a new one without a line does not compile. */
const ACTS: Readonly<Record<MutatingRoute, readonly Act[]>> = {
  'password-change': [
    {
      path: '/api/session/password',
      body: { password: 'wrong', newPassword: NEW_PASSWORD },
      says: 'password-change failed console',
    },
    {
      path: '/api/session/password',
      body: { password: PASSWORD, newPassword: NEW_PASSWORD },
      says: 'password-change allowed console',
    },
  ],
  'case-command': [
    {
      path: '/api/cases/case-a/commands',
      body: { action: 'acknowledge' },
      says: 'command acknowledge allowed case:case-a',
    },
    { path: '/api/cases/case-a/commands', body: { action: 'promote' }, says: 'command promote denied case:case-a' },
    {
      path: '/api/cases/case-a/commands',
      body: { action: 'approve-response' },
      says: 'command approve-response denied case:case-a',
    },
  ],
  'case-create': [
    {
      path: '/api/constituents/body-a/cases',
      body: { fields: { title: 'x' } },
      says: 'command create denied constituent:body-a',
    },
  ],
  'request-open': [
    {
      path: '/api/constituents/body-a/requests',
      body: { fields: { kind: 'help', subject: 'x' } },
      says: 'command request-open allowed constituent:body-a',
    },
  ],
  'request-command': [
    {
      path: '/api/constituents/body-a/requests/request-a/commands',
      body: { action: 'request-close', reason: 'x' },
      says: 'command request-close allowed constituent:body-a',
    },
  ],
  'sign-out': [{ path: '/api/session', body: undefined, says: 'sign-out allowed console' }],
  'sign-in': [
    { path: '/api/session', body: { name: 'actor', password: NEW_PASSWORD }, says: 'sign-in allowed console' },
  ],
}

type Mutating<Id extends RouteId> = Id extends RouteId
  ? (typeof ROUTES)[Id]['method'] extends 'GET'
    ? never
    : Id
  : never
type MutatingRoute = Mutating<RouteId>

interface Act {
  path: string
  body: unknown
  /** Action, outcome and object of its one audit entry. */
  says: string
}

test('SEC-S17 each route that changes something writes exactly one entry: who, what, when, where, outcome', async () => {
  const client = await world.account(address, 'actor', 'operator', 'body-a')
  for (const [id, acts] of Object.entries(ACTS) as [MutatingRoute, readonly Act[]][]) {
    for (const { path, body, says } of acts) {
      const since = await afterReading()
      const startedAt = world.kafka.clock.now()
      const response = await client.send(ROUTES[id].method, path, body)
      await response.text()
      if (response.ok) client.keepCookie(response)
      const until = await afterReading()
      const [entry, ...more] = audit.slice(since, until - 1)
      assert.deepEqual(more, [], says)
      assert.equal(`${entry?.action} ${entry?.outcome} ${entry?.object}`, says)
      assert.deepEqual([entry?.actor, entry?.address], ['actor', '127.0.0.1'], says)
      assert.ok((entry?.at ?? 0) >= startedAt && (entry?.at ?? 0) <= world.kafka.clock.now(), says)
    }
  }
})

/** Reads evidence as the centre, waits for the entry of it, and gives how many there are then: all that came before is there. */
async function afterReading(): Promise<number> {
  const readings = (): number =>
    audit.filter(({ action, actor }) => action === 'evidence-read' && actor === 'centre').length
  const before = readings()
  await (await national.get('/api/cases/case-a/evidence')).text()
  await eventually('the reading', () => readings() > before)
  return audit.length
}

test('SEC-S16 a changed account loses its sessions at once, and its open stream ends', async () => {
  const client = await world.account(address, 'leaver', 'manager', 'body-a')
  const stream = client.stream('/api/stream', () => false)
  await world.account(address, 'leaver', 'manager', 'body-b')
  assert.equal((await client.get('/api/cases')).status, 401)
  assert.ok(!(await stream).includes(MARKS.b))
})

test('the first password works once, must be changed, and is gone from the disk afterwards', async () => {
  const first = world.firstPassword()
  const admin = new Client(address)
  assert.equal((await admin.signIn('admin', first)).status, 200)
  const held = await admin.get('/api/cases')
  assert.deepEqual([held.status, ((await held.json()) as { code: string }).code], [403, 'password_change_needed'])
  const changed = await admin.post('/api/session/password', { password: first, newPassword: PASSWORD })
  assert.equal(changed.status, 200)
  admin.keepCookie(changed)
  assert.equal((await admin.get('/api/cases')).status, 200)
  assert.throws(() => world.firstPassword(), { code: 'ENOENT' })
  assert.equal((await new Client(address).signIn('admin', first)).status, 401)
})

test('wrong passwords are throttled with the time to wait, and the log holds none of them', async () => {
  const guesser = new Client(address)
  const answers: Response[] = []
  for (let n = 0; n < 8; n++) answers.push(await guesser.signIn('nobody', `guess-${MARKS.b}-${n}`))
  assert.deepEqual(
    answers.slice(0, 6).map(({ status }) => status),
    [401, 401, 401, 401, 401, 429],
  )
  assert.ok(Number(answers[5]?.headers.get('retry-after')) >= 1)
  assert.ok(!victim.lines.some((line) => line.includes('guess-')))
  assert.ok(!JSON.stringify(audit).includes('guess-'))
})

test('XC-4 after a kill the console opens a chain of its own that names the end of the one before; both hold from their first entry', async () => {
  const before = audit.length
  await victim.kill()
  ;({ address, victim } = await world.startConsole())
  assert.equal((await new Client(address).signIn('centre', PASSWORD)).status, 200)
  await eventually('the sign-in after the kill', () =>
    audit.slice(before).some((one) => one.action === 'sign-in' && one.actor === 'centre' && one.outcome === 'allowed'),
  )
  const chains = [...Map.groupBy(audit, ({ chainId }) => chainId).values()]
  for (const chain of chains) {
    let previousHash = '0'.repeat(64)
    for (const [index, { hash, ...entry }] of chain.entries()) {
      assert.equal(entry.seq, index + 1)
      assert.equal(entry.previousHash, previousHash)
      assert.equal(auditHash(entry), hash)
      previousHash = hash
    }
  }
  assert.ok(audit.length > 50)
  assert.equal(chains.length, 2)
  const [first = [], second = []] = chains
  const last = first.at(-1)
  assert.deepEqual(
    [second[0]?.action, second[0]?.object],
    ['audit.opened', `${last?.chainId}#${last?.seq}:${last?.hash}`],
  )
})

async function publishCase(body: 'a' | 'b', revision: number): Promise<void> {
  const mark = MARKS[body]
  const value = incident({
    caseId: `case-${body}`,
    revision,
    constituent: `body-${body}`,
    titles: { en: mark },
    description: mark,
    number: mark,
    recommendations: { en: mark },
    rawRefs: [{ eventId: EVENT_ID, blockId: 'block', frameIndex: 0, original: `${mark} line` }],
  })
  await world.publisher.send({ topic: 'incidents', key: value.caseId, value })
}

/** A request and a system of the body, both marked. */
async function publishRequest(body: 'a' | 'b'): Promise<void> {
  const [mark, constituent] = [MARKS[body], `body-${body}`]
  const value = requestOf({ requestId: `request-${body}`, constituent, to: constituent, subject: mark })
  await world.publisher.send({ topic: 'requests', key: value.requestId, value })
  const system = entry('systems', { id: `system-${body}`, constituent, name: mark, systemClass: 3 })
  await world.publisher.send(outputOf('systems', system, { changedBy: 'test', changedAt: 0, reason: 'test' }))
}

async function indexEvent(body: 'a' | 'b'): Promise<void> {
  const index = `/logs-tocsin.event-${group(body)}`
  // Where the indexer's template is installed this is refused, and the template makes a data stream of it.
  await search('PUT', index, { mappings: { properties: { 'organization.id': { type: 'keyword' } } } }).catch(() => {})
  const document = { '@timestamp': 1, 'organization.id': `body-${body}`, message: MARKS[body] }
  await search('PUT', `${index}/_create/${EVENT_ID.replace(/.$/, body)}?refresh=true`, document)
}

async function search(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(world.stack.elasticsearch + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  // 409: a run before wrote the same document.
  if (!response.ok && response.status !== 409)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
}

function constituent(body: 'a' | 'b'): RegistryConstituent {
  return {
    constituentId: `body-${body}`,
    name: MARKS[body],
    names: {},
    country: 'VN',
    pack: 'vn-circular-31',
    roles: ['manager'],
    oid: null,
    nationalIds: {},
    systemClass: null,
    agencyLevel: null,
    sector: null,
    parentId: null,
    legalScope: [],
    integratedWithEgov: null,
    servesEGovernment: null,
    limits: {},
    group: group(body),
    timeZone: 'UTC',
    languages: ['en'],
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
  }
}
