import type { Language } from '@tocsin/events'

/** A label in the five languages, in this order. */
export function five(vi: string, en: string, ru: string, kk: string, zhHant: string): Record<Language, string> {
  return { vi, en, ru, kk, 'zh-Hant': zhHant }
}
