import { RE2JS } from 're2js'
import { RuleError } from './refusal.ts'
import { regexShape } from './regex-shape.ts'

export interface RegexFlags {
  ignoreCase: boolean
  multiline: boolean
  dotAll: boolean
}

const maxPatternChars = 4_096
/** Up to this length a pattern with one unbounded repetition costs V8 at most a few million steps. */
const maxBacktrackChars = 2_048

/**
 * Compiles an unanchored search in linear time. V8 runs it only where a static check shows that it cannot blow up; every
 * other pattern goes through RE2, which also refuses look-around and back-references (specification, "Regular Expression").
 */
export function compileRegex(source: string, flags: RegexFlags, offset: number): (text: string) => boolean {
  const { pattern, all } = takeInlineFlags(source, flags)
  if (pattern.length > maxPatternChars) {
    throw new RuleError(
      'rule_bad_regex',
      `The pattern has ${pattern.length} characters; at most ${maxPatternChars} are allowed.`,
      offset,
    )
  }
  const linear = compileLinear(pattern, all, offset)
  const shape = regexShape(pattern)
  if (!shape.safe) return linear
  const native = compileNative(pattern, all)
  if (native === null) return linear
  if (!shape.unbounded) return (text) => native.test(text)
  return (text) => (text.length <= maxBacktrackChars ? native.test(text) : linear(text))
}

function takeInlineFlags(source: string, flags: RegexFlags): { pattern: string; all: RegexFlags } {
  const inline = /^\(\?([ims]+)\)/.exec(source)
  const letters = inline?.[1] ?? ''
  return {
    pattern: inline === null ? source : source.slice(inline[0].length),
    all: {
      ignoreCase: flags.ignoreCase || letters.includes('i'),
      multiline: flags.multiline || letters.includes('m'),
      dotAll: flags.dotAll || letters.includes('s'),
    },
  }
}

function compileLinear(pattern: string, flags: RegexFlags, offset: number): (text: string) => boolean {
  const mask =
    (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.multiline ? RE2JS.MULTILINE : 0) |
    (flags.dotAll ? RE2JS.DOTALL : 0)
  try {
    const compiled = RE2JS.compile(pattern, mask)
    return (text) => compiled.test(text)
  } catch (cause) {
    const reason = (cause as Error).message
    throw new RuleError('rule_bad_regex', `The pattern is not one that can run in linear time: ${reason}.`, offset)
  }
}

// A pattern that only RE2 understands ([[:alpha:]], \z) stays with RE2; the `u` flag makes V8 refuse what it would reinterpret.
function compileNative(pattern: string, flags: RegexFlags): RegExp | null {
  if (/\\(?:[AzZCpPQEa0-9]|x\{)|\[\[:|\(\?[^:]/.test(pattern)) return null
  try {
    return new RegExp(pattern, `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}`)
  } catch {
    return null
  }
}
