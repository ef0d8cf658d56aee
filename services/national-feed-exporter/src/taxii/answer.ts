import { createHash } from 'node:crypto'
import { type Filter, microsOf, type Page, type TaxiiCollection } from './collection.ts'

export const TAXII = 'application/taxii+json;version=2.1'
/** Most objects of one page, and how many there are where the client says nothing. */
export const MAX_LIMIT = 1_000
const DEFAULT_LIMIT = 100
const ROOT = '/feeds/'

/** What of a request matters here. */
export interface TaxiiRequest {
  method: string
  /** Path and query. */
  url: string
  accept: string | undefined
}

/** What goes back. */
export interface TaxiiAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: unknown
}

/** Id of the collection of an agency: a UUID from its name. */
export function collectionIdOf(agency: string): string {
  const hex = createHash('sha256').update(`taxii/${agency}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Answers one request of TAXII 2.1 (OASIS, section 4 and 5) of an agency whose key was checked: discovery, API root, its one
 * collection, objects and manifest with filters and paging. Nothing can be written: cases come from the topics.
 */
export function answerTaxii(
  { method, url, accept }: TaxiiRequest,
  agency: string,
  collection: TaxiiCollection,
  deployment: string,
): TaxiiAnswer {
  if (!accepts(accept)) return refusal(406, `This endpoint speaks ${TAXII}.`)
  if (method !== 'GET') return refusal(405, 'Only GET is served: agencies read.', { Allow: 'GET' })
  const place = URL.parse(`http://taxii${url}`)
  if (place === null || !url.startsWith('/')) return refusal(400, 'The address is none.')
  const { pathname, searchParams } = place
  const path = pathname.endsWith('/') ? pathname : `${pathname}/`
  const id = collectionIdOf(agency)
  const description = {
    id,
    title: `Cases for ${agency}`,
    alias: agency,
    can_read: true,
    can_write: false,
    media_types: [STIX],
  }
  if (path === '/taxii2/') return ok({ title: `Tocsin ${deployment}`, default: ROOT, api_roots: [ROOT] })
  if (path === ROOT) return ok({ title: deployment, versions: [TAXII], max_content_length: 1 })
  if (path === `${ROOT}collections/`) return ok({ collections: [description] })
  const [named, what, object, versions, ...rest] = path.slice(`${ROOT}collections/`.length).split('/')
  const isOwn = path.startsWith(`${ROOT}collections/`) && (named === id || named === agency)
  if (!isOwn || rest.join('') !== '') return refusal(404, 'There is no such place, or it is not yours.')
  if (what === '') return ok(description)
  const filter = filterOf(searchParams, versions === 'versions')
  if (typeof filter === 'string') return refusal(400, filter)
  if (what === 'manifest' && object === '') return paged(collection.page(filter), manifestOf)
  if (what !== 'objects') return refusal(404, 'There is no such place.')
  if (object === '')
    return paged(collection.page(filter), (page) => ({ objects: page.entries.map((entry) => entry.object) }))
  const page = collection.page({ ...filter, ids: new Set([object ?? '']) })
  if (page.entries.length === 0 && filter.addedAfterMicros < 0) return refusal(404, 'There is no such object.')
  if (versions === 'versions')
    return paged(page, ({ entries }) => ({ versions: entries.map(({ version }) => version) }))
  if (versions !== '') return refusal(404, 'There is no such place.')
  return paged(page, ({ entries }) => ({ objects: entries.map((entry) => entry.object) }))
}

const STIX = 'application/stix+json;version=2.1'

const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): TaxiiAnswer => ({
  status: 200,
  headers,
  body,
})

/** An error as TAXII 2.1 section 3.6.1 writes it. */
export function refusal(status: number, title: string, headers: Readonly<Record<string, string>> = {}): TaxiiAnswer {
  return { status, headers, body: { title, http_status: String(status) } }
}

function accepts(accept: string | undefined): boolean {
  if (accept === undefined) return true
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (type === '*/*' || type === 'application/*') return true
    const version = parameters.find((parameter) => parameter.startsWith('version='))
    return type === 'application/taxii+json' && (version === undefined || version === 'version=2.1')
  })
}

const manifestOf = ({ entries }: Page): Record<string, unknown> => ({
  objects: entries.map(({ object, version, addedAt }) => ({
    id: object.id,
    date_added: addedAt,
    version,
    media_type: STIX,
  })),
})

function paged(page: Page, bodyOf: (page: Page) => Record<string, unknown>): TaxiiAnswer {
  const [first, last] = [page.entries[0], page.entries.at(-1)]
  const headers: Record<string, string> =
    first === undefined || last === undefined
      ? {}
      : { 'X-TAXII-Date-Added-First': first.addedAt, 'X-TAXII-Date-Added-Last': last.addedAt }
  // An empty page has no lists at all: STIX and TAXII know no empty ones.
  const body = page.entries.length === 0 ? {} : bodyOf(page)
  return ok(page.next === null ? { more: false, ...body } : { more: true, next: page.next, ...body }, headers)
}

/** Reads the filters of a request; gives a sentence where one is wrong. */
function filterOf(query: URLSearchParams, allVersions: boolean): Filter | string {
  const setOf = (name: string): ReadonlySet<string> | null => {
    const value = query.get(name)
    return value === null || value === '' ? null : new Set(value.split(',').slice(0, MAX_LIMIT))
  }
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT)
  if (!Number.isInteger(limit) || limit < 1) return 'limit is a number from 1.'
  const after = query.get('added_after')
  const next = query.get('next')
  const afterMicros = after === null ? -1 : microsOf(after)
  if (afterMicros === null) return 'added_after is an instant such as 2026-11-22T01:00:00.000Z.'
  if (next !== null && !/^\d{1,16}$/.test(next)) return 'next is what the page before gave.'
  return {
    addedAfterMicros: Math.max(afterMicros, next === null ? -1 : Number(next)),
    ids: setOf('match[id]'),
    types: setOf('match[type]'),
    versions: allVersions ? new Set(['all']) : (setOf('match[version]') ?? new Set(['last'])),
    limit: Math.min(limit, MAX_LIMIT),
  }
}
