import { type KeyObject, sign } from 'node:crypto'
import { commonName, ECDSA_WITH_SHA256, explicit, integer, pem, sequence, tagged, time } from './der.ts'

/**
 * A certificate for the embedded profile and for tests, written as DER (X.509, RFC 5280) with node:crypto alone. Node
 * makes keys and signatures but no certificates; calling `openssl` would need it on the machine and in the image, and
 * node-forge or pkijs would bring a second crypto library into the process that faces the network, for sixty lines.
 * Production certificates come from outside.
 */
export interface CertificateRequest {
  /** Common name of the holder and of the issuer. */
  subject: string
  issuer: string
  publicKey: KeyObject
  /** Key of the issuer: an EC P-256 private key. */
  issuerKey: KeyObject
  /** 1 to 19 octets, positive. */
  serial: Buffer
  notBeforeMs: number
  notAfterMs: number
  /** Addresses (IPv4 text) and names that a server answers to. */
  addresses: readonly string[]
  dnsNames: readonly string[]
  isAuthority: boolean
}

/** Takes what the certificate shall say; gives it as PEM. */
export function certificatePem(request: CertificateRequest): string {
  const { subject, issuer, publicKey, issuerKey, serial, notBeforeMs, notAfterMs } = request
  const algorithm = sequence(ECDSA_WITH_SHA256)
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    commonName(issuer),
    sequence(time(notBeforeMs), time(notAfterMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(request))),
  )
  const signature = sign('sha256', body, issuerKey)
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  return pem('CERTIFICATE', der)
}

function extensions({ isAuthority, addresses, dnsNames }: CertificateRequest): Buffer[] {
  const list = [extension(BASIC_CONSTRAINTS, isAuthority ? sequence(Buffer.of(0x01, 0x01, 0xff)) : sequence(), true)]
  const names = [
    ...dnsNames.map((name) => tagged(0x82, Buffer.from(name))),
    ...addresses.map((address) => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ]
  if (names.length > 0) list.push(extension(SUBJECT_ALT_NAME, sequence(...names), false))
  return list
}

const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex')
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')

function extension(oid: Buffer, value: Buffer, critical: boolean): Buffer {
  return sequence(oid, ...(critical ? [Buffer.of(0x01, 0x01, 0xff)] : []), tagged(0x04, value))
}
