import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TocsinError } from '@tocsin/runtime'
import type { IngestConfig } from '../config.ts'
import { certificatePem } from '../self-signed.ts'
import type { TlsMaterial } from '../transports/transport.ts'

const DAY_MS = 86_400_000
const VALID_DAYS = 365

/**
 * Reads the certificate, key and issuers that the settings name. Without them the embedded profile makes a self-signed
 * certificate in its data folder, and production has no TLS listener (null). Throws `bad_settings`.
 */
export function loadTlsMaterial(config: IngestConfig, nowMs: number): TlsMaterial | null {
  const { tlsCertFile, tlsKeyFile, tlsCaFile } = config
  if (tlsCertFile !== undefined && tlsKeyFile !== undefined) {
    return {
      cert: read(tlsCertFile, 'SYSLOG_INGEST_TLS_CERT_FILE'),
      key: read(tlsKeyFile, 'SYSLOG_INGEST_TLS_KEY_FILE'),
      ca: tlsCaFile === undefined ? null : read(tlsCaFile, 'SYSLOG_INGEST_TLS_CA_FILE'),
    }
  }
  if (tlsCertFile !== undefined || tlsKeyFile !== undefined) {
    throw new TocsinError(
      'bad_settings',
      'SYSLOG_INGEST_TLS_CERT_FILE and SYSLOG_INGEST_TLS_KEY_FILE go together; set both or none.',
    )
  }
  if (config.profile !== 'embedded') return null
  const ca = tlsCaFile === undefined ? null : read(tlsCaFile, 'SYSLOG_INGEST_TLS_CA_FILE')
  return { ...selfSigned(join(config.dataDir, 'syslog-ingest', 'tls'), nowMs), ca }
}

function read(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TocsinError('bad_settings', `${setting}: ${path} cannot be read: ${messageOf(error)}.`, error)
  }
}

/** The same certificate at every start, so that senders may keep it; a new one when it has run out. */
function selfSigned(folder: string, nowMs: number): { cert: string; key: string } {
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  try {
    const cert = readFileSync(certFile, 'utf8')
    const key = readFileSync(keyFile, 'utf8')
    if (Date.parse(new X509Certificate(cert).validTo) > nowMs) return { cert, key }
  } catch {
    // The first start.
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40
  const cert = certificatePem({
    subject: 'localhost',
    issuer: 'localhost',
    publicKey,
    issuerKey: privateKey,
    serial,
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + VALID_DAYS * DAY_MS,
    addresses: ['127.0.0.1'],
    dnsNames: ['localhost'],
    isAuthority: true,
  })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(keyFile, key, { mode: 0o600 })
  writeFileSync(certFile, cert)
  return { cert, key }
}
