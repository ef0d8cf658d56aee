const WORDS: Readonly<Record<string, readonly [raised: string, cleared: string]>> = {
  en: [
    'The measure {kind} {target} was not done at the packet filter {filter}: {reply}. Look at the filter; what failed may have taken effect.',
    'The measure {kind} {target} at the packet filter {filter} is settled.',
  ],
  vi: [
    'Biện pháp {kind} {target} không thực hiện được tại bộ lọc gói tin {filter}: {reply}. Hãy kiểm tra bộ lọc; biện pháp có thể vẫn đã có hiệu lực.',
    'Biện pháp {kind} {target} tại bộ lọc gói tin {filter} đã được giải quyết.',
  ],
  kk: [
    '{kind} {target} шарасы {filter} пакеттік сүзгісінде орындалмады: {reply}. Сүзгіні тексеріңіз; шара күшіне енген болуы мүмкін.',
    '{filter} пакеттік сүзгісіндегі {kind} {target} шарасы шешілді.',
  ],
  ru: [
    'Мера {kind} {target} не выполнена на пакетном фильтре {filter}: {reply}. Проверьте фильтр; мера могла вступить в силу.',
    'Вопрос с мерой {kind} {target} на пакетном фильтре {filter} решён.',
  ],
  'zh-Hant': [
    '封包過濾器 {filter} 未能執行措施 {kind} {target}：{reply}。請檢查過濾器；該措施可能已生效。',
    '封包過濾器 {filter} 的措施 {kind} {target} 已處理完畢。',
  ],
}

/** What whoever runs a packet filter is told when a measure failed there, by language. */
export const RESPONSE_FAILED = Object.fromEntries(
  Object.entries(WORDS).map(([language, [raised, cleared]]) => [language, { raised, cleared }]),
)
