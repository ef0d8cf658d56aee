import type { Notice, RegistryContact } from '@tocsin/events'
import type { CardChannel } from './channels/task-card.ts'
import { escapeHtml, oneLine, plainText, subjectOf } from './text.ts'

/** Everything on a card. */
export interface Card {
  notice: Notice
  contact: RegistryContact
  channel: CardChannel
  /** Number or address, unmasked: the card is for the one who calls. */
  address: string
  /** Local time of the body, as the notice has it. */
  timeZone: string
}

type Word =
  | CardChannel
  | 'title'
  | 'to'
  | 'number'
  | 'due'
  | 'notice'
  | 'text'
  | 'outcome'
  | 'reached'
  | 'notReached'
  | 'when'
  | 'spokeWith'
  | 'reference'
  | 'signature'

const WORDS: Readonly<Record<string, Readonly<Record<Word, string>>>> = {
  en: {
    title: 'Task card',
    telephone: 'Telephone call',
    fax: 'Fax',
    'official-dispatch': 'Official dispatch',
    to: 'To',
    number: 'Number or address',
    due: 'Due',
    notice: 'Notice',
    text: 'What is to be told',
    outcome: 'Outcome',
    reached: 'reached',
    notReached: 'not reached',
    when: 'Date and time',
    spokeWith: 'Who took it',
    reference: 'Number of the dispatch or fax report',
    signature: 'Name and signature',
  },
  vi: {
    title: 'Phiếu giao việc',
    telephone: 'Gọi điện thoại',
    fax: 'Gửi fax',
    'official-dispatch': 'Gửi công văn',
    to: 'Nơi nhận',
    number: 'Số máy hoặc địa chỉ',
    due: 'Thời hạn',
    notice: 'Thông báo',
    text: 'Nội dung cần thông báo',
    outcome: 'Kết quả',
    reached: 'đã thông báo được',
    notReached: 'chưa liên hệ được',
    when: 'Ngày, giờ',
    spokeWith: 'Người nhận',
    reference: 'Số công văn hoặc báo cáo fax',
    signature: 'Họ tên và chữ ký',
  },
  kk: {
    title: 'Тапсырма картасы',
    telephone: 'Телефон арқылы хабарлау',
    fax: 'Факс',
    'official-dispatch': 'Ресми хат',
    to: 'Кімге',
    number: 'Нөмірі немесе мекенжайы',
    due: 'Мерзімі',
    notice: 'Хабарлама',
    text: 'Хабарланатын мәтін',
    outcome: 'Нәтижесі',
    reached: 'хабарланды',
    notReached: 'байланыс болмады',
    when: 'Күні мен уақыты',
    spokeWith: 'Кім қабылдады',
    reference: 'Хаттың немесе факс есебінің нөмірі',
    signature: 'Аты-жөні және қолы',
  },
  ru: {
    title: 'Карточка задания',
    telephone: 'Телефонный звонок',
    fax: 'Факс',
    'official-dispatch': 'Официальное письмо',
    to: 'Кому',
    number: 'Номер или адрес',
    due: 'Срок',
    notice: 'Уведомление',
    text: 'Что сообщить',
    outcome: 'Результат',
    reached: 'сообщено',
    notReached: 'связаться не удалось',
    when: 'Дата и время',
    spokeWith: 'Кто принял',
    reference: 'Номер письма или отчёта факса',
    signature: 'ФИО и подпись',
  },
  'zh-Hant': {
    title: '任務卡',
    telephone: '電話通知',
    fax: '傳真',
    'official-dispatch': '公文',
    to: '受文者',
    number: '號碼或地址',
    due: '期限',
    notice: '通知',
    text: '通知內容',
    outcome: '結果',
    reached: '已通知',
    notReached: '未能聯繫',
    when: '日期與時間',
    spokeWith: '接收人',
    reference: '公文文號或傳真報告編號',
    signature: '姓名與簽名',
  },
}

/** The card as one HTML page of A4: whom to tell what by when, and room for the outcome. Nothing is loaded from elsewhere. */
export function cardPage({ notice, contact, channel, address, timeZone }: Card): string {
  const words = WORDS[notice.language] ?? WORDS['en']
  if (words === undefined) throw new TypeError('There are English words.')
  const who = [contact.name, contact.position, contact.department, contact.constituent]
  const rows: [string, string][] = [
    [words.to, who.filter((part) => part !== null && part !== '').join(', ')],
    [words.number, address],
    [words.due, notice.dueAt === null ? '–' : localTime(notice.dueAt, notice.language, timeZone)],
    [words.notice, notice.noticeId.slice(0, 12)],
  ]
  const boxes = [words.when, words.spokeWith, words.reference, words.signature]
  const cell = ([name, value]: [string, string]): string =>
    `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(oneLine(value, 400))}</td></tr>`
  return `<!doctype html>
<html lang="${escapeHtml(oneLine(notice.language, 16))}"><head><meta charset="utf-8"><title>${escapeHtml(`${words.title}: ${subjectOf(notice)}`)}</title>
<style>
@page { size: A4; margin: 18mm }
body { font: 11pt/1.45 "Noto Sans", "Noto Sans TC", sans-serif; color: #111; max-width: 174mm; margin: 0 auto }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 12pt; margin: 7mm 0 2mm }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600; width: 52mm; vertical-align: top }
th, td { border: 1px solid #777; padding: 1.5mm 2.5mm } .text { white-space: pre-wrap; border: 1px solid #777; padding: 3mm }
.boxes td { height: 11mm } .choice { margin: 2mm 0 3mm } .choice span { margin-right: 12mm }
</style></head><body>
<h1>${escapeHtml(words[channel])}</h1>
<p>${escapeHtml(words.title)} · ${escapeHtml(subjectOf(notice))}</p>
<table>${rows.map(cell).join('')}</table>
<h2>${escapeHtml(words.text)}</h2>
<div class="text">${escapeHtml(plainText(notice.body, 6_000).trimEnd())}</div>
<h2>${escapeHtml(words.outcome)}</h2>
<p class="choice"><span>☐ ${escapeHtml(words.reached)}</span><span>☐ ${escapeHtml(words.notReached)}</span></p>
<table class="boxes">${boxes.map((name) => `<tr><th>${escapeHtml(name)}</th><td></td></tr>`).join('')}</table>
</body></html>
`
}

function localTime(at: number, language: string, timeZone: string): string {
  const options = { dateStyle: 'long', timeStyle: 'short', timeZone } as const
  return `${new Intl.DateTimeFormat(language, options).format(at)} (${timeZone})`
}
