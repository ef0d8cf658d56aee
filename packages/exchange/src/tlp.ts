/** TLP 2.0 markings, weakest first. */
export const TLP = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const
export type Tlp = (typeof TLP)[number]

/** Reads a marking in any of its usual spellings; an unknown one counts as red, so that nothing leaves by a misspelling. */
export function tlpOf(marking: string): Tlp {
  const plain = marking
    .trim()
    .toLowerCase()
    .replace(/^tlp[:_ -]?/, '')
    .replace(/[_ -]strict$/, '+strict')
  if (plain === 'white') return 'clear'
  return TLP.find((tlp) => tlp === plain) ?? 'red'
}

/** True where `marking` is stronger than `strongest`. */
export const isStronger = (marking: string, strongest: Tlp): boolean =>
  TLP.indexOf(tlpOf(marking)) > TLP.indexOf(strongest)
