import { createHash } from 'node:crypto'

/** Marks of an exercise by language (XC-11): the first words of every subject. */
const EXERCISE: Readonly<Record<string, string>> = {
  vi: 'DIỄN TẬP',
  kk: 'ЖАТТЫҒУ',
  ru: 'УЧЕНИЯ',
  'zh-Hant': '演練',
  en: 'EXERCISE',
}

/** Marks of a message that may have arrived before (XC-5), by language. */
const RESEND: Readonly<Record<string, string>> = {
  vi: 'Gửi lại: có thể quý vị đã nhận được thông báo này.',
  kk: 'Қайта жіберілді: бұл хабарламаны бұрын алған болуыңыз мүмкін.',
  ru: 'Повторная отправка: возможно, вы уже получили это уведомление.',
  'zh-Hant': '重新寄送：您可能已收到此通知。',
  en: 'Sent again: you may have received this notice already.',
}

/** What stands before the link with which a receiver confirms, by language. */
const CONFIRM: Readonly<Record<string, string>> = {
  vi: 'Xác nhận đã đọc:',
  kk: 'Оқылғанын растау:',
  ru: 'Подтвердить прочтение:',
  'zh-Hant': '確認已閱讀：',
  en: 'Confirm that you have read it:',
}

/** The words before the link with which a receiver confirms; English where the language is not known. */
export function confirmWords(language: string): string {
  return CONFIRM[language] ?? CONFIRM['en'] ?? ''
}

/** One line: line ends, control and direction-changing characters become a space, so that no header can be added (RFC 5322 2.2). */
export function oneLine(text: string, maxLength = 200): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .toWellFormed()
    .trim()
  return Array.from(line).slice(0, maxLength).join('')
}

/** Body text: control characters other than line ends and tabs are taken out; bounded. */
export function plainText(text: string, maxLength = 100_000): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .toWellFormed()
    .slice(0, maxLength)
    .toWellFormed()
}

/** The sentence that marks a message sent again, in a language; English where it is not known. */
export function resendMark(language: string): string {
  return RESEND[language] ?? RESEND['en'] ?? ''
}

/** The body as sent, with the mark of one sent again before it. */
export function bodyOf(notice: { body: string; language: string }, resend: boolean): string {
  const body = plainText(notice.body)
  return resend ? `${resendMark(notice.language)}\n\n${body}` : body
}

/** Text for HTML, elements and attributes alike. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (sign) => names[sign] ?? sign)
}

/** The subject as sent: one line, with the mark of an exercise in the notice's language. */
export function subjectOf(notice: { subject: string; exercise: boolean; language: string }): string {
  const subject = oneLine(notice.subject)
  if (!notice.exercise) return subject
  const mark = EXERCISE[notice.language] ?? EXERCISE['en'] ?? ''
  return subject.startsWith(`[${mark}]`) ? subject : `[${mark}] ${subject}`
}

/** Id of a notice as it may stand in a header: itself where it is harmless, its hash where not. */
export function wireId(noticeId: string): string {
  return /^[A-Za-z0-9._-]{1,64}$/.test(noticeId) ? noticeId : sha256(noticeId).slice(0, 32)
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
