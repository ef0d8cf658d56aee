import { RuleError } from './refusal.ts'
import { type Piece, tidy } from './sigma-string.ts'

/** Hyphen, slash, en dash, em dash, horizontal bar: what Windows programs take for the dash of an option. */
const dashes = ['-', '/', '\u2013', '\u2014', '\u2015']
const maxVariants = 3_125

/** `windash`: every variant of the value with each option dash (`\B[-/]\b`) replaced by each of the five. */
export function windashVariants(pieces: readonly Piece[], offset: number): Piece[][] {
  let variants: Piece[][] = [[]]
  for (const piece of pieces) {
    const parts: Piece[] = typeof piece === 'string' ? piece.split(/(\B[-/]\b)/) : [piece]
    parts.forEach((part, index) => {
      const isDash = typeof piece === 'string' && index % 2 === 1
      variants = isDash
        ? variants.flatMap((variant) => dashes.map((dash) => [...variant, dash]))
        : variants.map((variant) => [...variant, part])
      if (variants.length > maxVariants) {
        throw new RuleError('rule_bad_value', 'The value has more than five option dashes for windash.', offset)
      }
    })
  }
  return variants.map(tidy)
}
