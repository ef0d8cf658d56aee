import { TocsinError } from '@tocsin/runtime'
import { type IndicatorList, isRecord, ListBuilder, type ListSettings } from './indicator-list.ts'
import { readStixObjects } from './stix.ts'

export const taxiiMediaType = 'application/taxii+json;version=2.1'
const maxPages = 10_000

/** One answer of a TAXII server. */
export interface TaxiiAnswer {
  body: unknown
  /** X-TAXII-Date-Added-Last: where to go on the next time. */
  addedLast: string | null
}

/**
 * Reads a TAXII 2.1 collection page by page (OASIS TAXII 2.1, 5.4): `more` and `next` of each envelope, `added_after` from the last time. `url` is
 * the collection's own address (`…/collections/<id>/`). Throws `feed_unreadable` where an answer is no envelope or the pages do not end.
 */
export async function readTaxii(
  url: string,
  addedAfter: string | null,
  settings: ListSettings,
  get: (url: string) => Promise<TaxiiAnswer>,
): Promise<IndicatorList & { addedLast: string | null }> {
  const builder = new ListBuilder(settings)
  let addedLast = addedAfter
  let next: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const target = new URL('objects/', url.endsWith('/') ? url : `${url}/`)
    if (addedAfter !== null) target.searchParams.set('added_after', addedAfter)
    if (next !== null) target.searchParams.set('next', next)
    const answer = await get(target.href)
    if (!isRecord(answer.body))
      throw new TocsinError(
        'feed_unreadable',
        `${target.href} did not answer with a TAXII envelope; check the address.`,
      )
    const { objects, more, next: following } = answer.body
    readStixObjects(Array.isArray(objects) ? (objects as unknown[]) : [], builder)
    addedLast = answer.addedLast ?? addedLast
    if (more !== true || typeof following !== 'string') return { ...builder.list(), addedLast }
    next = following
  }
  throw new TocsinError('feed_unreadable', `${url} gave more than ${maxPages} pages; something is wrong with it.`)
}
