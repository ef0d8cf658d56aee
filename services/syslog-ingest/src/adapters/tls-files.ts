import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { type Log, messageOf, TocsinError } from '@tocsin/runtime'
import type { IngestConfig } from '../config.ts'
import { revokedIn } from '../revocation-list.ts'
import { certificatePem } from '../self-signed.ts'
import type { TlsMaterial, TlsSource } from '../transports/transport.ts'

const DAY_MS = 86_400_000
const VALID_DAYS = 365

/**
 * The certificate, key, issuers and revocation lists that the settings name, read again when a file changes. Without them
 * the embedded profile makes a self-signed certificate in its data folder, and production has no TLS listener (null).
 * Throws `bad_settings`.
 */
export function openTlsFiles(config: IngestConfig, nowMs: number, log: Log): TlsSource | null {
  const { tlsCertFile, tlsKeyFile } = config
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw new TocsinError(
      'bad_settings',
      'SYSLOG_INGEST_TLS_CERT_FILE and SYSLOG_INGEST_TLS_KEY_FILE go together; set both or none.',
    )
  }
  if (tlsCertFile === undefined && config.profile !== 'embedded') return null
  return new TlsFiles(() => load(config, nowMs), watched(config), log)
}

class TlsFiles implements TlsSource {
  readonly #load: () => TlsMaterial
  readonly #files: readonly string[]
  readonly #log: Log
  readonly #listeners: ((material: TlsMaterial) => void)[] = []
  #material: TlsMaterial
  #stamp: string

  constructor(load: () => TlsMaterial, files: readonly string[], log: Log) {
    this.#load = load
    this.#files = files
    this.#log = log
    this.#stamp = stampOf(files)
    this.#material = load()
  }

  current(): TlsMaterial {
    return this.#material
  }

  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.push(listener)
  }

  refresh(): void {
    const stamp = stampOf(this.#files)
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    try {
      this.#material = this.#load()
    } catch (error) {
      this.#log.error(
        { code: 'tls_reload_failed', reason: messageOf(error) },
        'New certificate files cannot be used; the listeners go on with the old ones.',
      )
      return
    }
    this.#log.info({ revoked: this.#material.revoked.size }, 'certificate files read again')
    for (const listener of this.#listeners) listener(this.#material)
  }
}

const watched = ({ tlsCertFile, tlsKeyFile, tlsCaFile, tlsCrlFile }: IngestConfig): string[] =>
  [tlsCertFile, tlsKeyFile, tlsCaFile, tlsCrlFile].filter((file) => file !== undefined)

/** What tells that a file is another one, also behind a symbolic link that was turned (mounted secrets). */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
    })
    .join('\n')
}

/** Reads all files and tries them together, so that a half-written change is not taken. */
function load(config: IngestConfig, nowMs: number): TlsMaterial {
  const { tlsCertFile, tlsKeyFile, tlsCaFile, tlsCrlFile } = config
  const own =
    tlsCertFile !== undefined && tlsKeyFile !== undefined
      ? {
          cert: read(tlsCertFile, 'SYSLOG_INGEST_TLS_CERT_FILE'),
          key: read(tlsKeyFile, 'SYSLOG_INGEST_TLS_KEY_FILE'),
        }
      : selfSigned(join(config.dataDir, 'syslog-ingest', 'tls'), nowMs)
  const ca = tlsCaFile === undefined ? null : read(tlsCaFile, 'SYSLOG_INGEST_TLS_CA_FILE')
  const crl = tlsCrlFile === undefined ? null : read(tlsCrlFile, 'SYSLOG_INGEST_TLS_CRL_FILE')
  if (crl !== null && ca === null) {
    throw new TocsinError(
      'bad_settings',
      'SYSLOG_INGEST_TLS_CRL_FILE needs SYSLOG_INGEST_TLS_CA_FILE: without issuers no client certificate is asked for.',
    )
  }
  try {
    createSecureContext({ ...own, ...(ca === null ? {} : { ca }), ...(crl === null ? {} : { crl }) })
    return { ...own, ca, crl, revoked: crl === null ? new Set() : revokedIn(crl).serials }
  } catch (error) {
    throw new TocsinError(
      'bad_settings',
      `The SYSLOG_INGEST_TLS_* files do not fit together: ${messageOf(error)}.`,
      error,
    )
  }
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
