import { type DerValue, timeOf, values } from './der.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02
const TIMES: readonly number[] = [0x17, 0x18]
const PEM = /-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g

/** What certificate revocation lists say (RFC 5280 5.1). */
export interface Revoked {
  /** Serial numbers in capital hex digits, as Node prints them. */
  serials: ReadonlySet<string>
  /** When the first of the lists runs out, UTC ms; null where none says so. */
  nextUpdateMs: number | null
}

/** Takes one or more lists as PEM. Throws RangeError where there is none or one cannot be read. OpenSSL checks their signatures. */
export function revokedIn(pem: string): Revoked {
  const serials = new Set<string>()
  let nextUpdateMs: number | null = null
  let lists = 0
  for (const [, base64] of pem.matchAll(PEM)) {
    lists += 1
    const [whole] = values(Buffer.from(base64 as string, 'base64'))
    const [body] = whole === undefined ? [] : values(whole.content)
    if (body === undefined) throw new RangeError('a revocation list is empty')
    const fields = values(body.content)
    const times = fields.filter(({ tag }) => TIMES.includes(tag))
    const end = times[1] === undefined ? null : timeOf(times[1])
    if (end !== null) nextUpdateMs = Math.min(nextUpdateMs ?? end, end)
    for (const entry of entriesOf(fields)) {
      const [serial] = values(entry.content)
      if (serial?.tag === INTEGER) serials.add(hexOf(serial.content))
    }
  }
  if (lists === 0) throw new RangeError('no X509 CRL in it')
  return { serials, nextUpdateMs }
}

/** The entries stand in the sequence after the times; without it nothing is revoked. */
function entriesOf(fields: readonly DerValue[]): DerValue[] {
  const lastTime = fields.findLastIndex(({ tag }) => TIMES.includes(tag))
  const list = fields[lastTime + 1]
  return list?.tag === SEQUENCE ? values(list.content) : []
}

const hexOf = (octets: Buffer): string =>
  octets
    .toString('hex')
    .replace(/^(00)+(?=..)/, '')
    .toUpperCase()
