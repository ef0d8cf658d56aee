import { compileGlob } from './glob.ts'
import { RuleError } from './refusal.ts'
import { anyRun, tidy } from './sigma-string.ts'

/** A parsed condition. Offsets count from the start of the condition's own text. */
export type Condition =
  | { kind: 'name'; name: string }
  | { kind: 'of'; quantifier: 'one' | 'all'; pattern: string }
  | { kind: 'not'; term: Condition }
  | { kind: 'and' | 'or'; terms: Condition[] }

interface Token {
  text: string
  at: number
}

const maxConditionChars = 10_000
const maxDepth = 64

/**
 * Parses a rule's condition: `and`, `or`, `not`, parentheses, `1 of`, `any of`, `all of`, `them`, patterns with `*`. `not` binds
 * strongest, then `and`, then `or`. Throws a RuleError; `offset` is where the condition stands in the file.
 */
export function parseCondition(text: string, offset: number): Condition {
  if (text.length > maxConditionChars) {
    throw new RuleError('rule_bad_condition', `The condition is longer than ${maxConditionChars} characters.`, offset)
  }
  return new ConditionParser(tokenize(text, offset), offset).parse()
}

/** Writes a condition so that parsing it again gives the same condition. */
export function formatCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'name':
      return condition.name
    case 'of':
      return `${condition.quantifier === 'one' ? '1' : 'all'} of ${condition.pattern}`
    case 'not':
      return `not ${wrap(condition.term)}`
    case 'and':
    case 'or':
      return condition.terms.map(wrap).join(` ${condition.kind} `)
  }
}

function wrap(condition: Condition): string {
  const text = formatCondition(condition)
  return condition.kind === 'and' || condition.kind === 'or' ? `(${text})` : text
}

function tokenize(text: string, offset: number): Token[] {
  const tokens: Token[] = []
  for (const found of text.matchAll(/\(|\)|\||[\p{L}\p{N}_.*-]+|\S/gu)) {
    const at = offset + found.index
    if (found[0] === '|') {
      throw new RuleError(
        'rule_pipe_aggregation',
        'The old aggregation after a pipe is no longer part of Sigma; write a correlation document (event_count, value_count, temporal) instead.',
        at,
      )
    }
    if (!/^[()]$|^[\p{L}\p{N}_.*-]+$/u.test(found[0])) {
      throw new RuleError(
        'rule_bad_condition',
        `The condition has a character that means nothing here: ${found[0]}`,
        at,
      )
    }
    tokens.push({ text: found[0], at })
  }
  return tokens
}

class ConditionParser {
  private readonly tokens: Token[]
  private readonly offset: number
  private next = 0
  private depth = 0

  constructor(tokens: Token[], offset: number) {
    this.tokens = tokens
    this.offset = offset
  }

  parse(): Condition {
    if (this.tokens.length === 0) this.fail('The condition is empty.')
    const condition = this.parseList('or', () => this.parseList('and', () => this.parseTerm()))
    if (this.next < this.tokens.length) {
      this.fail(`The condition should end before "${this.peek()}"; an operator is missing.`)
    }
    return condition
  }

  private parseList(operator: 'and' | 'or', parseMember: () => Condition): Condition {
    const first = parseMember()
    const terms = [first]
    while (this.peek().toLowerCase() === operator) {
      this.next++
      terms.push(parseMember())
    }
    return terms.length === 1 ? first : { kind: operator, terms }
  }

  private parseTerm(): Condition {
    if (++this.depth > maxDepth) this.fail(`The condition is nested deeper than ${maxDepth}.`)
    const condition = this.parseNestedTerm()
    this.depth--
    return condition
  }

  private parseNestedTerm(): Condition {
    const token = this.peek()
    const word = token.toLowerCase()
    if (token === '') this.fail('The condition ends where a name is expected.')
    this.next++
    if (word === 'not') return { kind: 'not', term: this.parseTerm() }
    if (token === '(') {
      const inner = this.parseList('or', () => this.parseList('and', () => this.parseTerm()))
      if (this.peek() !== ')') this.fail('A closing parenthesis is missing.')
      this.next++
      return inner
    }
    if (token === ')' || word === 'and' || word === 'or') {
      this.next--
      this.fail(`A name is expected before "${token}".`)
    }
    if (this.peek().toLowerCase() === 'of' && /^(1|any|all)$/.test(word)) return this.parseOf(word)
    if (token.includes('*')) {
      this.next--
      this.fail(`The pattern "${token}" needs "1 of" or "all of" before it.`)
    }
    return { kind: 'name', name: token }
  }

  private parseOf(word: string): Condition {
    this.next++
    const pattern = this.peek()
    if (pattern === '' || pattern === '(' || pattern === ')')
      this.fail('A name, a pattern or "them" is expected after "of".')
    this.next++
    return { kind: 'of', quantifier: word === 'all' ? 'all' : 'one', pattern }
  }

  private peek(): string {
    return this.tokens[this.next]?.text ?? ''
  }

  private fail(message: string): never {
    throw new RuleError('rule_bad_condition', message, this.tokens[this.next]?.at ?? this.offset)
  }
}

/**
 * The selections that an "of" pattern names: `them` and patterns leave out names with a leading underscore, unless the pattern has it too.
 */
export function selectionsNamedBy(pattern: string, names: Iterable<string>): string[] {
  const matches = namePattern(pattern)
  return [...names].filter((name) => matches(name))
}

function namePattern(pattern: string): (name: string) => boolean {
  if (pattern.toLowerCase() === 'them') return (name) => !name.startsWith('_')
  const covers = compileGlob(tidy(pattern.split('*').flatMap((text, index) => (index === 0 ? [text] : [anyRun, text]))))
  return (name) => (pattern.startsWith('_') || !name.startsWith('_')) && covers(name)
}
