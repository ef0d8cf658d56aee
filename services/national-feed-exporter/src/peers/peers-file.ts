import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'

const peersSchema = z
  .array(
    z.strictObject({
      /** Name of the deployment over there: the first part of the origins of its cases. */
      peer: z.string().regex(/^[a-z0-9][a-z0-9-]{1,40}$/),
      /** Its TAXII API root. */
      url: z.url({ protocol: /^https?$/ }),
      /** Our name over there; the collection of that name is read. */
      as: z.string().regex(/^[a-z0-9][a-z0-9-]{1,40}$/),
      keyFile: z.string().min(1),
      /** Authorities of its certificate; absent: those of the system. */
      caFile: z.string().min(1).optional(),
      /** Registered body under which its cases stand here. */
      constituent: z.string().min(1).max(200),
    }),
  )
  .max(100)

/** One deployment that we exchange with. */
export type Peer = Readonly<z.infer<typeof peersSchema>[number]>

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** Takes the text of the file of peers (YAML); gives them. Throws `TocsinError('bad_peers')` naming the place. */
export function loadPeers(text: string): Peer[] {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 0 })
  } catch (error) {
    throw new TocsinError('bad_peers', 'The file of peers is no YAML.', error)
  }
  const result = peersSchema.safeParse(document)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new TocsinError(
      'bad_peers',
      `The file of peers is wrong at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}.`,
    )
  }
  for (const { peer, url } of result.data) {
    const { protocol, hostname } = new URL(url)
    if (protocol === 'http:' && !LOOPBACK.includes(hostname))
      throw new TocsinError('bad_peers', `The peer ${peer} has an address without TLS: ${url}.`)
  }
  const names = result.data.map(({ peer }) => peer)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TocsinError('bad_peers', `The peer ${twice} stands there twice.`)
  return result.data
}
