import type { Notice } from '@tocsin/events'
import { type Channel, failed, type HttpPost } from '../channel.ts'
import { bodyOf, confirmWords, oneLine, resendMark, sha256, subjectOf, wireId } from '../text.ts'
import { isAllowed } from './http-address.ts'
import { resultOf, unansweredOf } from './http-result.ts'

const TIMEOUT_MS = 10_000
const MAX_REPLY_BYTES = 4_096
/** Mattermost takes 16,383 characters, Slack 40,000. */
const MAX_CHARACTERS = 12_000
/** Markings under which a room learns the whole notice. */
const MAY_BE_READ_ALONG = /^(tlp:)?(clear|white|green|amber|amber\+strict)$/i
/** Telegram's sendMessage takes 4,096. */
const MAX_TELEGRAM_CHARACTERS = 4_000

/**
 * A room of a chat, by its incoming webhook (Mattermost, Slack, Rocket.Chat): `{"text"}`. A notice marked RED, or with no marking
 * that is known, shows its subject and number only: more people read a room than the law lets know.
 */
export function chatChannel({ httpsOnly, post }: { httpsOnly: boolean; post: HttpPost }): Channel {
  return {
    name: 'chat',
    addressOf: ({ addresses }) =>
      addresses['chat'] !== undefined && isAllowed(addresses['chat'], httpsOnly) ? addresses['chat'] : null,
    targetOf: (address) => `chat ${new URL(address).host}`,
    // The path of an incoming webhook is its password.
    mask: (address) => new URL(address).origin,
    async send({ notice, address, resend, receiptLink }, signal) {
      const link = receiptLink === null ? '' : `\n${confirmWords(notice.language)} ${receiptLink}`
      const body = JSON.stringify({ text: `${chatText(notice, resend)}${link}` })
      const sent = { sha256: sha256(body), bytes: Buffer.byteLength(body) }
      const headers = { 'content-type': 'application/json; charset=utf-8' }
      try {
        const request = { headers, body, timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES }
        const { status, reply } = await post(address, request, signal)
        return resultOf('chat_refused', status, reply, sent)
      } catch (error) {
        return unansweredOf('chat_unreachable', error, sent)
      }
    },
  }
}

/** The notice as a block of plain text: no link is made, no picture fetched, nobody called by name. */
export function chatText(notice: Notice, resend: boolean): string {
  const text = !MAY_BE_READ_ALONG.test(notice.tlp)
    ? shortText(notice, resend)
    : `${subjectOf(notice)}\n\n${bodyOf(notice, resend)}`
  const plain = Array.from(text.trimEnd()).slice(0, MAX_CHARACTERS).join('')
  // A fence of the text's own would end ours; Slack reads & < > as signs of its own.
  const fenced = plain
    .replaceAll('```', 'ʼʼʼ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=all|channel|here|everyone)/gi, '@\u2060')
  return `\`\`\`\n${fenced}\n\`\`\``
}

/** Subject and number: what may stand where others read along. */
function shortText(notice: Notice, resend: boolean): string {
  const mark = resend ? `${resendMark(notice.language)} ` : ''
  return oneLine(`${mark}${subjectOf(notice)} · ${wireId(notice.noticeId).slice(0, 12)}`, 400)
}

/** Settings of the bot; without a token nothing is sent. */
export interface TelegramOptions {
  /** Address of the Bot API, or of a server that speaks it. */
  url: string
  token: string | undefined
  post: HttpPost
}

/**
 * A chat of Telegram, or of a server that speaks its Bot API. The company is no party to the notice: only what is marked CLEAR or
 * GREEN goes whole, of all else the subject and the number. Its answer proves sending, not receipt.
 */
export function telegramChannel({ url, token, post }: TelegramOptions): Channel {
  return {
    name: 'telegram',
    addressOf: ({ addresses }) =>
      /^(-?\d{1,20}|@\w{5,32})$/.test(addresses['telegram'] ?? '') ? (addresses['telegram'] ?? null) : null,
    targetOf: () => `telegram ${url}`,
    mask: (address) => `***${address.slice(-3)}`,
    async send({ notice, address, resend }, signal) {
      if (token === undefined) return failed('retrying', 'channel_not_configured', null)
      const isOpen = /(clear|white|green)$/i.test(notice.tlp)
      const text = isOpen ? `${subjectOf(notice)}\n\n${bodyOf(notice, resend)}` : shortText(notice, resend)
      const cut = Array.from(text).slice(0, MAX_TELEGRAM_CHARACTERS).join('')
      const body = JSON.stringify({ chat_id: address, text: cut, link_preview_options: { is_disabled: true } })
      const sent = { sha256: sha256(body), bytes: Buffer.byteLength(body) }
      const headers = { 'content-type': 'application/json; charset=utf-8' }
      try {
        const request = { headers, body, timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES }
        const { status, reply } = await post(`${url.replace(/\/$/, '')}/bot${token}/sendMessage`, request, signal)
        const result = resultOf('telegram_refused', status, reply, sent)
        return result.state === 'delivered' ? { ...result, state: 'sent' } : result
      } catch (error) {
        return unansweredOf('telegram_unreachable', error, sent)
      }
    },
  }
}
