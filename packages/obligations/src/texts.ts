import type { Texts } from './pack-schema.ts'
import type { RsitClass } from './taxonomy.ts'

/** Names of the RSIT classes in the five languages. Taiwan's ten information classes are the same classes. */
export const CLASS_TEXTS: Readonly<Record<RsitClass, Required<Texts>>> = {
  'abusive-content': {
    en: 'Abusive content',
    vi: 'Nội dung độc hại',
    kk: 'Зиянды мазмұн',
    ru: 'Вредоносное содержимое',
    'zh-Hant': '惡意內容',
  },
  'malicious-code': {
    en: 'Malicious code',
    vi: 'Mã độc',
    kk: 'Зиянды код',
    ru: 'Вредоносный код',
    'zh-Hant': '惡意程式',
  },
  'information-gathering': {
    en: 'Information gathering',
    vi: 'Thu thập thông tin',
    kk: 'Ақпарат жинау',
    ru: 'Сбор информации',
    'zh-Hant': '資訊蒐集',
  },
  'intrusion-attempts': {
    en: 'Intrusion attempts',
    vi: 'Dò quét, thử xâm nhập',
    kk: 'Ену әрекеттері',
    ru: 'Попытки вторжения',
    'zh-Hant': '入侵嘗試',
  },
  intrusions: { en: 'Intrusions', vi: 'Xâm nhập', kk: 'Ену', ru: 'Вторжение', 'zh-Hant': '入侵攻擊' },
  availability: {
    en: 'Availability',
    vi: 'Tấn công tính sẵn sàng',
    kk: 'Қолжетімділік',
    ru: 'Нарушение доступности',
    'zh-Hant': '服務阻斷',
  },
  'information-content-security': {
    en: 'Information content security',
    vi: 'An toàn nội dung thông tin',
    kk: 'Ақпарат мазмұнының қауіпсіздігі',
    ru: 'Безопасность содержания информации',
    'zh-Hant': '資訊內容安全',
  },
  fraud: { en: 'Fraud', vi: 'Lừa đảo', kk: 'Алаяқтық', ru: 'Мошенничество', 'zh-Hant': '詐欺攻擊' },
  vulnerable: { en: 'Vulnerable', vi: 'Điểm yếu, lỗ hổng', kk: 'Осалдық', ru: 'Уязвимость', 'zh-Hant': '系統弱點' },
  other: { en: 'Other', vi: 'Khác', kk: 'Басқа', ru: 'Другое', 'zh-Hant': '其他' },
  test: { en: 'Test', vi: 'Thử nghiệm', kk: 'Сынақ', ru: 'Тест', 'zh-Hant': '測試' },
}

/** Names of kinds, of case states and of clock states in the five languages, and what stands where nothing was done yet. */
export const STATE_TEXTS: Readonly<Record<string, Required<Texts>>> = {
  event: { en: 'IS event', vi: 'Sự kiện ATTT', kk: 'АҚ оқиғасы', ru: 'Событие ИБ', 'zh-Hant': '資安事件紀錄' },
  incident: { en: 'IS incident', vi: 'Sự cố ATTT', kk: 'АҚ инциденті', ru: 'Инцидент ИБ', 'zh-Hant': '資安事件' },
  threat: { en: 'IS threat', vi: 'Nguy cơ ATTT', kk: 'АҚ қатері', ru: 'Угроза ИБ', 'zh-Hant': '資安威脅' },
  ticket: { en: 'ticket', vi: 'phiếu sự cố', kk: 'инцидент картасы', ru: 'карточка инцидента', 'zh-Hant': '事件單' },
  new: { en: 'new', vi: 'mới', kk: 'жаңа', ru: 'новый', 'zh-Hant': '新建' },
  unverified: { en: 'unverified', vi: 'chưa xác minh', kk: 'расталмаған', ru: 'не подтверждён', 'zh-Hant': '未查證' },
  confirmed: { en: 'confirmed', vi: 'đã xác minh', kk: 'расталған', ru: 'подтверждён', 'zh-Hant': '已確認' },
  'false-positive': {
    en: 'false positive',
    vi: 'cảnh báo sai',
    kk: 'жалған іске қосылу',
    ru: 'ложное срабатывание',
    'zh-Hant': '誤判',
  },
  merged: { en: 'merged', vi: 'đã gộp', kk: 'біріктірілген', ru: 'объединён', 'zh-Hant': '已合併' },
  closed: { en: 'closed', vi: 'đã đóng', kk: 'жабылған', ru: 'закрыт', 'zh-Hant': '已結案' },
  running: { en: 'running', vi: 'đang tính', kk: 'жүріп жатыр', ru: 'идёт', 'zh-Hant': '計時中' },
  met: { en: 'met', vi: 'đã hoàn thành', kk: 'орындалды', ru: 'исполнен', 'zh-Hant': '已完成' },
  breached: { en: 'missed', vi: 'quá hạn', kk: 'мерзімі өтті', ru: 'просрочен', 'zh-Hant': '逾期' },
  'no-measures': {
    en: 'none so far',
    vi: 'chưa có',
    kk: 'әзірге жоқ',
    ru: 'пока не принимались',
    'zh-Hant': '尚無',
  },
  cancelled: { en: 'cancelled', vi: 'đã hủy', kk: 'тоқтатылды', ru: 'снят', 'zh-Hant': '已取消' },
}

/** One text of a pack in a language, English where it has none in that one. */
export function inTexts(texts: Texts, language: string): string {
  return texts[language as keyof Texts] ?? texts.en
}

/** The name of a class, kind or state in a language; the word itself when it has none. */
export function textOf(word: string, language: string): string {
  const texts: Texts | undefined = Object.hasOwn(CLASS_TEXTS, word) ? CLASS_TEXTS[word as RsitClass] : STATE_TEXTS[word]
  if (texts === undefined) return word
  return inTexts(texts, language)
}
