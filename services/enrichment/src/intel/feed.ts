import { z } from 'zod'
import { readIndicatorCsv } from './csv.ts'
import type { IndicatorList, ListSettings } from './indicator-list.ts'
import { readMisp } from './misp.ts'
import { readStix } from './stix.ts'

export const feedFormats = ['csv', 'misp', 'stix', 'taxii'] as const
export type FeedFormat = (typeof feedFormats)[number]

const feedSchema = z.strictObject({
  feed: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  format: z.enum(feedFormats),
  /** An address (https, or http on this machine) or a file. */
  from: z.string().min(1).max(2_000),
  everySeconds: z.number().int().min(60).max(604_800).default(3_600),
  confidence: z.number().int().min(0).max(100).default(50),
  tlp: z.enum(['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR']).default('AMBER'),
  verification: z.enum(['unverified', 'verified']).default('unverified'),
  expiresDays: z.number().int().min(1).max(3_650).nullable().default(null),
  /** The list is whole: what is no longer in it is withdrawn. A TAXII collection says itself what is withdrawn. */
  whole: z.boolean().default(true),
  username: z.string().max(200).optional(),
  /** Name of the environment variable that holds the password or token; without a user name it is sent as a bearer token. */
  secretVariable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
    .optional(),
})

/** One list of indicators that is fetched by schedule. */
export type Feed = z.infer<typeof feedSchema>

/** The feeds of a service. */
export const feedsSchema = z.array(feedSchema).max(200)

/** What is the same for every entry of a feed. */
export function listSettingsOf(
  { feed, tlp, confidence, verification, expiresDays }: Omit<ListSettings, 'importedAt'>,
  importedAt: number,
): ListSettings {
  return { feed, tlp, confidence, verification, expiresDays, importedAt }
}

/** Reads the text of a list. Throws SyntaxError where JSON is none. */
export function readList(format: Exclude<FeedFormat, 'taxii'>, text: string, settings: ListSettings): IndicatorList {
  switch (format) {
    case 'csv':
      return readIndicatorCsv(text, settings)
    case 'misp':
      return readMisp(text, settings)
    case 'stix':
      return readStix(text, settings)
  }
}

/** The format that a text looks like. */
export function formatOf(text: string): Exclude<FeedFormat, 'taxii'> {
  const head = text.trimStart().slice(0, 4_096)
  if (!head.startsWith('{') && !head.startsWith('[')) return 'csv'
  return /"spec_version"|"type"\s*:\s*"bundle"|"indicator--/.test(head) ? 'stix' : 'misp'
}
