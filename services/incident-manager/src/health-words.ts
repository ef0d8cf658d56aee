import type { HealthEvent } from '@tocsin/events'
import { RESPONSE_FAILED } from './response/failed-words.ts'

/** A sentence with `{value}` replaced by the health event's values, when a fault begins and when it ends. */
interface Words {
  raised: string
  cleared: string
}

const SILENT: Readonly<Record<string, Words>> = {
  en: {
    raised:
      'The source {source} has sent nothing since {lastSeenAt}; its limit is {limitMinutes} minutes. Look whether it runs, whether its way to the centre is open and whether it sends to the right listener.',
    cleared:
      'The source {source} is heard again since {heardAgainAt}; nothing came from it for {silentMinutes} minutes.',
  },
  vi: {
    raised:
      'Nguồn {source} không gửi gì kể từ {lastSeenAt}; giới hạn là {limitMinutes} phút. Hãy kiểm tra thiết bị có hoạt động không, đường truyền tới trung tâm có thông không và có gửi tới đúng cổng nhận không.',
    cleared: 'Nguồn {source} đã gửi trở lại từ {heardAgainAt}; đã không có dữ liệu trong {silentMinutes} phút.',
  },
  kk: {
    raised:
      '{source} дереккөзі {lastSeenAt} бастап ештеңе жіберген жоқ; шегі — {limitMinutes} минут. Оның жұмыс істеп тұрғанын, орталыққа дейінгі арнаның ашық екенін және дұрыс қабылдағышқа жіберетінін тексеріңіз.',
    cleared: '{source} дереккөзі {heardAgainAt} бастап қайта жіберіп тұр; {silentMinutes} минут бойы дерек болмады.',
  },
  ru: {
    raised:
      'Источник {source} ничего не присылает с {lastSeenAt}; предел — {limitMinutes} мин. Проверьте, работает ли он, открыт ли канал до центра и тот ли приёмник указан.',
    cleared: 'Источник {source} снова на связи с {heardAgainAt}; данных не было {silentMinutes} мин.',
  },
  'zh-Hant': {
    raised:
      '來源 {source} 自 {lastSeenAt} 起未送出任何紀錄，上限為 {limitMinutes} 分鐘。請檢查設備是否運作、通往中心的線路是否暢通、是否送往正確的接收埠。',
    cleared: '來源 {source} 自 {heardAgainAt} 起恢復傳送；中斷 {silentMinutes} 分鐘。',
  },
}

const MANY_SILENT: Readonly<Record<string, Words>> = {
  en: {
    raised:
      'Many sources of {constituent} fell silent at once, from {since} on. Look at the receiving side, the network between and the clock first.',
    cleared: 'The sources of {constituent} that fell silent together from {since} on are all heard again.',
  },
  vi: {
    raised:
      'Nhiều nguồn của {constituent} cùng ngừng gửi từ {since}. Trước hết hãy kiểm tra phía thu nhận, đường truyền và đồng hồ.',
    cleared: 'Các nguồn của {constituent} cùng ngừng gửi từ {since} đều đã gửi trở lại.',
  },
  kk: {
    raised:
      '{constituent} ұйымының көптеген дереккөздері {since} бастап бірден үнсіз қалды. Алдымен қабылдау жағын, желіні және сағатты тексеріңіз.',
    cleared: '{constituent} ұйымының {since} бастап үнсіз қалған дереккөздерінің бәрі қайта жіберіп тұр.',
  },
  ru: {
    raised:
      'Многие источники {constituent} замолчали одновременно, с {since}. Сначала проверьте приёмную сторону, сеть между ними и часы.',
    cleared: 'Все источники {constituent}, замолчавшие вместе с {since}, снова на связи.',
  },
  'zh-Hant': {
    raised: '{constituent} 的多個來源自 {since} 起同時無聲。請先檢查接收端、中間網路與時鐘。',
    cleared: '{constituent} 自 {since} 起同時無聲的來源均已恢復。',
  },
}

const RATE: Readonly<Record<string, Words>> = {
  en: {
    raised: 'The source {source} sent {lines} lines in the hour from {hour}; usual are {usualLines}.',
    cleared: 'The source {source} sends as usual again: {lines} lines in the hour from {hour}.',
  },
  vi: {
    raised: 'Nguồn {source} đã gửi {lines} dòng trong giờ bắt đầu từ {hour}; bình thường là {usualLines}.',
    cleared: 'Nguồn {source} đã trở lại bình thường: {lines} dòng trong giờ bắt đầu từ {hour}.',
  },
  kk: {
    raised: '{source} дереккөзі {hour} басталған сағатта {lines} жол жіберді; әдеттегісі — {usualLines}.',
    cleared: '{source} дереккөзі қалпына келді: {hour} басталған сағатта {lines} жол.',
  },
  ru: {
    raised: 'Источник {source} за час с {hour} прислал строк: {lines}; обычно {usualLines}.',
    cleared: 'Источник {source} снова работает как обычно: за час с {hour} строк: {lines}.',
  },
  'zh-Hant': {
    raised: '來源 {source} 在 {hour} 起的一小時內送出 {lines} 筆，平時為 {usualLines} 筆。',
    cleared: '來源 {source} 已恢復平常：{hour} 起的一小時內 {lines} 筆。',
  },
}

const CLOCK: Readonly<Record<string, Words>> = {
  en: {
    raised:
      'The clock of the source {source} is off by {skewSeconds} s. Set its clock (NTP) and check its time zone there and in the registry; its lines are kept with both times.',
    cleared: 'The clock of the source {source} is right again ({skewSeconds} s).',
  },
  vi: {
    raised:
      'Đồng hồ của nguồn {source} lệch {skewSeconds} giây. Hãy chỉnh giờ (NTP) và kiểm tra múi giờ trên thiết bị và trong danh mục; các dòng được lưu với cả hai mốc thời gian.',
    cleared: 'Đồng hồ của nguồn {source} đã đúng trở lại ({skewSeconds} giây).',
  },
  kk: {
    raised:
      '{source} дереккөзінің сағаты {skewSeconds} секундқа ауытқыған. Сағатын (NTP) түзетіп, құрылғыдағы және тізілімдегі уақыт белдеуін тексеріңіз; жолдар екі уақытпен де сақталады.',
    cleared: '{source} дереккөзінің сағаты қайта дұрыс ({skewSeconds} с).',
  },
  ru: {
    raised:
      'Часы источника {source} отклоняются на {skewSeconds} с. Настройте время (NTP) и проверьте часовой пояс на устройстве и в реестре; строки хранятся с обоими временами.',
    cleared: 'Часы источника {source} снова верны ({skewSeconds} с).',
  },
  'zh-Hant': {
    raised:
      '來源 {source} 的時鐘偏差 {skewSeconds} 秒。請校時（NTP）並檢查設備與登錄資料的時區；紀錄會同時保留兩個時間。',
    cleared: '來源 {source} 的時鐘已恢復正確（{skewSeconds} 秒）。',
  },
}

const OVERDUE: Readonly<Record<string, Words>> = {
  en: {
    raised: 'Request {request} to {to} ({subject}) was due at {dueAt} and is not answered.',
    cleared: 'Request {request} to {to} ({subject}) is settled.',
  },
  vi: {
    raised: 'Yêu cầu {request} gửi {to} ({subject}) đã quá hạn từ {dueAt} mà chưa có trả lời.',
    cleared: 'Yêu cầu {request} gửi {to} ({subject}) đã được giải quyết.',
  },
  kk: {
    raised: '{to} атына {request} сұрауы ({subject}) {dueAt} мерзімінде жауапсыз қалды.',
    cleared: '{to} атына {request} сұрауы ({subject}) шешілді.',
  },
  ru: {
    raised: 'Запрос {request} для {to} ({subject}) просрочен: срок был {dueAt}, ответа нет.',
    cleared: 'Запрос {request} для {to} ({subject}) закрыт.',
  },
  'zh-Hant': {
    raised: '致 {to} 之請求 {request}（{subject}）已逾期（{dueAt}）尚未回覆。',
    cleared: '致 {to} 之請求 {request}（{subject}）已處理完畢。',
  },
}

const LOG_MISSING: Readonly<Record<string, Words>> = {
  en: {
    raised:
      'The system {system} must hand over logs that no registered source gives: {logs}. Name the source, or mend the list.',
    cleared: 'Each log that the system {system} must hand over has a source again.',
  },
  vi: {
    raised:
      'Hệ thống {system} phải cung cấp nhật ký nhưng chưa có nguồn nào đăng ký: {logs}. Hãy đăng ký nguồn hoặc sửa danh sách.',
    cleared: 'Mọi nhật ký mà hệ thống {system} phải cung cấp đều đã có nguồn.',
  },
  kk: {
    raised:
      '{system} жүйесі беруге тиіс, бірақ тіркелген ешбір дереккөз бермейтін журналдар: {logs}. Дереккөзді тіркеңіз немесе тізімді түзетіңіз.',
    cleared: '{system} жүйесі беруге тиіс журналдардың бәрінің дереккөзі бар.',
  },
  ru: {
    raised:
      'Объект {system} должен передавать журналы, которых не даёт ни один зарегистрированный источник: {logs}. Зарегистрируйте источник или исправьте перечень.',
    cleared: 'У каждого журнала, который должен передавать объект {system}, снова есть источник.',
  },
  'zh-Hant': {
    raised: '系統 {system} 應提供的紀錄尚無登錄之來源：{logs}。請登錄來源或更正清單。',
    cleared: '系統 {system} 應提供的紀錄均已有來源。',
  },
}

/** Codes whose notices go to people outside the centre, so in their language; all others carry the event's own sentence. */
const WORDS: Readonly<Record<string, Readonly<Record<string, Words>>>> = {
  source_silent: SILENT,
  sources_silent: MANY_SILENT,
  source_rate_low: RATE,
  source_rate_high: RATE,
  source_clock_wrong: CLOCK,
  request_overdue: OVERDUE,
  required_log_missing: LOG_MISSING,
  response_failed: RESPONSE_FAILED,
}

/** The sentence of a health event in a language; null where there is none for its code or a value is missing. */
export function healthWords(health: HealthEvent, language: string): string | null {
  const words = WORDS[health.code]?.[language]
  if (words === undefined) return null
  let isWhole = true
  const text = words[health.state === 'cleared' ? 'cleared' : 'raised'].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = health.values[name]
    if (value === undefined) isWhole = false
    return value ?? ''
  })
  return isWhole ? text : null
}
