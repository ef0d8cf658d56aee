import { createHash } from 'node:crypto'
import { type IncidentCommand, uuidV7 } from '@tocsin/events'
import { type Receipt, readReceipt } from '@tocsin/obligations'
import { messageOf } from '@tocsin/runtime'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ConsoleParts } from './console-parts.ts'

const MAX_FORM_BYTES = 2_048

type State = 'ask' | 'done' | 'again' | 'expired' | 'bad' | 'later'

/** Words of the page by language: its title, its button, and a sentence for each end. */
const WORDS: Readonly<Record<string, Readonly<Record<State | 'button', string>>>> = {
  en: {
    ask: 'Confirm that you have read the notice.',
    button: 'I have read it',
    done: 'Thank you. The time of your confirmation is recorded.',
    again: 'The notice was confirmed before. Nothing more is to be done.',
    expired: 'This link has ended. Confirm to the duty shift by telephone.',
    bad: 'This link is not valid. Open it from the notice itself.',
    later: 'Your confirmation could not be recorded now. Try again in a minute.',
  },
  vi: {
    ask: 'Xác nhận quý vị đã đọc thông báo.',
    button: 'Tôi đã đọc',
    done: 'Xin cảm ơn. Thời điểm xác nhận đã được ghi lại.',
    again: 'Thông báo này đã được xác nhận trước đó. Không cần làm gì thêm.',
    expired: 'Liên kết đã hết hạn. Vui lòng xác nhận với ca trực qua điện thoại.',
    bad: 'Liên kết không hợp lệ. Vui lòng mở từ chính thông báo.',
    later: 'Hiện chưa ghi được xác nhận. Vui lòng thử lại sau một phút.',
  },
  kk: {
    ask: 'Хабарламаны оқығаныңызды растаңыз.',
    button: 'Оқыдым',
    done: 'Рақмет. Растау уақыты жазылды.',
    again: 'Хабарлама бұрын расталған. Басқа әрекет қажет емес.',
    expired: 'Сілтеменің мерзімі өтті. Кезекші ауысымға телефон арқылы растаңыз.',
    bad: 'Сілтеме жарамсыз. Оны хабарламаның өзінен ашыңыз.',
    later: 'Растау қазір жазылмады. Бір минуттан кейін қайталаңыз.',
  },
  ru: {
    ask: 'Подтвердите, что прочитали уведомление.',
    button: 'Прочитано',
    done: 'Спасибо. Время подтверждения записано.',
    again: 'Уведомление уже подтверждено. Больше ничего делать не нужно.',
    expired: 'Срок ссылки истёк. Подтвердите дежурной смене по телефону.',
    bad: 'Ссылка недействительна. Откройте её из самого уведомления.',
    later: 'Сейчас записать подтверждение не удалось. Повторите через минуту.',
  },
  'zh-Hant': {
    ask: '請確認您已閱讀此通知。',
    button: '我已閱讀',
    done: '謝謝。確認時間已記錄。',
    again: '此通知先前已確認，無須再處理。',
    expired: '此連結已過期。請以電話向值班人員確認。',
    bad: '此連結無效。請由通知內開啟。',
    later: '目前無法記錄確認，請於一分鐘後重試。',
  },
}

const STYLE = `body{font:1.1rem/1.6 "Noto Sans","Noto Sans TC",sans-serif;max-width:32rem;margin:4rem auto;padding:0 1.5rem;color:#111;background:#fff}
button{font:inherit;padding:.7rem 1.6rem;border:0;border-radius:.4rem;background:#0b5cad;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #111;outline-offset:2px}code{color:#444}`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

const STATUS: Readonly<Record<State, number>> = { ask: 200, done: 200, again: 409, expired: 410, bad: 404, later: 503 }

/**
 * The page behind the link of a notice, for people without an account: looking at it does nothing (programs that read mail open
 * links), its button records the reading, once. Every use of the button is in the audit trail.
 */
export async function serveReceiptPage(app: FastifyInstance, parts: ConsoleParts, secret: string): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body)).get('t') ?? ''),
    )
    scope.get('/received', (request, reply) => {
      const token = (request.query as { t?: unknown }).t
      const read = readReceipt(typeof token === 'string' ? token : '', secret, parts.clock.now())
      if (!read.ok) return answer(reply, read.reason === 'expired' ? 'expired' : 'bad', read.language)
      return answer(reply, 'ask', read.receipt.language, { token: String(token), noticeId: read.receipt.noticeId })
    })
    scope.post('/received', async (request, reply) => {
      const token = typeof request.body === 'string' ? request.body : ''
      const read = readReceipt(token, secret, parts.clock.now())
      if (!read.ok) return answer(reply, read.reason === 'expired' ? 'expired' : 'bad', read.language)
      const { language, noticeId } = read.receipt
      return answer(reply, await record(read.receipt, parts, request), language, { noticeId })
    })
  })
}

async function record(receipt: Receipt, parts: ConsoleParts, request: FastifyRequest): Promise<State> {
  const now = parts.clock.now()
  const fact = {
    at: now,
    constituent: receipt.constituent,
    actor: `contact:${receipt.contactId}`,
    roles: [],
    action: 'notice-read',
    object: `notice:${receipt.noticeId}`,
    address: request.ip,
  }
  try {
    // What is not written down is not done.
    await parts.audit.write({ ...fact, outcome: 'allowed', reason: null })
    const result = await parts.commander.give(commandOf(receipt, now))
    if (result.accepted) return 'done'
    await parts.audit.write({ ...fact, outcome: 'denied', reason: result.reason })
    return result.code === 'illegal-transition' ? 'again' : 'bad'
  } catch (error) {
    parts.log.error({ code: 'receipt_unrecorded', noticeId: receipt.noticeId }, messageOf(error))
    return 'later'
  }
}

function commandOf({ noticeId, contactId, constituent, caseId }: Receipt, now: number): IncidentCommand {
  return {
    commandId: uuidV7(now),
    constituent,
    caseId,
    action: 'notice-outcome',
    expectedRevision: null,
    actor: `contact:${contactId}`,
    actorRoles: [],
    channel: 'form',
    issuedAt: now,
    reason: null,
    fields: { noticeId, contactId, outcome: 'read', channel: 'form' },
  }
}

function answer(
  reply: FastifyReply,
  state: State,
  language: string,
  about: { token?: string; noticeId?: string } = {},
): FastifyReply {
  const words = WORDS[language] ?? WORDS['en']
  if (words === undefined) throw new TypeError('There are English words.')
  const form =
    about.token === undefined
      ? ''
      : `<form method="post" action="/received"><input type="hidden" name="t" value="${escapeHtml(about.token)}"><button>${words.button}</button></form>`
  const number = about.noticeId === undefined ? '' : `<p><code>${escapeHtml(about.noticeId.slice(0, 12))}</code></p>`
  const html = `<!doctype html><html lang="${language in WORDS ? language : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tocsin</title><style>${STYLE}</style></head><body><h1>Tocsin</h1><p>${words[state]}</p>${number}${form}</body></html>`
  return reply
    .status(STATUS[state])
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    })
    .send(html)
}

function escapeHtml(text: string): string {
  return text.replace(/[^\w.-]/g, (sign) => `&#${sign.codePointAt(0)};`)
}
