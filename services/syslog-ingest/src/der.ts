/** DER (X.690) as far as certificates and revocation lists need it (RFC 5280): written and read by node:crypto's side. */

export const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')

/** One value: its tag and content. */
export interface DerValue {
  tag: number
  content: Buffer
}

export function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), content])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts))

export const explicit = (number: number, content: Buffer): Buffer => tagged(0xa0 + number, content)

/** Takes the octets of a positive number. */
export const integer = (octets: Buffer): Buffer =>
  tagged(0x02, ((octets[0] as number) & 0x80) === 0 ? octets : Buffer.concat([Buffer.of(0), octets]))

/** A distinguished name with one common name. */
export const commonName = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name)))))

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
export function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  const year = Number(text.slice(0, 4))
  return year < 2050 ? tagged(0x17, Buffer.from(`${text.slice(2)}Z`)) : tagged(0x18, Buffer.from(`${text}Z`))
}

/** Takes a label and DER; gives PEM. */
export function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/** Takes the content of a constructed value; gives what it is made of. Throws RangeError where it is no DER. */
export function values(content: Buffer): DerValue[] {
  const found: DerValue[] = []
  for (let at = 0; at < content.length; ) {
    const tag = content.readUInt8(at)
    let length = content.readUInt8(at + 1)
    at += 2
    if (length >= 0x80) {
      const lengthBytes = length & 0x7f
      length = content.readUIntBE(at, lengthBytes)
      at += lengthBytes
    }
    if (at + length > content.length) throw new RangeError('a value is longer than what holds it')
    found.push({ tag, content: content.subarray(at, at + length) })
    at += length
  }
  return found
}

/** Takes UTCTime or GeneralizedTime; gives UTC milliseconds. */
export function timeOf({ tag, content }: DerValue): number {
  const text = content.toString('latin1')
  const year = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text.slice(0, 2)}` : text.slice(0, 4)
  const rest = text.slice(tag === 0x17 ? 2 : 4)
  const part = (at: number) => rest.slice(at, at + 2)
  return Date.parse(`${year}-${part(0)}-${part(2)}T${part(4)}:${part(6)}:${part(8)}Z`)
}
