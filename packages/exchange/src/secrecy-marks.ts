import type { SharedCase } from './shared-case.ts'

/**
 * Words by which state bodies mark what is secret. A text that holds one does not leave by itself: the packs exclude state secrets,
 * and only a person can say that the word is only a word (operations.md S-19).
 */
export const SECRECY_MARKS: readonly RegExp[] = [
  // Vietnam: Law on Protection of State Secrets, three degrees.
  /tuyệt\s+mật/iu,
  /tối\s+mật/iu,
  /độ\s+mật/iu,
  /bí\s+mật\s+nhà\s+nước/iu,
  // Kazakhstan: law on state secrets, in both languages, and the mark of service use.
  /аса\s+құпия/iu,
  /мемлекеттік\s+құпия/iu,
  /қызмет\s+бабында\s+пайдалану/iu,
  /(?:совершенно\s+)?секретно(?!\p{L})/iu,
  /особой\s+важности/iu,
  /государственн\p{L}+\s+(?:тайн|секрет)/iu,
  /для\s+служебного\s+пользования/iu,
  // Taiwan: three degrees of the Classified National Security Information Protection Act, and the official secret.
  /絕對機密|極機密|國家機密|公務機密|〔機密〕|【機密】|\[機密\]/u,
  /top\s+secret|state\s+secret|\bSECRET\/\//iu,
]

/** Takes what would leave; gives the fields that carry a mark of secrecy, empty where none does. */
export function secrecyMarksIn(shared: SharedCase): string[] {
  return Object.entries(shared).flatMap(([field, value]) => {
    const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : ''
    return SECRECY_MARKS.some((mark) => mark.test(text.normalize('NFC'))) ? [field] : []
  })
}
