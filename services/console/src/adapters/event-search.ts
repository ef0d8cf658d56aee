import { readFileSync } from 'node:fs'
import { Client } from '@elastic/elasticsearch'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { eventQuery, groupIndex } from '../event-query.ts'

/** How to reach Elasticsearch. */
export interface SearchSettings {
  url: string
  apiKey?: string | undefined
  caFile?: string | undefined
}

/** Events in full, from the index of a body's group. */
export interface EventSearch {
  /** The event as ECS fields; null when the body has none with that id. Throws `search_unavailable`. */
  event(constituent: string, group: string, eventId: string): Promise<Record<string, unknown> | null>
}

/** Connects; certificates are always verified, against the given authority where there is one. */
export function openEventSearch(settings: SearchSettings): EventSearch {
  const client = new Client({
    node: settings.url,
    requestTimeout: 5_000,
    maxRetries: 1,
    ...(settings.apiKey === undefined ? {} : { auth: { apiKey: settings.apiKey } }),
    ...(settings.caFile === undefined ? {} : { tls: { ca: readFileSync(settings.caFile) } }),
  })
  return {
    async event(constituent, group, eventId) {
      try {
        const answer = await client.search<Record<string, unknown>>({
          index: groupIndex(group),
          ignore_unavailable: true,
          allow_no_indices: true,
          size: 1,
          query: eventQuery(constituent, eventId),
        })
        return answer.hits.hits[0]?._source ?? null
      } catch (error) {
        const message = `The search does not answer: ${messageOf(error).slice(0, 200)}.`
        throw new TocsinError('search_unavailable', message, error)
      }
    },
  }
}
