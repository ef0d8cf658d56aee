import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { TocsinError } from '@tocsin/runtime'
import { Client, FTPError } from 'basic-ftp'
import type { FoundFile } from '../feeds/tw-nccst-1.3/audit.ts'
import { type FtpsSettings, tlsOptions } from './ftps.ts'

const MAX_FILES = 1_000_000
const MAX_FILE_BYTES = 16_777_216

/**
 * Reads every file of `incident/` back from the server: name, size, hash, Event_ID. Gives null where the account may not
 * list or fetch (write-only accounts are usual). Throws `TocsinError('endpoint_away')` when there is no talking to the server.
 */
export async function readServer(settings: FtpsSettings): Promise<FoundFile[] | null> {
  const client = new Client(settings.idleTimeoutMs ?? 15_000)
  const { host, port, user, password, implicit, directory } = settings
  try {
    await client.access({
      host,
      port,
      user,
      password,
      secure: implicit ? 'implicit' : true,
      secureOptions: tlsOptions(settings),
    })
    const folder = directory === '' ? 'incident' : `${directory}/incident`
    const listed = (await client.list(folder)).filter((entry) => entry.isFile)
    if (listed.length > MAX_FILES) throw new RangeError(`more than ${MAX_FILES} files`)
    const files: FoundFile[] = []
    for (const { name } of listed) files.push(await fetched(client, `${folder}/${name}`, name))
    return files
  } catch (error) {
    if (error instanceof FTPError && error.code >= 500 && error.code !== 530) return null
    throw new TocsinError(
      'endpoint_away',
      `The server ${host}:${port} cannot be read: ${(error as Error).message}.`,
      error,
    )
  } finally {
    client.close()
  }
}

async function fetched(client: Client, path: string, name: string): Promise<FoundFile> {
  const chunks: Buffer[] = []
  let bytes = 0
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > MAX_FILE_BYTES) return done(new RangeError(`${name} has more than ${MAX_FILE_BYTES} bytes`))
      chunks.push(chunk)
      done()
    },
  })
  await client.downloadTo(into, path)
  return foundFile(name, Buffer.concat(chunks))
}

/** A file from its octets. */
export function foundFile(name: string, content: Buffer): FoundFile {
  return {
    name,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    eventId: /<Event_ID>([^<]{1,40})<\/Event_ID>/.exec(content.toString('utf8'))?.[1] ?? null,
  }
}
