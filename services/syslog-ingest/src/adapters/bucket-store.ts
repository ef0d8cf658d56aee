import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { AwsV4Signer } from 'aws4fetch'
import { type ArchiveStore, writeWhole } from './archive-store.ts'

/** How to reach a bucket. */
export interface BucketSettings {
  /** Address of the object store, without the bucket. */
  endpoint: string
  region: string
  bucket: string
  /** Folder in the bucket; empty: its root. */
  prefix: string
  accessKeyId: string
  secretAccessKey: string
}

const TIMEOUT_MS = 120_000
const ANSWER_MAX_BYTES = 8 << 20
const TRIES = 4
const NOTHING = createHash('sha256').digest('hex')

/**
 * Takes `s3://bucket/prefix` and the environment (`ARCHIVE_S3_ENDPOINT`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_REGION`). Throws `bad_argument`; an address without TLS is taken for this machine only.
 */
export function bucketSettings(place: string, env: Readonly<Record<string, string | undefined>>): BucketSettings {
  const { hostname: bucket, pathname } = new URL(place)
  const region = env['AWS_REGION'] ?? 'us-east-1'
  const endpoint = env['ARCHIVE_S3_ENDPOINT'] ?? `https://s3.${region}.amazonaws.com`
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']]
  if (!accessKeyId || !secretAccessKey)
    throw new TocsinError(
      'bad_argument',
      `${place} wants credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.`,
    )
  const { protocol, hostname } = new URL(endpoint)
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
    throw new TocsinError('bad_argument', `${endpoint} is not https: raw blocks leave this machine inside TLS only.`)
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '')
  return { endpoint: endpoint.replace(/\/+$/, ''), region, bucket, prefix, accessKeyId, secretAccessKey }
}

/** An archive in a bucket of an object store with the S3 interface (AWS, MinIO, Ceph, Garage); bucket in the path. */
export class BucketStore implements ArchiveStore {
  readonly #settings: BucketSettings

  constructor(settings: BucketSettings) {
    this.#settings = settings
  }

  async names(folder: string): Promise<string[]> {
    const prefix = `${this.#key(folder)}/`
    const names: string[] = []
    let next: string | null = null
    do {
      const query = new URLSearchParams({ 'list-type': '2', prefix, delimiter: '/' })
      if (next !== null) query.set('continuation-token', next)
      const { status, body } = await this.#ask('GET', `?${query}`)
      const text = await whole(body)
      if (status !== 200) throw refused('listing', prefix, status, text)
      names.push(...valuesOf(text, 'Key').map((key) => key.slice(prefix.length)))
      next = valuesOf(text, 'IsTruncated')[0] === 'true' ? (valuesOf(text, 'NextContinuationToken')[0] ?? null) : null
    } while (next !== null)
    return names
  }

  async read(path: string): Promise<AsyncIterable<Buffer> | null> {
    const { status, body } = await this.#ask('GET', this.#place(path))
    if (status === 200) return body
    const text = await whole(body)
    if (status === 404) return null
    throw refused('reading', path, status, text)
  }

  /** By way of a file beside, because the store wants length and hash before the first octet. */
  async write(path: string, parts: Iterable<Buffer>): Promise<{ bytes: number; sha256: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-archive-'))
    try {
      const file = join(folder, 'object')
      const written = writeWhole(file, parts)
      const { status, body } = await this.#ask('PUT', this.#place(path), { file, ...written })
      const text = await whole(body)
      if (status !== 200) throw refused('writing', path, status, text)
      return written
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async remove(path: string): Promise<void> {
    const { status, body } = await this.#ask('DELETE', this.#place(path))
    const text = await whole(body)
    if (status !== 204 && status !== 200 && status !== 404) throw refused('removing', path, status, text)
  }

  #key(path: string): string {
    return this.#settings.prefix === '' ? path : `${this.#settings.prefix}/${path}`
  }

  #place(path: string): string {
    return `/${this.#key(path).split('/').map(encodeURIComponent).join('/')}`
  }

  /** Asks until there is an answer that is not the store's own trouble; a stream is read by one try only. */
  async #ask(method: string, place: string, content?: Content): Promise<Answer> {
    const { endpoint, bucket, region, accessKeyId, secretAccessKey } = this.#settings
    for (let tries = 1; ; tries++) {
      try {
        const signer = new AwsV4Signer({
          method,
          url: `${endpoint}/${bucket}${place}`,
          headers: { 'x-amz-content-sha256': content?.sha256 ?? NOTHING },
          accessKeyId,
          secretAccessKey,
          region,
          service: 's3',
        })
        const { url, headers } = await signer.sign()
        const answer = await send(method, url, Object.fromEntries(headers), content)
        if (answer.status < 500 || tries === TRIES) return answer
        answer.body.resume()
      } catch (error) {
        if (tries < TRIES) continue
        throw new TocsinError(
          'archive_store_unreachable',
          `The object store at ${endpoint} does not answer: ${messageOf(error)}; nothing that was archived is lost, run it again.`,
          error,
        )
      }
    }
  }
}

interface Content {
  file: string
  bytes: number
  sha256: string
}

interface Answer {
  status: number
  body: IncomingMessage
}

async function send(method: string, url: URL, headers: Record<string, string>, content?: Content): Promise<Answer> {
  const start = url.protocol === 'https:' ? requestTls : requestPlain
  const sent = start(url, {
    method,
    headers: { ...headers, 'content-length': content?.bytes ?? 0 },
    timeout: TIMEOUT_MS,
  })
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)))
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.once('response', (body) => resolve({ status: body.statusCode ?? 0, body }))
    sent.once('error', reject)
  })
  if (content === undefined) sent.end()
  else void pipeline(createReadStream(content.file), sent).catch((error: unknown) => sent.destroy(error as Error))
  return answered
}

async function whole(body: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += (part as Buffer).length
    if (bytes > ANSWER_MAX_BYTES)
      throw new TocsinError('archive_store_refused', 'The object store answers without end.')
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Texts of the elements of a name; S3's answers have no attributes, comments or sections of characters in them. */
function valuesOf(xml: string, name: string): string[] {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => entities[entity] ?? ''),
  )
}

function refused(doing: string, path: string, status: number, text: string): TocsinError {
  const [code = '', message = ''] = [valuesOf(text, 'Code')[0], valuesOf(text, 'Message')[0]]
  return new TocsinError(
    'archive_store_refused',
    `The object store refused ${doing} ${path} (${status} ${code}): ${message.slice(0, 200) || 'look at its log'}; check bucket, region, credentials and rights.`,
  )
}
