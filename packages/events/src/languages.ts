/** Languages of what people see (XC-10): Vietnamese, Kazakh, Russian, Traditional Chinese, English. */
export const LANGUAGES = ['vi', 'kk', 'ru', 'zh-Hant', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** Takes texts by language and the languages preferred; gives the first that is there, English before any other. */
export function inLanguage(texts: Readonly<Record<string, string>>, ...preferred: readonly string[]): string {
  for (const language of [...preferred, 'en', ...LANGUAGES]) {
    const text = texts[language]
    if (text !== undefined && text !== '') return text
  }
  return Object.values(texts)[0] ?? ''
}
