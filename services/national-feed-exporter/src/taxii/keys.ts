import { createHash, timingSafeEqual } from 'node:crypto'
import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'

const keysSchema = z
  .array(
    z.strictObject({
      agency: z.string().regex(/^[a-z0-9][a-z0-9-]{1,40}$/),
      /** SHA-256 of the key, hex: the file tells nobody a key. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  )
  .max(1_000)

export type ApiKey = Readonly<z.infer<typeof keysSchema>[number]>

/** Takes the text of the file of keys (YAML). Throws `TocsinError('bad_taxii_keys')` naming the place, never a key. */
export function loadKeys(text: string): ApiKey[] {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 0 })
  } catch {
    throw new TocsinError('bad_taxii_keys', 'The file of TAXII keys is no YAML.')
  }
  const result = keysSchema.safeParse(document)
  if (result.success) return result.data
  throw new TocsinError(
    'bad_taxii_keys',
    `The file of TAXII keys is wrong at ${result.error.issues[0]?.path.join('.') || 'the top'}: each entry has agency and sha256.`,
  )
}

/** Takes the header of a request; gives the agency whose key it carries, null where it carries none: Bearer or Token, or Basic with the agency as user. */
export function agencyOf(authorization: string | undefined, keys: readonly ApiKey[]): string | null {
  const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/, 2)
  const basic = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString() : null
  const user = basic === null ? null : basic.slice(0, Math.max(0, basic.indexOf(':')))
  const key = basic === null ? value : basic.slice(basic.indexOf(':') + 1)
  if (key === '' || !['basic', 'bearer', 'token'].includes(scheme.toLowerCase())) return null
  const given = createHash('sha256').update(key).digest()
  let agency: string | null = null
  // Every key is compared, so that the time tells nothing.
  for (const one of keys) if (timingSafeEqual(given, Buffer.from(one.sha256, 'hex'))) agency = one.agency
  return user !== null && user !== agency ? null : agency
}
