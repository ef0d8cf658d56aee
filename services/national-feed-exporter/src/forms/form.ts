/** A form of the SOP as data; DOCX and HTML are made from it alone. */
export interface Form {
  appendix: 4 | 5 | 6 | 7
  title: string
  blocks: readonly Block[]
}

/** A part of a form, in the order of the printed one. */
export type Block =
  | { kind: 'fields'; title: string; rows: readonly (readonly [label: string, value: string])[] }
  | { kind: 'ticks'; title: string; options: readonly { label: string; ticked: boolean }[] }
  | { kind: 'table'; title: string; header: readonly string[]; rows: readonly (readonly string[])[] }
  | { kind: 'text'; title: string; text: string }

/** Ticked and not, as the printed forms have them. */
export const BOX = { ticked: '☑', empty: '☐' } as const

/** Takes whether a thing is so; gives 通過 or 未通過, and nothing where it is not known yet. */
export const passText = (passed: boolean | null): string => (passed === null ? '' : passed ? '通過' : '未通過')

/**
 * Takes any text; gives what XML and a page can hold: characters that XML 1.0 forbids and lone surrogates are taken out, and
 * marks that turn the direction of what follows.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFC}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
}
