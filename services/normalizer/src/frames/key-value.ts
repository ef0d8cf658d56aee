import { limits } from '../limits.ts'
import type { Pair } from '../parser.ts'
import { looksRendered, readRendered } from './rendered.ts'

const keyShape = /(?:^|[\s,;|([{&\]'"])([A-Za-z_@][\w.@/-]{0,63})(?:\(\d{1,5}\))?(?:=|:(?="))/g
const delimitedKey = /[,;\t|]\s{0,2}[A-Za-z_@][\w.@/ -]{0,63}(?:\(\d{1,5}\))?=/g
const colonPiece = /^\s{0,4}([A-Za-z][\w .()/-]{0,48}?)\s?: ?(.*)$/s

/**
 * Reads `key=value` in its common dialects: values bare, in double or single quotes, pairs split at spaces, commas, semicolons, tabs or bars, `key:"value"`,
 * and, where there are none of these, `Key: value, Key: value`.
 */
export function readKeyValues(text: string): Pair[] {
  if (!text.includes('=') && !text.includes(':"')) return readColonPairs(text)
  const pairs: Pair[] = []
  const scan = { delimited: isDelimited(text), exhausted: false }
  keyShape.lastIndex = 0
  for (let match = keyShape.exec(text); match !== null && pairs.length < limits.maxPairs; match = keyShape.exec(text)) {
    const start = keyShape.lastIndex
    const value = readValue(text, start, scan)
    if (value.quote === 39 && (value.text.match(/(?:^|\s)[\w-]{1,40}=/g)?.length ?? 0) > 1)
      pairs.push(...nestedPairs(value.text))
    else if (value.text !== '') pairs.push([match[1] ?? '', value.text])
    // The next key may begin with the character that ended this value.
    keyShape.lastIndex = value.end
  }
  endSentence(text, pairs)
  return pairs.length > 1 ? pairs : [...pairs, ...readColonPairs(text)]
}

/** The full stop of a sentence that ends with a pair is no part of its value. */
function endSentence(text: string, pairs: Pair[]): void {
  const last = pairs.at(-1)
  if (last === undefined || !text.endsWith('.')) return
  if (last[1].indexOf('.') === last[1].length - 1) pairs[pairs.length - 1] = [last[0], last[1].slice(0, -1)]
}

/** Pairs inside a quoted value (`msg='op=login acct="x"'`), one level deep. */
function nestedPairs(text: string): Pair[] {
  return text.includes("'") ? [] : readKeyValues(text)
}

/** Whether commas, semicolons, tabs or bars part the pairs, so that bare values may hold spaces. */
function isDelimited(text: string): boolean {
  delimitedKey.lastIndex = 0
  const head = text.slice(0, 4000)
  let delimiters = 0
  while (delimitedKey.exec(head) !== null) delimiters++
  if (delimiters < 2) return false
  let spaces = 0
  for (const _ of head.matchAll(/[^,;\t|\s]\s[A-Za-z_@][\w.-]{0,63}=/g)) spaces++
  return delimiters > spaces
}

/** `exhausted` is set once no further delimiter stands in the text, so that hostile lines are not searched again for each key. */
interface Scan {
  readonly delimited: boolean
  exhausted: boolean
}

function readValue(text: string, start: number, scan: Scan): { text: string; end: number; quote?: number } {
  const quote = text.charCodeAt(start)
  if (quote === 34 || quote === 39) {
    const close = closingQuote(text, start + 1, quote)
    if (close >= 0)
      return {
        text: unescape(text.slice(start + 1, Math.min(close, start + limits.maxValueChars))),
        end: close + 1,
        quote,
      }
  }
  const end = scan.delimited && !scan.exhausted ? delimitedEnd(text, start, scan) : bareEnd(text, start)
  return { text: text.slice(start, Math.min(end, start + limits.maxValueChars)).trim(), end }
}

function delimitedEnd(text: string, start: number, scan: Scan): number {
  delimitedKey.lastIndex = start
  const next = delimitedKey.exec(text)
  if (next !== null) return next.index
  scan.exhausted = true
  const stop = text.slice(start, start + limits.maxValueChars).search(/[,;|\t](?:\s|$)/)
  return stop < 0 ? text.length : start + stop
}

function bareEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // space, tab, newlines end a bare value; so do a comma or a semicolon that a space or the end follows
    if (code === 32 || (code >= 9 && code <= 13)) return at
    if ((code === 44 || code === 59) && (at + 1 >= text.length || text.charCodeAt(at + 1) <= 32)) return at
  }
  return text.length
}

function closingQuote(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 92) at++
    else if (code === quote) return at
  }
  return -1
}

function unescape(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\(["'])/g, '$1') : value
}

/** `Key: value, Key: value`, the same with semicolons, and commas without blanks as agents on Windows write them. */
function colonParts(text: string): string[] | undefined {
  const tight = text.slice(0, 4000).match(/,[A-Z][\w ]{1,40}: /g)?.length ?? 0
  if (tight >= 3) return text.split(/,(?=[A-Z][\w ]{1,40}: )/, limits.maxPairs)
  if (text.includes(', ')) return text.split(', ', limits.maxPairs)
  return text.includes('; ') ? text.split('; ', limits.maxPairs) : undefined
}

function readColonPairs(text: string): Pair[] {
  const rendered = looksRendered(text) ? readRendered(text) : []
  if (rendered.length > 0) return rendered
  const parts = colonParts(text)
  if (parts === undefined) return []
  const pairs: Pair[] = []
  for (const piece of parts) {
    const match = colonPiece.exec(piece.slice(0, limits.maxValueChars))
    if (match?.[1] === undefined) continue
    // `conn log: Users: admin`: what stands before the last colon but one is a title.
    const rest = /^([A-Za-z][\w ]{0,40}): (.*)$/s.exec(match[2] ?? '')
    if (pairs.length === 0 && rest?.[1] !== undefined) pairs.push([rest[1], (rest[2] ?? '').trim()])
    else pairs.push([match[1].trim(), (match[2] ?? '').trim()])
  }
  return pairs.length >= 2 ? pairs : []
}
