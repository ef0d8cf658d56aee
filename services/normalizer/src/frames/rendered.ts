import { limits } from '../limits.ts'
import type { Pair } from '../parser.ts'

const breaks = /(?:#01[125]|[\t\r\n]| {2})+ */
const titled = /^([A-Za-z][\w ./()'-]{0,60}?)\s?:(?: (.*))?$/s
const tight = /^([A-Za-z_]\w{2,60}):(.*)$/

/**
 * Reads rendered text: `Key:<tab>value` lines under headings, as Windows writes the message of an event and as agents flatten it (line ends become
 * tabs, `#011` or several blanks). A heading becomes the first member of the dotted keys below it. Fewer than three pairs give none.
 */
export function readRendered(text: string): Pair[] {
  const pairs: Pair[] = []
  let heading = ''
  let pending: string | undefined
  for (const piece of text.slice(0, limits.maxColumnsChars).split(breaks, limits.maxPairs * 2)) {
    if (pairs.length >= limits.maxPairs) break
    const part = piece.trim()
    if (part === '') continue
    const match = titled.exec(part) ?? tight.exec(part)
    if (match?.[1] !== undefined) {
      if (pending !== undefined) heading = pending
      pending = undefined
      const value = match[2]?.trim() ?? ''
      if (value === '') pending = match[1]
      else pairs.push([join(heading, match[1]), value])
    } else if (pending !== undefined) {
      pairs.push([join(heading, pending), part])
      pending = undefined
    }
  }
  return pairs.length >= 3 ? pairs : []
}

function join(heading: string, key: string): string {
  return heading === '' ? key : `${heading}.${key}`
}

/** Whether a text has the line ends and colons of rendered text; cheap, since it is asked for every line without `=`. */
export function looksRendered(text: string): boolean {
  return /:(?:#01[125]|[\t\r\n]| {2}|\S)/.test(text) && /(?:#01[125]|[\t\n]| {2})/.test(text)
}
