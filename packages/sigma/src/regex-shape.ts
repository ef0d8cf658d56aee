/** What the static check found out about a pattern. */
export interface RegexShape {
  /** At most one repetition is unbounded, none repeats a choice, and the choices multiply to little. */
  safe: boolean
  /** Some repetition has no upper bound. */
  unbounded: boolean
  /** The longest text that every match must contain, lower case; empty when none is certain. */
  literal: string
  /** Every text that a match must contain, lower case, in the order in which they stand in it, none overlapping the next. */
  literals: readonly string[]
}

// Ways to try at each place of the text: what keeps a native search within milliseconds on 64 KiB, or on 2 KiB with a loop.
const maxWays = 64
const maxWaysWithLoop = 8

interface Scan {
  pattern: string
  at: number
  unbounded: number
  nested: boolean
  ways: number
  literals: string[]
}

/**
 * Looks at a pattern without running it. It is careful rather than clever: what it does not understand is not safe and
 * gives no literal.
 */
export function regexShape(pattern: string): RegexShape {
  const scan: Scan = { pattern, at: 0, unbounded: 0, nested: false, ways: 1, literals: [] }
  const alternatives = scanAlternatives(scan, 0)
  const complete = scan.at >= pattern.length
  const literal =
    alternatives === 1 ? scan.literals.reduce((best, next) => (next.length > best.length ? next : best), '') : ''
  return {
    safe:
      complete &&
      scan.unbounded <= 1 &&
      !scan.nested &&
      scan.ways <= (scan.unbounded === 0 ? maxWays : maxWaysWithLoop),
    unbounded: scan.unbounded > 0,
    literal: complete ? literal.toLowerCase() : '',
    literals: complete && alternatives === 1 ? scan.literals.map((text) => text.toLowerCase()) : [],
  }
}

function scanAlternatives(scan: Scan, depth: number): number {
  let alternatives = 1
  let run = ''
  const endRun = (): void => {
    if (depth === 0 && run !== '') scan.literals.push(run)
    run = ''
  }
  while (scan.at < scan.pattern.length) {
    const char = scan.pattern.charAt(scan.at)
    if (char === ')' && depth > 0) break
    if (char === '|') {
      alternatives++
      scan.at++
      endRun()
      continue
    }
    const before = { unbounded: scan.unbounded, ways: scan.ways }
    const text = scanAtom(scan, depth)
    const repeat = scanRepeat(scan)
    if (repeat === null) {
      if (text === null) endRun()
      else run += text
      continue
    }
    endRun()
    const isGroup = scan.unbounded > before.unbounded || scan.ways > before.ways
    if (isGroup && repeat.most > 1) scan.nested = true
    if (repeat.most === Number.POSITIVE_INFINITY) scan.unbounded++
    else scan.ways *= repeat.most - repeat.least + 1
  }
  endRun()
  return alternatives
}

/** Moves past one atom. Gives its text when it is one plain character, else null. */
function scanAtom(scan: Scan, depth: number): string | null {
  const char = scan.pattern.charAt(scan.at++)
  if (char === '\\') return plainEscape(scan.pattern.charAt(scan.at++))
  if (char === '[') {
    scanClass(scan)
    return null
  }
  if (char === '(') {
    const opening = /^\?(?:P?<[^>]*>|[a-zA-Z-]*:)/.exec(scan.pattern.slice(scan.at))
    if (opening !== null) scan.at += opening[0].length
    const alternatives = scanAlternatives(scan, depth + 1)
    scan.ways *= alternatives
    scan.at++
    return null
  }
  return char === '.' || char === '^' || char === '$' ? null : char
}

function plainEscape(char: string): string | null {
  return /[a-zA-Z0-9]/.test(char) ? null : char
}

function scanClass(scan: Scan): void {
  if (scan.pattern.charAt(scan.at) === '^') scan.at++
  if (scan.pattern.charAt(scan.at) === ']') scan.at++
  while (scan.at < scan.pattern.length) {
    const char = scan.pattern.charAt(scan.at++)
    if (char === '\\') scan.at++
    else if (char === '[' && scan.pattern.charAt(scan.at) === ':') scan.at = scan.pattern.indexOf(':]', scan.at) + 2
    else if (char === ']') return
  }
}

/** Moves past a repetition. Gives its bounds, or null when there is none. */
function scanRepeat(scan: Scan): { least: number; most: number } | null {
  const rest = scan.pattern.slice(scan.at, scan.at + 16)
  const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(rest)
  if (found === null) return null
  scan.at += found[0].length
  if (found[0].startsWith('?')) return { least: 0, most: 1 }
  if (found[1] === undefined) return { least: found[0].startsWith('+') ? 1 : 0, most: Number.POSITIVE_INFINITY }
  const least = Number(found[1])
  if (found[2] === undefined) return { least, most: least }
  return { least, most: found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) }
}
