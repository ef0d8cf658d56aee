import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'basic-ftp'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import PostalMime from 'postal-mime'
import { projectRoot } from '../stack/places.ts'
import type { Check } from './checks.ts'

/** A mail as the mail server received it. */
export interface Mail {
  to: string
  subject: string
}

/** Reads back the mails that the sink kept. */
export async function readMails(sinksFolder: string): Promise<Mail[]> {
  const folder = join(sinksFolder, 'mail')
  if (!existsSync(folder)) return []
  const mails: Mail[] = []
  for (const name of readdirSync(folder).sort()) {
    const mail = await PostalMime.parse(readFileSync(join(folder, name)))
    mails.push({ to: mail.to?.map((entry) => entry.address ?? '').join(', ') ?? '', subject: mail.subject ?? '' })
  }
  return mails
}

/** One file as it lies on the FTPS server. */
export interface FetchedFile {
  name: string
  content: Buffer
}

/** Fetches every ticket back over FTPS, certificate verified. */
export async function fetchTickets(port: number, sinksFolder: string, folder: string): Promise<FetchedFile[]> {
  const client = new Client(15_000)
  const ftps = join(sinksFolder, 'ftps')
  try {
    const password = readFileSync(join(ftps, 'password'), 'utf8')
    await client.access({
      host: '127.0.0.1',
      port,
      user: 'anonymous',
      password,
      secure: true,
      secureOptions: { ca: readFileSync(join(ftps, 'ca.pem')), servername: 'localhost' },
    })
    const files: FetchedFile[] = []
    for (const entry of await client.list('incident')) {
      if (!entry.name.endsWith('.xml')) continue
      const local = join(folder, entry.name)
      await client.downloadTo(local, `incident/${entry.name}`)
      files.push({ name: entry.name, content: readFileSync(local) })
    }
    return files
  } finally {
    client.close()
  }
}

/** Validates fetched tickets against the pack's schema with libxml2, and their names against field 2 (TW-2.3d). */
export function ticketChecks(files: readonly FetchedFile[], expected: number): Check[] {
  const schema = XmlDocument.fromBuffer(readFileSync(join(projectRoot, 'regulations/tw-soc-1.3/incident.xsd')))
  const validator = XsdValidator.fromDoc(schema)
  const checks: Check[] = [
    { ok: files.length === expected, text: `tickets on the FTPS server: ${files.length}, expected ${expected}` },
  ]
  for (const { name, content } of files) {
    const document = XmlDocument.fromBuffer(content)
    try {
      validator.validate(document)
      const id = document.get('/Incident/Event_ID')?.content ?? ''
      checks.push({
        ok: `${id}.xml` === name,
        text: `${name} is valid by the XSD${`${id}.xml` === name ? '' : `, but says Event_ID ${id}`}`,
      })
    } catch (error) {
      checks.push({ ok: false, text: `${name} is refused by the XSD: ${(error as Error).message}` })
    } finally {
      document.dispose()
    }
  }
  validator.dispose()
  schema.dispose()
  return checks
}

/** Documents of each record in Elasticsearch, asked over HTTP. */
export async function countDocuments(elasticsearchUrl: string, pattern: string): Promise<number> {
  await fetch(`${elasticsearchUrl}/${pattern}/_refresh?allow_no_indices=true`, {
    method: 'POST',
    signal: AbortSignal.timeout(15_000),
  })
  const response = await fetch(
    `${elasticsearchUrl}/${pattern}/_search?size=0&track_total_hits=true&allow_no_indices=true`,
    { signal: AbortSignal.timeout(15_000) },
  )
  const body = (await response.json()) as { hits?: { total?: { value?: number } } }
  return body.hits?.total?.value ?? 0
}
