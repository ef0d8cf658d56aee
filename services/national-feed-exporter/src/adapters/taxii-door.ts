import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Log, messageOf, TocsinError } from '@tocsin/runtime'
import type { Kafka } from '@tocsin/stage/kafka'
import { answerTaxii, refusal, TAXII, type TaxiiAnswer } from '../taxii/answer.ts'
import { TaxiiCollection } from '../taxii/collection.ts'
import { type ApiKey, agencyOf, loadKeys } from '../taxii/keys.ts'

/** Where agencies read, and with which keys. */
export interface TaxiiSettings {
  host: string
  port: number
  keysFile: string
  certFile: string | undefined
  keyFile: string | undefined
  deployment: string
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const MAX_CONNECTIONS = 256

/** Opens the TAXII endpoint and follows the agencies' records until the stop. Throws `bad_settings`, `bad_taxii_keys`. */
export async function openTaxii(
  settings: TaxiiSettings,
  { kafka, log, signal }: { kafka: Pick<Kafka, 'follow'>; log: Log; signal: AbortSignal },
): Promise<AddressInfo> {
  const keys = keysOf(settings.keysFile, (error) =>
    log.error({ code: 'bad_taxii_keys', err: error }, `The TAXII keys stay as they were: ${messageOf(error)}`),
  )
  const collections = new Map<string, TaxiiCollection>()
  const collectionOf = (agency: string): TaxiiCollection => {
    const known = collections.get(agency) ?? new TaxiiCollection(settings.deployment)
    collections.set(agency, known)
    return known
  }
  const following = await kafka.follow(['feed-records'], { from: 'beginning' }, ({ value, timestamp }) => {
    if (value === null) return
    try {
      collectionOf(value.agency).add(value, timestamp)
    } catch (error) {
      log.error(
        { code: 'bad_shared_case', feedId: value.feedId },
        `A record is not served by TAXII: ${messageOf(error)}`,
      )
    }
  })
  await following.caughtUp
  const server = serverOf(settings, (request, response) => {
    const agency = agencyOf(request.headers.authorization, keys())
    const { method = 'GET', url = '/', headers } = request
    request.resume()
    write(
      response,
      agency === null
        ? refusal(401, 'A key is needed.', { 'WWW-Authenticate': 'Basic realm="taxii"' })
        : answerTaxii({ method, url, accept: headers.accept }, agency, collectionOf(agency), settings.deployment),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.listen(settings.port, settings.host)
  await once(server, 'listening')
  signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address() as AddressInfo
  log.info({ host: address.address, port: address.port, tls: settings.certFile !== undefined }, 'TAXII endpoint')
  return address
}

function serverOf(
  { certFile, keyFile, host }: TaxiiSettings,
  take: (request: IncomingMessage, response: ServerResponse) => void,
) {
  if (certFile !== undefined && keyFile !== undefined) {
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' as const }
    return createTlsServer({ ...tls, maxHeaderSize: 16_384 }, take)
  }
  if (LOOPBACK.includes(host)) return createServer({ maxHeaderSize: 16_384 }, take)
  throw new TocsinError(
    'bad_settings',
    'NATIONAL_FEED_EXPORTER_TAXII_HOST is no loopback address, so _TAXII_CERT_FILE and _TAXII_KEY_FILE are needed: agencies are served over TLS only.',
  )
}

function write(response: ServerResponse, { status, headers, body }: TaxiiAnswer): void {
  response.writeHead(status, { 'Content-Type': TAXII, 'Cache-Control': 'no-store', ...headers })
  response.end(JSON.stringify(body))
}

/** Reads the file of keys anew when it has changed: a key that was taken out is refused from the next request on. */
function keysOf(path: string, onWrong: (error: unknown) => void): () => readonly ApiKey[] {
  let read = readFileSync(path, 'utf8')
  let keys: readonly ApiKey[] = loadKeys(read)
  return () => {
    try {
      const text = readFileSync(path, 'utf8')
      if (text === read) return keys
      // A wrong file is said once; the keys before it hold until it is right.
      read = text
      keys = loadKeys(text)
    } catch (error) {
      onWrong(error)
    }
    return keys
  }
}
