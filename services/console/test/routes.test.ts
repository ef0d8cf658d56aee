import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createLog, manualClock } from '@tocsin/runtime'
import type { ConsoleParts } from '../src/adapters/console-parts.ts'
import { consoleServer } from '../src/adapters/http.ts'
import { Cases } from '../src/cases.ts'
import { ROUTES, type RouteId } from '../src/routes.ts'

const settings = {
  isSecure: true,
  origin: null,
  trustedProxies: false,
  tls: null,
  distFolder: tmpdir(),
  receiptSecret: null,
} as const

/** The server with nothing behind it: enough to ask which routes there are and what everything is answered with. */
async function bareServer() {
  const parts = {
    settings,
    clock: manualClock(0),
    log: createLog('test', 0, 'silent'),
    sessions: { use: () => null },
    cases: new Cases(10),
    constituents: new Map(),
  }
  return consoleServer(parts as unknown as ConsoleParts)
}

test('SEC-S16 the server has exactly the routes of the table, each with a need', async () => {
  const app = await bareServer()
  const served = routesOf(app.printRoutes({ commonPrefix: false }))
  const listed = Object.values(ROUTES).map(({ method, url }) => `${method} ${url}`)
  assert.deepEqual(served.sort(), listed.sort())
})

test('everything is answered with the security headers, and without a session only with a refusal', async () => {
  const app = await bareServer()
  for (const id of Object.keys(ROUTES) as RouteId[]) {
    const { method, url, need } = ROUTES[id]
    const answer = await app.inject({
      method,
      url,
      headers: { origin: 'https://console.example', host: 'console.example', 'x-tocsin-console': '1' },
    })
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/)
    assert.doesNotMatch(String(answer.headers['content-security-policy']), /unsafe/)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.equal(answer.headers['x-frame-options'], 'DENY')
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.ok(answer.headers['strict-transport-security'])
    if (need.permission !== 'anyone') assert.equal(answer.statusCode, 401, id)
  }
})

test('a write that is not from our own page is refused before anything is looked at', async () => {
  const app = await bareServer()
  for (const headers of [
    {},
    { origin: 'https://console.example', host: 'console.example' },
    { origin: 'https://evil.example', host: 'console.example', 'x-tocsin-console': '1' },
  ]) {
    for (const { method, url } of Object.values(ROUTES).filter((route) => route.method !== 'GET')) {
      const answer = await app.inject({ method, url, headers })
      assert.equal(answer.statusCode, 403)
      assert.equal((answer.json() as { code: string }).code, 'cross_site')
    }
  }
})

/** Reads the tree that the server prints of its own routes: four signs a level, a piece of the path, its methods. */
function routesOf(tree: string): string[] {
  const path: string[] = []
  const routes: string[] = []
  for (const line of tree.split('\n')) {
    const match = /^(?<lead>[\s│├└─]*)(?<piece>\S+)(?: \((?<methods>[A-Z, ]+)\))?/u.exec(line)
    if (match?.groups === undefined) continue
    const { lead = '', piece = '', methods } = match.groups
    path.splice(lead.length / 4 - 1, path.length, piece === '(empty' ? '' : piece)
    for (const method of methods?.split(', ') ?? []) routes.push(`${method} ${path.join('')}`)
  }
  return routes
}
