import { RuleError } from './refusal.ts'
import { type Piece, parseSigmaString, tidy } from './sigma-string.ts'

/** Lists for `expand`, by name without the percent signs. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

const maxVariants = 10_000

/**
 * `expand`: every variant of a value with each `%name%` replaced by a member of its list. `\%` is a plain percent sign. A name without a
 * list refuses the rule: evaluating it as text would make it silently dead.
 */
export function expandPlaceholders(text: string, placeholders: Placeholders, offset: number): Piece[][] {
  let variants: Piece[][] = [[]]
  for (const part of splitPlaceholders(text)) {
    const choices = part.name === null ? [part.text] : listOf(part.name, placeholders, offset)
    variants = variants.flatMap((variant) => choices.map((choice) => [...variant, ...parseSigmaString(choice)]))
    if (variants.length > maxVariants) {
      throw new RuleError('rule_bad_value', `The placeholders make more than ${maxVariants} values.`, offset)
    }
  }
  return variants.map(tidy)
}

function listOf(name: string, placeholders: Placeholders, offset: number): readonly string[] {
  const list = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined
  if (list === undefined || list.length === 0) {
    throw new RuleError('rule_unresolved_placeholder', `No list is given for the placeholder %${name}%.`, offset)
  }
  return list
}

function splitPlaceholders(text: string): { text: string; name: string | null }[] {
  const parts: { text: string; name: string | null }[] = []
  let plain = ''
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('\\%', i)) {
      plain += '%'
      i++
      continue
    }
    const name = text.charAt(i) === '%' ? /^%([\w.-]+)%/.exec(text.slice(i, i + 200))?.[1] : undefined
    if (name === undefined) {
      plain += text.charAt(i)
      continue
    }
    parts.push({ text: plain, name: null }, { text: '', name })
    plain = ''
    i += name.length + 1
  }
  parts.push({ text: plain, name: null })
  return parts.filter((part) => part.name !== null || part.text !== '')
}
