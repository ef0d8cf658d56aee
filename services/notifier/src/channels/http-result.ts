import { messageOf } from '@tocsin/runtime'
import { type AttemptResult, failed } from '../channel.ts'

/** What was sent, for the ledger. */
export interface Sent {
  sha256: string
  bytes: number
}

/** Faults before a request is out: whoever gives one of these has not heard us. */
const UNHEARD = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ERR_ADDRESS_NOT_ALLOWED',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
])

/** Result of an HTTP answer: 2xx is receipt; 408, 425, 429 and 5xx ask to come back; all else, redirects too, is a refusal. */
export function resultOf(errorCode: string, status: number, reply: string, sent: Sent): AttemptResult {
  if (status >= 200 && status < 300)
    return { state: 'delivered', reply, proof: `HTTP ${status}`, errorCode: null, ...sent }
  const comeBack = status >= 500 || status === 408 || status === 425 || status === 429
  return failed(comeBack ? 'retrying' : 'refused', errorCode, `HTTP ${status} ${reply}`.trim(), sent)
}

/** Result of a request without an answer; doubtful where the other side may have heard it. */
export function unansweredOf(errorCode: string, error: unknown, sent: Sent): AttemptResult {
  const result = failed('retrying', errorCode, messageOf(error), sent)
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause
  return UNHEARD.has(String(cause?.code)) ? result : { ...result, doubtful: true }
}
