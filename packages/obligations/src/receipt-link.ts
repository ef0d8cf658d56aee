import { createHmac, timingSafeEqual } from 'node:crypto'

/** As long as the notifier remembers a notice. */
const VALID_MS = 35 * 24 * 3_600_000
const MAX_TOKEN = 1_000

/** Who has read what: the notice, its receiver, and where both belong. */
export interface Receipt {
  noticeId: string
  contactId: string
  constituent: string
  /** Empty where the notice is about no case. */
  caseId: string
  language: string
  /** Until when the link holds, UTC ms. */
  expiresAt: number
}

/** What a link says: a receipt, or why it is none. */
export type ReadReceipt =
  | { ok: true; receipt: Receipt }
  | { ok: false; reason: 'bad-link' | 'expired'; language: string }

/**
 * The token of a link with which a receiver says that a notice was read: who and what, and an HMAC-SHA256 over it. The same notice
 * and receiver give the same token; that it works once is the notifier's to keep.
 */
export function receiptToken(
  notice: { noticeId: string; constituent: string; caseId: string | null; language: string; createdAt: number },
  contactId: string,
  secret: string,
): string {
  const { noticeId, constituent, caseId, language, createdAt } = notice
  const fields = [noticeId, contactId, constituent, caseId ?? '', language, createdAt + VALID_MS]
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${payload}.${macOf(payload, secret).toString('base64url')}`
}

/** Reads a token from outside at an instant; a forged, cut or overlong one is a bad link. */
export function readReceipt(token: string, secret: string, nowMs: number): ReadReceipt {
  const bad = { ok: false, reason: 'bad-link', language: 'en' } as const
  const [payload = '', mac = '', ...rest] = token.length > MAX_TOKEN ? [] : token.split('.')
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(payload, secret)
  if (rest.length > 0 || given.toString('base64url') !== mac || given.length !== right.length) return bad
  if (!timingSafeEqual(given, right)) return bad
  const [noticeId, contactId, constituent, caseId, language, expiresAt] = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  ) as [string, string, string, string, string, number]
  if (nowMs >= expiresAt) return { ok: false, reason: 'expired', language }
  return { ok: true, receipt: { noticeId, contactId, constituent, caseId, language, expiresAt } }
}

function macOf(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`tocsin receipt 1.${payload}`).digest()
}
