import { detachedSignature, encrypted, type Signer } from '../smime.ts'

/** How a mail is protected. */
export interface Protection {
  signer: Signer | null
  /** PEM of the receiver; null: it is not encrypted. */
  certificate: string | null
  /** What the subject says outside of the encryption. */
  outerSubject: string
  /** For boundaries: the same mail has the same. */
  id: string
  /** Signing time, UTC ms. */
  atMs: number
}

interface Field {
  name: string
  /** As it stands in the header, folds and all, without the last line end. */
  text: string
}

/**
 * Takes a whole mail (RFC 5322); gives it signed, then encrypted (RFC 8551), as far as there is a signer and a certificate. Its
 * header is protected with it (RFC 9788): inside stand all fields, outside of an encrypted mail the subject says nothing.
 */
export async function protectedMail(mail: Buffer, protection: Protection): Promise<Buffer> {
  const { signer, certificate, outerSubject, id, atMs } = protection
  if (signer === null && certificate === null) return mail
  const { fields, body } = split(mail)
  const outer = fields
    .filter(({ name }) => !name.startsWith('content-') && name !== 'mime-version')
    .map((field) =>
      certificate !== null && field.name === 'subject' ? { ...field, text: `Subject: ${outerSubject}` } : field,
    )
  let entity = join(innerFields(fields, outer, certificate !== null), body)
  if (signer !== null) entity = await signedEntity(entity, signer, id, atMs)
  if (certificate !== null) entity = encryptedEntity(await encrypted(entity, certificate))
  return Buffer.concat([Buffer.from(`${outer.map(({ text }) => text).join('\r\n')}\r\nMIME-Version: 1.0\r\n`), entity])
}

function split(mail: Buffer): { fields: Field[]; body: string } {
  // A part under a signature has CRLF at every line's end (RFC 8551 3.1.1); latin1 keeps each octet.
  const text = mail.toString('latin1').replace(/\r?\n/g, '\r\n')
  const end = text.indexOf('\r\n\r\n')
  const fields = text
    .slice(0, end)
    .split(/\r\n(?![ \t])/)
    .map((field) => ({ name: field.slice(0, field.indexOf(':')).toLowerCase(), text: field }))
  return { fields, body: text.slice(end + 4) }
}

/** The fields under protection; `hp` says so, and HP-Outer what stands outside (RFC 9788 2.2). */
function innerFields(fields: readonly Field[], outer: readonly Field[], isEncrypted: boolean): string[] {
  const kept = fields
    .filter(({ name }) => name !== 'mime-version')
    .map(({ name, text }) => (name === 'content-type' ? `${text};\r\n hp="${isEncrypted ? 'cipher' : 'clear'}"` : text))
  return isEncrypted ? [...kept, ...outer.map(({ text }) => `HP-Outer: ${text}`)] : kept
}

function join(fields: readonly string[], body: string): Buffer {
  return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}

async function signedEntity(entity: Buffer, signer: Signer, id: string, atMs: number): Promise<Buffer> {
  const boundary = `signed-${id}`
  const signature = await detachedSignature(entity, signer, atMs)
  const head = [
    `Content-Type: multipart/signed; protocol="application/pkcs7-signature";`,
    ` micalg=sha-256; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    '',
  ]
  const tail = [
    '',
    `--${boundary}`,
    'Content-Type: application/pkcs7-signature; name="smime.p7s"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="smime.p7s"',
    '',
    base64Lines(signature),
    `--${boundary}--`,
    '',
  ]
  return Buffer.concat([Buffer.from(head.join('\r\n')), entity, Buffer.from(tail.join('\r\n'))])
}

function encryptedEntity(octets: Buffer): Buffer {
  const lines = [
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="smime.p7m"',
    '',
    base64Lines(octets),
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}

function base64Lines(octets: Buffer): string {
  return octets.toString('base64').replace(/.{76}(?!$)/g, '$&\r\n')
}
