import type { Language } from '@tocsin/events/languages'
import en from './texts/en.json' with { type: 'json' }
import kk from './texts/kk.json' with { type: 'json' }
import ru from './texts/ru.json' with { type: 'json' }
import vi from './texts/vi.json' with { type: 'json' }
import zhHant from './texts/zh-Hant.json' with { type: 'json' }

export type TextKey = keyof typeof en
type Texts = Readonly<Record<TextKey, string>>

/** Every text of the page by language; the compiler asks each file for every key (XC-10). */
export const TEXTS: Readonly<Record<Language, Texts>> = { vi, kk, ru, 'zh-Hant': zhHant, en }

/** Languages by their own names. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  vi: 'Tiếng Việt',
  kk: 'Қазақша',
  ru: 'Русский',
  'zh-Hant': '繁體中文',
  en: 'English',
}

/** A text in a language, with `{name}` replaced. */
export function textOf(
  language: Language,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return TEXTS[language][key].replace(/\{([a-z]+)\}/gi, (whole, name: string) => String(values[name] ?? whole))
}

/** True when there is a text of that name: for words that come from the server. */
export function hasText(key: string): key is TextKey {
  return Object.hasOwn(en, key)
}

/** The language to begin with: the one chosen before, else the first of the browser's that we have. */
export function firstLanguage(chosen: string | null, preferred: readonly string[]): Language {
  for (const wanted of [chosen ?? '', ...preferred]) {
    const word = wanted.toLowerCase()
    const found = (Object.keys(TEXTS) as Language[]).find(
      (language) => word === language.toLowerCase() || word.split('-')[0] === language.split('-')[0],
    )
    if (found !== undefined) return found
  }
  return 'en'
}
