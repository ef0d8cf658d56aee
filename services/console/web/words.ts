import { inLanguage, type Language } from '@tocsin/events/languages'
import type { CaseSummary, ClockView } from '../src/case-view.ts'
import type { PackView } from '../src/pack-view.ts'
import type { ConstituentView } from './api.ts'

/** The five levels on the scale of 0 to 100. */
export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof LEVELS)[number]

export function levelOf(severity: number): Level {
  if (severity >= 85) return 'critical'
  if (severity >= 65) return 'high'
  if (severity >= 40) return 'medium'
  return severity >= 20 ? 'low' : 'informational'
}

export function titleOf(one: Pick<CaseSummary, 'titles' | 'ruleName'>, language: Language): string {
  return inLanguage(one.titles, language) || one.ruleName
}

export function bodyName(body: ConstituentView | undefined, id: string, language: Language): string {
  if (body === undefined) return id
  if (body.languages.includes(language)) return body.names[language] ?? body.name
  return body.names[language] ?? body.names['en'] ?? body.name
}

export function clockTitle(clock: ClockView, pack: PackView | undefined, language: Language): string {
  const titles = pack?.clocks[clock.clockId] ?? pack?.clocks[clock.clockId.split('/')[0] ?? '']
  return titles === undefined ? clock.title : inLanguage(titles as Record<string, string>, language)
}

export function roleTitle(role: string, pack: PackView | undefined, language: Language): string {
  const titles = pack?.roles[role]
  return titles === undefined ? role : inLanguage(titles as Record<string, string>, language)
}
