import { inLanguage, type Language } from '@tocsin/events'
import { CASES } from './cases.ts'
import { REGISTRY } from './registry.ts'
import { SURVEILLANCE } from './surveillance.ts'

const ALL = { ...SURVEILLANCE, ...CASES, ...REGISTRY }

/** Name of a label. */
export type Label = keyof typeof ALL

/** Gives the labels in a language. */
export function labelsIn(language: Language): (label: Label) => string {
  return (label) => inLanguage(ALL[label], language)
}

/** Every label with its languages, for the tests. */
export const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = ALL
