import type { Notice } from '@tocsin/events'
import { type Channel, failed, type HttpPost } from '../channel.ts'
import { oneLine, resendMark, sha256, subjectOf, wireId } from '../text.ts'
import { resultOf, unansweredOf } from './http-result.ts'

const TIMEOUT_MS = 10_000
const MAX_REPLY_BYTES = 4_096
/** Three parts of a concatenated message in UCS-2 (3GPP TS 23.040): 3 × 67. */
const MAX_CHARACTERS = 201

export interface SmsOptions {
  /** The gateway; without one nothing is sent. */
  url: string | undefined
  token: string | undefined
  post: HttpPost
}

/** Short messages through an HTTP gateway: `{"id","to","text"}`. The gateway's 2xx says sent; its `"state":"delivered"`, delivered. */
export function smsChannel({ url, token, post }: SmsOptions): Channel {
  return {
    name: 'sms',
    addressOf: (contact) => phoneOf(contact.mobile ?? contact.phone),
    targetOf: () => `sms ${url ?? ''}`,
    mask: (address) => `***${address.slice(-3)}`,
    async send({ notice, address, resend }, signal) {
      if (url === undefined) return failed('retrying', 'channel_not_configured', null)
      const id = wireId(notice.noticeId)
      const body = JSON.stringify({ id, to: address, text: smsText(notice, resend) })
      const sent = { sha256: sha256(body), bytes: Buffer.byteLength(body) }
      const headers: Record<string, string> = {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': id,
      }
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      try {
        const request = { headers, body, timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES }
        const { status, reply } = await post(url, request, signal)
        const result = resultOf('sms_refused', status, reply, sent)
        return result.state === 'delivered' && !saysDelivered(reply) ? { ...result, state: 'sent' } : result
      } catch (error) {
        return unansweredOf('sms_unreachable', error, sent)
      }
    },
  }
}

/** The subject, the case and where to look: no details of the incident go over an open network. */
export function smsText(notice: Notice, resend: boolean): string {
  const mark = resend ? `${resendMark(notice.language)} ` : ''
  const text = `${subjectOf(notice)} · ${wireId(notice.noticeId).slice(0, 12)}`
  return oneLine(`${mark}${text}`, MAX_CHARACTERS)
}

/** Digits with an optional plus (E.164); null where it is no number. */
function phoneOf(text: string | null): string | null {
  const digits = (text ?? '').replace(/[\s().-]/g, '')
  return /^\+?\d{3,15}$/.test(digits) ? digits : null
}

function saysDelivered(reply: string): boolean {
  try {
    const answer: unknown = JSON.parse(reply)
    return typeof answer === 'object' && answer !== null && 'state' in answer && answer.state === 'delivered'
  } catch {
    return false
  }
}
