import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { FeedRecord, Incident } from '@tocsin/events'
import { caseOfObject, type StixObject } from '@tocsin/exchange'
import { TaskStores } from '@tocsin/stage'
import fc from 'fast-check'
import { feedOutputs } from '../../src/feeds/agency/feed.ts'
import type { Issued } from '../../src/state.ts'
import { answerTaxii, collectionIdOf, TAXII } from '../../src/taxii/answer.ts'
import { microsOf, TaxiiCollection, timeOf } from '../../src/taxii/collection.ts'
import { agencyOf, loadKeys } from '../../src/taxii/keys.ts'
import { constituent, contracts, incident, NOW } from '../fixtures.ts'

const AGENCY = 'tw-nccst'
const bodies = new Map([['tw-ey', constituent()]])

/** A collection behind the feed itself: cases in, as the exporter writes them. */
function world() {
  const issued = new TaskStores().store<Issued>('feeds')
  const collection = new TaxiiCollection('tw-centre')
  let now = NOW
  const give = (changes: Partial<Incident>) => {
    const records = feedOutputs(incident(changes), contracts(), bodies, issued, 'tw-centre').filter(
      ({ topic, toTopic }) => topic === 'feed-records' && toTopic === undefined,
    )
    for (const { value } of records) collection.add(value as FeedRecord, now++)
    return records.length
  }
  const get = (path: string, changes: { method?: string; accept?: string } = {}) =>
    answerTaxii({ method: 'GET', url: path, accept: TAXII, ...changes }, AGENCY, collection, 'tw-centre')
  return { collection, give, get }
}

const OBJECTS = `/feeds/collections/${collectionIdOf(AGENCY)}/objects/`
const objectsOf = (body: unknown): StixObject[] => (body as { objects?: StixObject[] }).objects ?? []

test('discovery leads to the API root, that to the one collection of the agency, that to its objects', () => {
  const { give, get } = world()
  give({})
  const discovery = get('/taxii2/').body as { api_roots: string[] }
  assert.deepEqual(discovery.api_roots, ['/feeds/'])
  assert.deepEqual((get('/feeds/').body as { versions: string[] }).versions, [TAXII])
  const { collections } = get('/feeds/collections/').body as { collections: { id: string; can_write: boolean }[] }
  assert.deepEqual(
    collections.map(({ id, can_write }) => [id, can_write]),
    [[collectionIdOf(AGENCY), false]],
  )
  assert.equal(get(`/feeds/collections/${AGENCY}/`).status, 200, 'by its alias too')
  const objects = objectsOf(get(OBJECTS).body)
  const [read] = objects.flatMap((one) => caseOfObject(one) ?? [])
  assert.equal(read?.shared.caseId, 'case-1')
  assert.equal(read?.shared.origin, 'tw-centre/case-1')
  assert.doesNotMatch(JSON.stringify(objects), /"root"|account/)
})

test('pages of any size give every object once and in order, as does asking again by the time of the last one', () => {
  const { give, get } = world()
  for (let index = 0; index < 25; index++) give({ caseId: `case-${index}`, severity: index })
  const all = objectsOf(get(`${OBJECTS}?limit=1000`).body).map(({ id }) => id)
  assert.ok(all.length > 50)
  assert.equal(new Set(all).size, all.length)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.boolean(), (limit, byTime) => {
      const seen: string[] = []
      let url = `${OBJECTS}?limit=${limit}`
      for (;;) {
        const { body, headers } = get(url)
        seen.push(...objectsOf(body).map(({ id }) => id))
        const { more, next } = body as { more: boolean; next?: string }
        if (!more) break
        url = `${OBJECTS}?limit=${limit}&${byTime ? `added_after=${headers['X-TAXII-Date-Added-Last']}` : `next=${next}`}`
      }
      assert.deepEqual(seen, all)
    }),
    { numRuns: 60 },
  )
})

test('a restart from the same topic gives the same objects under the same instants', () => {
  const [one, two] = [world(), world()]
  for (const { give } of [one, two]) for (let index = 0; index < 5; index++) give({ caseId: `case-${index}` })
  const manifest = OBJECTS.replace('objects', 'manifest')
  assert.deepEqual(one.get(manifest), two.get(manifest))
})

test('a replaced case is shown in its last version, in all where they are asked for, and a revoked one as revoked', () => {
  const { give, get } = world()
  give({})
  give({ revision: 2, severity: 90, modifiedAt: NOW + 60_000 })
  const incidents = (query: string) => objectsOf(get(`${OBJECTS}?match[type]=incident${query}`).body)
  const severities = (query: string) => incidents(query).map((one) => caseOfObject(one)?.shared.severity)
  assert.deepEqual(severities(''), [90])
  assert.deepEqual(severities('&match[version]=first'), [60])
  assert.deepEqual(severities('&match[version]=all'), [60, 90])
  const [{ id }] = incidents('') as [StixObject]
  const { versions } = get(`${OBJECTS}${id}/versions/`).body as { versions: string[] }
  assert.equal(versions.length, 2)
  assert.equal(objectsOf(get(`${OBJECTS}${id}/`).body).length, 1)
  assert.equal(get(`${OBJECTS}incident--00000000-0000-4000-8000-000000000000/`).status, 404)
  give({ revision: 3, status: 'false-positive', modifiedAt: NOW + 120_000 })
  const [revoked] = incidents('')
  const read = caseOfObject(revoked)
  assert.equal(read?.revoked, true)
  assert.equal(read?.shared.description, '')
  for (const query of ['', '&match[version]=all', '&match[version]=first', `&match[version]=${versions.join()}`])
    assert.ok(
      !severities(query).includes(60) && !severities(query).includes(90),
      `what was taken back is shown: ${query}`,
    )
  assert.equal((get(`${OBJECTS}${id}/versions/`).body as { versions: string[] }).versions.length, 1)
  give({ revision: 4, severity: 70, modifiedAt: NOW + 180_000 })
  assert.deepEqual(severities(''), [70])
  assert.deepEqual(severities('&match[version]=all').slice(1), [70])
})

test('what is wrong in a request is said, and nothing can be written', () => {
  const { get } = world()
  for (const query of ['limit=0', 'limit=x', 'added_after=yesterday', 'next=abc'])
    assert.equal(get(`${OBJECTS}?${query}`).status, 400, query)
  for (const method of ['POST', 'DELETE', 'PUT']) assert.equal(get(OBJECTS, { method }).status, 405)
  assert.equal(get(OBJECTS, { accept: 'text/html' }).status, 406)
  assert.equal(get(OBJECTS, { accept: 'application/taxii+json;version=2.0' }).status, 406)
  for (const path of [
    '/',
    '/feeds/collections/kz-nsc/objects/',
    `${OBJECTS}x/y/`,
    '/feeds/../etc/passwd',
    '/feeds/status/1/',
  ])
    assert.equal(get(path).status, 404, path)
  for (const url of ['', '*', 'http://[', '//[', '/%', '/\\', '//x:99999/', `${OBJECTS}?%`, `/${'a/'.repeat(5_000)}`])
    assert.ok([400, 404, 200].includes(get(url).status), url)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (path, query) => {
      get(path)
      get(`${OBJECTS}${path}?${query}`)
      assert.equal(agencyOf(path, []), null)
    }),
    { numRuns: 500 },
  )
  assert.deepEqual(get(`${OBJECTS}?match[type]=malware`).body, { more: false })
})

test('a key opens the collection of its agency and of no other', () => {
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
  const keys = loadKeys(
    `- {agency: tw-nccst, sha256: ${sha256('key-1')}}\n- {agency: kz-nsc, sha256: ${sha256('key-2')}}\n`,
  )
  const basic = (user: string, key: string) => `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`
  assert.deepEqual(
    ['Bearer key-1', 'Token key-2', basic('kz-nsc', 'key-2')].map((header) => agencyOf(header, keys)),
    ['tw-nccst', 'kz-nsc', 'kz-nsc'],
  )
  for (const wrong of [
    undefined,
    '',
    'Bearer',
    'Bearer x',
    basic('tw-nccst', 'key-2'),
    basic('', ''),
    'Digest key-1',
    'Basic !!',
  ])
    assert.equal(agencyOf(wrong, keys), null, wrong)
  assert.throws(
    () => loadKeys('- {agency: tw-nccst, sha256: key-1}'),
    (error: Error) => {
      assert.doesNotMatch(error.message, /key-1/)
      return /0\.sha256/.test(error.message)
    },
  )
})

test('instants come back as they were written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (micros) => assert.equal(microsOf(timeOf(micros)), micros)),
    { numRuns: 500 },
  )
  assert.equal(microsOf('2026-11-22T01:00:00Z'), Date.parse('2026-11-22T01:00:00Z') * 1_000)
  for (const wrong of ['', 'x', '2026-13-01T00:00:00Z', '2026-11-22']) assert.equal(microsOf(wrong), null)
})
