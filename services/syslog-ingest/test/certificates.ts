import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { commonName, ECDSA_WITH_SHA256, integer, pem, sequence, tagged, time } from '../src/der.ts'
import { certificatePem } from '../src/self-signed.ts'

/** A certificate with its key, both PEM. */
export interface Issued {
  cert: string
  key: string
  serial: Buffer
  privateKey: KeyObject
  name: string
}

/** Makes an authority, or a certificate of `name` from one; it answers to 127.0.0.1 and localhost. */
export function issue(name: string, authority?: Issued, notAfterMs: number = Date.now() + 600_000): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serial = randomBytes(8)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40
  const cert = certificatePem({
    subject: name,
    issuer: authority?.name ?? name,
    publicKey,
    issuerKey: authority?.privateKey ?? privateKey,
    serial,
    notBeforeMs: Date.now() - 3_600_000,
    notAfterMs,
    addresses: authority === undefined ? [] : ['127.0.0.1'],
    dnsNames: authority === undefined ? [] : ['localhost'],
    isAuthority: authority === undefined,
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), serial, privateKey, name }
}

/** Makes the revocation list of an authority: PEM, valid for ten minutes or until `nextUpdateMs`. */
export function revocationList(
  authority: Issued,
  revoked: readonly Issued[],
  nextUpdateMs: number = Date.now() + 600_000,
): string {
  const now = time(Date.now() - 60_000)
  const entries = revoked.map(({ serial }) => sequence(integer(serial), now))
  const algorithm = sequence(ECDSA_WITH_SHA256)
  const body = sequence(
    integer(Buffer.of(1)),
    algorithm,
    commonName(authority.name),
    now,
    time(nextUpdateMs),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  )
  const signature = sign('sha256', body, authority.privateKey)
  return pem('X509 CRL', sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature]))))
}
