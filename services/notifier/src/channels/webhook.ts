import { createHmac } from 'node:crypto'
import type { Notice } from '@tocsin/events'
import { type Channel, failed, type HttpPost } from '../channel.ts'
import { bodyOf, sha256, subjectOf, wireId } from '../text.ts'
import { isAllowed } from './http-address.ts'
import { resultOf, unansweredOf } from './http-result.ts'

const TIMEOUT_MS = 10_000
const MAX_REPLY_BYTES = 4_096

export interface WebhookOptions {
  /** Key of the signature; without one nothing is sent. */
  secret: string | undefined
  /** Production: https alone. */
  httpsOnly: boolean
  post: HttpPost
}

/**
 * A POST of JSON to a registered address. `Tocsin-Signature: t=<unix seconds>,v1=<hex>` is the HMAC-SHA256 of `<t>.<body>`;
 * `Idempotency-Key` is the notice's id. A redirect is a refusal: the registered address is the only one that gets a notice.
 */
export function webhookChannel({ secret, httpsOnly, post }: WebhookOptions): Channel {
  return {
    name: 'webhook',
    addressOf: (contact) =>
      contact.webhook !== null && isAllowed(contact.webhook, httpsOnly) ? contact.webhook : null,
    targetOf: (address) => `webhook ${new URL(address).host}`,
    mask: (address) => new URL(address).origin,
    async send({ notice, address, startedAt, resend, receiptLink }, signal) {
      if (secret === undefined) return failed('retrying', 'channel_not_configured', null)
      const body = webhookBody(notice, resend, receiptLink)
      const sent = { sha256: sha256(body), bytes: Buffer.byteLength(body) }
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': wireId(notice.noticeId),
        'tocsin-signature': signatureOf(body, secret, startedAt),
        'user-agent': 'tocsin-notifier',
      }
      try {
        const request = { headers, body, timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES }
        const { status, reply } = await post(address, request, signal)
        return resultOf('webhook_refused', status, reply, sent)
      } catch (error) {
        return unansweredOf('webhook_unreachable', error, sent)
      }
    },
  }
}

/** The header of the signature at an instant. */
export function signatureOf(body: string, secret: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/** What the receiver gets; the same notice gives the same text, but for the mark of one sent again. */
export function webhookBody(notice: Notice, resend: boolean, receiptLink: string | null): string {
  const { noticeId, caseId, constituent, purpose, recipientRole, exercise, tlp, createdAt, dueAt, language } = notice
  const { requirementIds, fields, attachments, pack } = notice
  return JSON.stringify({
    noticeId,
    caseId,
    constituent,
    pack,
    purpose,
    recipientRole,
    exercise,
    tlp,
    createdAt: new Date(createdAt).toISOString(),
    dueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    language,
    requirementIds,
    subject: subjectOf(notice),
    body: bodyOf(notice, resend),
    resend,
    receiptLink,
    fields,
    attachments,
  })
}
