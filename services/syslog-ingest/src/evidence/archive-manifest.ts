import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { keyIdOf } from '@tocsin/runtime'
import { z } from 'zod'

const checkpoint = z.object({ text: z.string(), signature: z.string(), keyId: z.string() })
const file = z.object({
  path: z.string().regex(/^blocks\/\d{4}-\d\d-\d\d\/[A-Za-z0-9-]{1,150}\.ndjson\.gz$/),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  ingestId: z.string(),
  firstSeq: z.number().int(),
  lastSeq: z.number().int(),
  blocks: z.number().int(),
  frames: z.number().int(),
  from: z.number().int(),
  until: z.number().int(),
  constituents: z.array(z.string()),
  tree: checkpoint.nullable(),
})
const manifest = z.object({
  format: z.literal('tocsin-archive-1'),
  createdAt: z.string(),
  /** SHA-256 of the manifest before, hex; null for the first. */
  previous: z.string().nullable(),
  added: z.array(file),
  removed: z.array(z.object({ path: z.string(), sha256: z.string() })),
})

/** One file of raw blocks: a whole tree with its signed root, or what a crash left without one. */
export type ArchiveFile = z.infer<typeof file>
/** What one run of the archive added or removed; each names the one before it. */
export type ArchiveManifest = z.infer<typeof manifest>

/** A manifest as it lies in the folder, with its signature. */
export interface SignedManifest {
  name: string
  octets: Buffer
  keyId: string
  signature: string
}

export function sha256Of(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('hex')
}

/** Signs a manifest's octets (Ed25519). */
export function signManifest(value: ArchiveManifest, privateKey: KeyObject): Omit<SignedManifest, 'name'> {
  const octets = Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
  return { octets, keyId: keyIdOf(privateKey), signature: sign(null, octets, privateKey).toString('base64') }
}

/**
 * Checks manifests in order of their names: signatures and that each names the one before it. Gives the files that are there
 * now, and every problem.
 */
export function readManifests(
  signed: readonly SignedManifest[],
  keys: readonly KeyObject[],
): { files: ArchiveFile[]; previous: string | null; problems: string[] } {
  const problems: string[] = []
  const files = new Map<string, ArchiveFile>()
  let previous: string | null = null
  for (const { name, octets, keyId, signature } of signed) {
    const key = keys.find((one) => keyIdOf(one) === keyId)
    if (key === undefined) problems.push(`${name} is signed by key ${keyId}, which was not given`)
    else if (!verify(null, octets, key, Buffer.from(signature, 'base64')))
      problems.push(`${name} was altered: its signature does not hold`)
    const parsed = manifest.safeParse(jsonOf(octets))
    if (!parsed.success) {
      problems.push(`${name} is no manifest`)
      continue
    }
    if (parsed.data.previous !== previous)
      problems.push(`${name} does not follow the manifest before it: one was taken out or altered`)
    previous = sha256Of(octets)
    for (const one of parsed.data.added) files.set(one.path, one)
    for (const { path } of parsed.data.removed) files.delete(path)
  }
  return { files: [...files.values()], previous, problems }
}

function jsonOf(octets: Buffer): unknown {
  try {
    return JSON.parse(octets.toString())
  } catch {
    return null
  }
}
