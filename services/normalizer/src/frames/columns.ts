import { limits } from '../limits.ts'
import { readCsv } from './csv.ts'

export interface Columns {
  readonly values: readonly string[]
  /** What parts the columns; `words` are parted by blanks, with quotes and brackets around what holds some. */
  readonly delimiter: ',' | '\t' | '|' | ';' | 'words'
}

const minColumns = 5
const wordShape = /"((?:[^"\\]|\\.){0,8192})"|\[([^\]]{0,256})\]|(\S+)/g
const request = /^[A-Z]{3,12} \S{1,8192} HTTP\/\d/
const valueShape = /^(?:-|"-"|[\d.:,/+-]+|\/\S*|https?:\/\/\S+|[A-Z][A-Z0-9_+-]{1,24}(?:\/\d(?:\.\d)?)?)$/

/**
 * Splits a line that has no keys into columns: commas (RFC 4180), tabs, bars or semicolons, else blanks when most words are values and not prose.
 * Undefined where the line is a sentence.
 */
export function splitColumns(text: string): Columns | undefined {
  const head = text.length > limits.maxColumnsChars ? text.slice(0, limits.maxColumnsChars) : text
  const counts = countDelimiters(head)
  if (counts.tabs >= minColumns - 1) return { values: head.split('\t', limits.maxColumns).map(bare), delimiter: '\t' }
  if (counts.bars >= minColumns) return { values: head.split('|', limits.maxColumns).map(bare), delimiter: '|' }
  if (
    counts.commas >= minColumns - 1 &&
    (counts.spacedCommas * 3 <= counts.commas || counts.quotedCommas * 2 > counts.commas)
  )
    return { values: readCsv(head.replaceAll(/", {1,3}"/g, '","'), limits.maxColumns).map(bare), delimiter: ',' }
  if (counts.semicolons >= minColumns && counts.spacedSemicolons * 3 <= counts.semicolons)
    return { values: head.split(';', limits.maxColumns).map(bare), delimiter: ';' }
  return counts.spaces >= 7 ? splitWords(head) : undefined
}

function bare(value: string): string {
  const text = value.trim()
  return text.length > 1 && text.charCodeAt(0) === 34 && text.endsWith('"') ? text.slice(1, -1) : text
}

function countDelimiters(text: string) {
  const counts = {
    tabs: 0,
    bars: 0,
    commas: 0,
    spacedCommas: 0,
    quotedCommas: 0,
    semicolons: 0,
    spacedSemicolons: 0,
    spaces: 0,
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 32) counts.spaces++
    else if (code === 9) counts.tabs++
    else if (code === 124) counts.bars++
    else if (code === 44) {
      counts.commas++
      if (text.charCodeAt(at + 1) === 32) counts.spacedCommas++
      if (text.charCodeAt(at - 1) === 34) counts.quotedCommas++
    } else if (code === 59) {
      counts.semicolons++
      if (text.charCodeAt(at + 1) === 32) counts.spacedSemicolons++
    }
  }
  return counts
}

/** Most words of a log of columns are numbers, addresses, paths, names in capitals or `-`; most words of prose are not. */
function splitWords(text: string): Columns | undefined {
  const values: string[] = []
  let looksLikeValue = 0
  for (const match of text.matchAll(wordShape)) {
    if (values.length >= limits.maxColumns) break
    const word = match[1] ?? match[2] ?? match[3] ?? ''
    if (match[3] === undefined || valueShape.test(word)) looksLikeValue++
    values.push(word)
  }
  // A request in quotes among them is a log of columns in any case.
  const least = values.some((value) => request.test(value)) ? 0.4 : 0.7
  return values.length >= 8 && looksLikeValue >= values.length * least ? { values, delimiter: 'words' } : undefined
}
