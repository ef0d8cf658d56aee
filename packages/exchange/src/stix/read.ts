import { readSharedCase } from '../read-shared-case.ts'
import { blankSharedCase, type SharedCase } from '../shared-case.ts'
import { CASE_EXTENSION } from './fixed-objects.ts'

/** A case that was read from an incident object. */
export interface ReadIncident {
  shared: SharedCase
  revoked: boolean
  id: string
  modified: string
}

/**
 * Takes one STIX object of somebody else; gives the case that our extension in it carries, null where it is no incident or carries
 * none. Throws RangeError where the extension is there and wrong.
 */
export function caseOfObject(value: unknown): ReadIncident | null {
  if (typeof value !== 'object' || value === null) return null
  const { type, id, modified, revoked, extensions } = value as Record<string, unknown>
  if (type !== 'incident' || typeof id !== 'string' || typeof modified !== 'string') return null
  const carried = (extensions as Record<string, unknown> | undefined)?.[CASE_EXTENSION.id]
  if (typeof carried !== 'object' || carried === null) return null
  const shared = readSharedCase({ ...blankSharedCase('', ''), ...carried })
  return { shared, revoked: revoked === true, id, modified }
}

/** Takes the text of a bundle; gives the cases in it. Throws RangeError where it is none. */
export function casesOfBundle(text: string): SharedCase[] {
  const bundle = JSON.parse(text) as { type?: unknown; objects?: unknown }
  if (bundle.type !== 'bundle' || !Array.isArray(bundle.objects)) throw new RangeError('It is no STIX bundle.')
  return bundle.objects.flatMap((one) => {
    const read = caseOfObject(one)
    return read === null ? [] : [read.shared]
  })
}
