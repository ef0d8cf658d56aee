import { idFrom, type Notice, type Request } from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import { localTime } from '@tocsin/obligations'
import { CENTRE } from '../registry.ts'

/** Roles who hear of a request, by the side that is asked. */
const ASKED_BODY = ['unit-in-charge', 'constituent', 'authorised-person', 'manager', 'enterprise']
const ASKED_CENTRE = ['shift', 'operator']

interface Words {
  asked: string
  number: string
  ground: string
  due: string
  none: string
  files: string
  answer: string
  test: string
  testBody: string
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    asked: 'Request',
    number: 'Number',
    ground: 'Ground',
    due: 'Answer due',
    none: 'no date set',
    files: 'Files',
    answer: 'Answer it in the console, or by dispatch with this number.',
    test: 'Test of your notice channel',
    testBody: 'This is the monthly test of the channel by which warnings reach you. Please acknowledge this message.',
  },
  vi: {
    asked: 'Yêu cầu',
    number: 'Số',
    ground: 'Căn cứ',
    due: 'Hạn trả lời',
    none: 'không đặt hạn',
    files: 'Tệp kèm theo',
    answer: 'Trả lời trên trang điều khiển hoặc bằng công văn có ghi số này.',
    test: 'Kiểm tra kênh nhận cảnh báo',
    testBody: 'Đây là lần kiểm tra hằng tháng kênh gửi cảnh báo tới quý vị. Đề nghị xác nhận đã nhận tin này.',
  },
  kk: {
    asked: 'Сұрау',
    number: 'Нөмірі',
    ground: 'Негіздеме',
    due: 'Жауап мерзімі',
    none: 'мерзімі белгіленбеген',
    files: 'Файлдар',
    answer: 'Консольде немесе осы нөмір көрсетілген хатпен жауап беріңіз.',
    test: 'Хабарлама арнасын тексеру',
    testBody: 'Бұл — сізге ескертулер келетін арнаны ай сайынғы тексеру. Осы хабарды алғаныңызды растаңыз.',
  },
  ru: {
    asked: 'Запрос',
    number: 'Номер',
    ground: 'Основание',
    due: 'Срок ответа',
    none: 'срок не задан',
    files: 'Файлы',
    answer: 'Ответьте в консоли или письмом с этим номером.',
    test: 'Проверка канала уведомлений',
    testBody: 'Это ежемесячная проверка канала, по которому к вам приходят предупреждения. Подтвердите получение.',
  },
  'zh-Hant': {
    asked: '請求',
    number: '編號',
    ground: '依據',
    due: '回覆期限',
    none: '未定期限',
    files: '檔案',
    answer: '請於主控台回覆，或以公文註明此編號回覆。',
    test: '通報管道測試',
    testBody: '此為每月一次之預警通報管道測試，請確認收到本訊息。',
  },
}

/** The contacts of the side that is asked; those of exercises hear of exercises only. */
export function askedContacts(request: Request, contacts: readonly Contact[]): Contact[] {
  const [owner, roles] = request.to === CENTRE ? [CENTRE, ASKED_CENTRE] : [request.constituent, ASKED_BODY]
  return contacts.filter(
    (contact) => contact.constituent === owner && contact.test === request.exercise && roles.includes(contact.role),
  )
}

/** Tells one contact of the side that is asked; its delivery is the proof that the request was sent. */
export function requestNotice(request: Request, contact: Contact, timeZone: string, nowMs: number): Notice {
  const { language, words } = wordsFor(contact)
  const { number, subject, body, ground, dueAt, files } = request
  const lines = [
    body,
    '',
    `${words.number}: ${number}`,
    `${words.ground}: ${ground}`,
    `${words.due}: ${dueAt === null ? words.none : localTime(timeZone, dueAt)}`,
    ...(files.length === 0 ? [] : [`${words.files}:`, ...files.map((file) => `  ${file}`)]),
    '',
    words.answer,
  ]
  const title = `${words.asked} ${number}: ${subject}`
  return noticeOf(request, contact, language, 'request', title, lines, nowMs)
}

/** The monthly test message of one contact: it asks for an acknowledgement (VN-7.2). */
export function channelTestNotice(request: Request, contact: Contact, nowMs: number): Notice {
  const { language, words } = wordsFor(contact)
  return noticeOf(request, contact, language, 'test', `${words.test} (${request.period})`, [words.testBody], nowMs)
}

function wordsFor({ language }: Contact): { language: string; words: Words } {
  const words = WORDS[language]
  return words === undefined ? { language: 'en', words: WORDS['en'] as Words } : { language, words }
}

function noticeOf(
  request: Request,
  contact: Contact,
  language: string,
  purpose: string,
  subject: string,
  lines: readonly string[],
  nowMs: number,
): Notice {
  const { requestId, constituent, pack, exercise, number } = request
  return {
    noticeId: idFrom('request-notice', requestId, contact.contactId, purpose),
    constituent,
    caseId: requestId,
    clockId: null,
    requirementIds: [request.ground],
    pack,
    purpose,
    recipientRole: contact.role,
    contactId: contact.contactId,
    exercise,
    tlp: 'amber',
    createdAt: nowMs,
    dueAt: request.dueAt,
    language,
    subject: subject.replace(/\s+/g, ' ').slice(0, 200),
    body: `${lines.join('\n')}\n`,
    fields: { requestId, number, purpose },
    attachments: [],
    channels: [...contact.channels],
    groupable: false,
  }
}
