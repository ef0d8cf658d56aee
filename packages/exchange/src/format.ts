import { canonicalJson } from './canonical-json.ts'
import { CASE_COLUMNS } from './field-text.ts'
import type { SharedCase } from './shared-case.ts'

/** A field of a case that did not come through a format whole. */
export interface Loss {
  caseId: string
  field: string
  /** What became of it, a sentence. */
  reason: string
}

/** Who writes. */
export interface Writing {
  /** Name of this deployment, for example `vn-mic`. */
  deployment: string
  /** Instant of the writing, UTC ms. */
  at: number
  /** Case ids that are taken back. */
  revoked?: ReadonlySet<string>
}

/** One exchange format: out and back. */
export interface ExchangeFormat {
  name: 'stix' | 'iodef' | 'misp' | 'csv'
  mediaType: string
  /** Ending of a file, with its dot. */
  ending: string
  write(cases: readonly SharedCase[], writing: Writing): string
  /** Throws RangeError where the text is not this format or not ours. */
  read(text: string): SharedCase[]
  /** Why a field is not held, where the format is not made for it. */
  notHeld: Readonly<Partial<Record<string, string>>>
}

/** A text in a format, and what it does not hold. */
export interface Written {
  text: string
  losses: Loss[]
}

/** Writes cases and says what was lost, by reading what was written: the report cannot be better than the file. */
export function writeWithLosses(format: ExchangeFormat, cases: readonly SharedCase[], writing: Writing): Written {
  const text = format.write(cases, writing)
  const back = new Map(format.read(text).map((one) => [one.caseId, one]))
  const losses = cases.flatMap((shared) => {
    const read = back.get(shared.caseId)
    return CASE_COLUMNS.filter(
      (column) => read === undefined || canonicalJson(read[column]) !== canonicalJson(shared[column]),
    ).map((field) => ({ caseId: shared.caseId, field, reason: format.notHeld[field] ?? 'It came back changed.' }))
  })
  return { text, losses }
}
