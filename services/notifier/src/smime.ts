import { createPrivateKey, X509Certificate } from 'node:crypto'
import { TocsinError } from '@tocsin/runtime'
import { ObjectIdentifier, OctetString, UTCTime } from 'asn1js'
import {
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  EnvelopedData,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs'

const DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const ENVELOPED_DATA = '1.2.840.113549.1.7.3'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const LEAST_RSA_BITS = 2_048

/** Who signs: the certificate, those between it and its authority, and the key. */
export interface Signer {
  certificates: readonly Certificate[]
  key: CryptoKey
}

/**
 * Takes PEM: the signer's certificate followed by those that lead to its authority, and its key (RSA or ECDSA, PKCS#8 or the older
 * forms). Throws `TocsinError('bad_settings')` where they cannot be used or do not belong together.
 */
export async function loadSigner(certificatesPem: string, keyPem: string): Promise<Signer> {
  try {
    const parts = certificatesPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    const [own, ...rest] = parts.map((part) => new X509Certificate(part))
    const key = createPrivateKey(keyPem)
    if (own === undefined) throw new Error('the file has no certificate')
    if (!own.checkPrivateKey(key)) throw new Error('the key is not that of the first certificate')
    const algorithm =
      key.asymmetricKeyType === 'ec'
        ? { name: 'ECDSA', namedCurve: curveOf(own), hash: 'SHA-256' }
        : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const octets = key.export({ format: 'der', type: 'pkcs8' })
    return {
      certificates: [own, ...rest].map((certificate) => Certificate.fromBER(new Uint8Array(certificate.raw))),
      key: await crypto.subtle.importKey('pkcs8', new Uint8Array(octets), algorithm, false, ['sign']),
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TocsinError('bad_settings', `The certificate and key that sign mail cannot be used: ${reason}.`)
  }
}

/** A detached CMS signature (RFC 5652, SHA-256) of some octets, in DER; `atMs` is the signing time, UTC. */
export async function detachedSignature(content: Uint8Array, signer: Signer, atMs: number): Promise<Buffer> {
  const [own] = signer.certificates
  if (own === undefined) throw new TypeError('A signer has a certificate.')
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(content))
  const signed = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
        signedAttrs: new SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            new Attribute({ type: CONTENT_TYPE, values: [new ObjectIdentifier({ value: DATA })] }),
            new Attribute({ type: SIGNING_TIME, values: [new UTCTime({ valueDate: new Date(atMs) })] }),
            new Attribute({ type: MESSAGE_DIGEST, values: [new OctetString({ valueHex: digest })] }),
          ],
        }),
      }),
    ],
    certificates: [...signer.certificates],
  })
  await signed.sign(signer.key, 0, 'SHA-256', new Uint8Array(content))
  return contentInfo(SIGNED_DATA, signed.toSchema(true))
}

/**
 * Octets encrypted (CMS enveloped data, AES-256-CBC) to the holder of a certificate in PEM: RSA of 2048 bits or more by OAEP with
 * SHA-256, or an elliptic curve by ephemeral ECDH. A certificate that has ended is used all the same: its holder still has the key,
 * and the message must not go in clear. Throws `TocsinError('certificate_unusable')` for anything else.
 */
export async function encrypted(content: Uint8Array, certificatePem: string): Promise<Buffer> {
  const certificate = recipientOf(certificatePem)
  const enveloped = new EnvelopedData()
  enveloped.addRecipientByCertificate(certificate, { oaepHashAlgorithm: 'SHA-256', kdfAlgorithm: 'SHA-256' })
  const octets = new Uint8Array(content)
  await enveloped.encrypt({ name: 'AES-CBC', length: 256 } as Algorithm, octets.buffer)
  return contentInfo(ENVELOPED_DATA, enveloped.toSchema())
}

function recipientOf(pem: string): Certificate {
  let reason = 'it is no certificate in PEM'
  try {
    const certificate = new X509Certificate(pem)
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey
    reason = `its key (${type ?? 'of an unknown kind'}) is neither RSA of ${LEAST_RSA_BITS} bits nor on P-256, P-384 or P-521`
    const fits =
      type === 'rsa' ? (details?.modulusLength ?? 0) >= LEAST_RSA_BITS : type === 'ec' && curveOf(certificate) !== ''
    if (fits) return Certificate.fromBER(new Uint8Array(certificate.raw))
  } catch {
    // The reason stands.
  }
  throw new TocsinError('certificate_unusable', `The receiver's certificate cannot be encrypted to: ${reason}.`)
}

function curveOf({ publicKey }: X509Certificate): string {
  const names: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }
  return names[publicKey.asymmetricKeyDetails?.namedCurve ?? ''] ?? ''
}

function contentInfo(contentType: string, content: ReturnType<SignedData['toSchema']>): Buffer {
  return Buffer.from(new ContentInfo({ contentType, content }).toSchema().toBER())
}
