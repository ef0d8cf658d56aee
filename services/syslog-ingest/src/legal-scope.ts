/** What the door asks of a constituent, source or system. */
export interface ScopeSubject {
  legalScope: readonly string[]
}

/** Why a sender's records may not be stored: the flag and the articles behind it. */
export interface ScopeGround {
  flag: string
  requirements: readonly string[]
}

/** Flags that exclude by law. The packs' scope guards use the same names. */
const EXCLUDING: ReadonlyMap<string, readonly string[]> = new Map([
  ['mnd', ['VN-1.1']],
  ['mps', ['VN-1.1']],
  ['state-secret', ['KZ-4.1']],
  ['state-secret-system', ['KZ-4.2']],
  ['special-purpose', ['KZ-4.2']],
  ['governmental-communication', ['KZ-4.2']],
  ['classified-communication', ['KZ-4.2']],
  ['encrypted-communication', ['KZ-4.2']],
  ['coded-communication', ['KZ-4.2']],
])

/**
 * Takes the registry entries behind a sender; gives the first flag that keeps its records out, or null. A flag that
 * nobody knows excludes too: a misspelt `state-secret` must not be the reason that secrets are stored. National Bank
 * objects come in only when they are integrated with "electronic government" (KZ-4.3).
 */
export function excludedBy(subjects: readonly ScopeSubject[], integratedWithEgov: boolean | null): ScopeGround | null {
  for (const subject of subjects) {
    for (const written of subject.legalScope) {
      const flag = written.trim().toLowerCase().replaceAll('_', '-')
      if (flag === '') continue
      if (flag === 'national-bank') {
        if (integratedWithEgov !== true) return { flag, requirements: ['KZ-4.3'] }
        continue
      }
      return { flag, requirements: EXCLUDING.get(flag) ?? [] }
    }
  }
  return null
}
