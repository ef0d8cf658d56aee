import type { EventView } from './event-view.ts'
import { FieldScan, scannable } from './field-scan.ts'
import type { Expression, Predicate, Test } from './predicate.ts'
import { compileScalarTest, type ScalarTest } from './scalar-test.ts'
import { type Scalar, scalarsOf, textOf } from './values.ts'
import { witnessOf } from './witness.ts'

/** Longest text of a field that is looked at; what is cut is counted. */
export const maxScannedChars = 65_536

/** A rule as the program needs it: its number in the rule set and what it asks. */
export interface ProgramRule {
  index: number
  expression: Expression
}

interface PreparedScalar {
  value: Scalar
  lower: string
}

/**
 * The rules of one log source, made ready: the fields are scanned once, the predicates found true name candidate rules through
 * the witness index, and only candidates are evaluated. Each predicate is answered at most once an event.
 */
export class Program {
  /** Values that were longer than `maxScannedChars` and were cut. */
  truncated = 0
  private readonly rules: readonly ProgramRule[]
  private readonly predicates: readonly Predicate[]
  private readonly scans: FieldScan[]
  private readonly always: number[] = []
  private readonly rulesByWitness = new Map<number, number[]>()
  private readonly scanned: Uint8Array
  private readonly answeredAt: Int32Array
  private readonly answers: Uint8Array
  private readonly markedAt: Int32Array
  private readonly evaluators: (() => boolean)[]
  private readonly tests = new Map<number, () => boolean>()
  private readonly prepared = new Map<string | null, PreparedScalar[]>()
  private candidates: number[] = []
  private epoch = 0
  private view: EventView = { get: () => undefined, scalars: () => [] }
  private readonly fire = (id: number): void => this.mark(id)

  constructor(rules: readonly ProgramRule[], predicates: readonly Predicate[]) {
    this.rules = rules
    this.predicates = predicates
    this.scanned = new Uint8Array(predicates.length)
    this.answeredAt = new Int32Array(predicates.length)
    this.answers = new Uint8Array(predicates.length)
    this.markedAt = new Int32Array(rules.length)
    this.scans = this.buildScans()
    rules.forEach((rule, position) => this.indexWitness(rule, position))
    this.evaluators = rules.map((rule) => this.compile(rule.expression))
  }

  /** Numbers of the rules that match, ascending. */
  match(view: EventView): number[] {
    this.begin(view)
    for (const scan of this.scans) {
      for (const { value, lower } of this.scalars(scan.field)) scan.scan(value, lower, this.fire)
    }
    const hits: number[] = []
    for (const position of this.candidates) this.evaluate(position, hits)
    for (const position of this.always) this.evaluate(position, hits)
    this.view = { get: () => undefined, scalars: () => [] }
    return hits.sort((a, b) => a - b)
  }

  /** True when a predicate holds for the event; for details after a match, outside the hot path. */
  holds(id: number, view: EventView): boolean {
    this.begin(view)
    const { field, test } = this.predicates[id] as Predicate
    const scalarTest = compileScalarTest(test)
    if (scalarTest === null) return this.presence(field, test)
    return this.scalars(field).some(({ value, lower }) => scalarTest(value, lower))
  }

  private begin(view: EventView): void {
    this.view = view
    this.epoch++
    this.prepared.clear()
    this.candidates = []
  }

  private evaluate(position: number, hits: number[]): void {
    if (this.evaluators[position]?.()) hits.push((this.rules[position] as ProgramRule).index)
  }

  private mark(id: number): void {
    if (this.answeredAt[id] === this.epoch) return
    this.answeredAt[id] = this.epoch
    this.answers[id] = 1
    const positions = this.rulesByWitness.get(id)
    if (positions === undefined) return
    for (const position of positions) {
      if (this.markedAt[position] === this.epoch) continue
      this.markedAt[position] = this.epoch
      this.candidates.push(position)
    }
  }

  private scalars(field: string | null): PreparedScalar[] {
    let prepared = this.prepared.get(field)
    if (prepared === undefined) {
      prepared = []
      const values = field === null ? this.view.scalars() : scalarsOf(this.view.get(field))
      for (const value of values) prepared.push(this.prepare(value))
      this.prepared.set(field, prepared)
    }
    return prepared
  }

  private prepare(scalar: Scalar): PreparedScalar {
    if (typeof scalar !== 'string' || scalar.length <= maxScannedChars)
      return { value: scalar, lower: textOf(scalar).toLowerCase() }
    this.truncated++
    const value = scalar.slice(0, maxScannedChars)
    return { value, lower: value.toLowerCase() }
  }

  private buildScans(): FieldScan[] {
    const byField = new Map<string | null, Set<number>>()
    for (const rule of this.rules) {
      for (const id of predicatesOf(rule.expression)) {
        const predicate = this.predicates[id] as Predicate
        if (!scannable(predicate)) continue
        this.scanned[id] = 1
        const ids = byField.get(predicate.field)
        if (ids === undefined) byField.set(predicate.field, new Set([id]))
        else ids.add(id)
      }
    }
    return [...byField].map(([field, ids]) => new FieldScan(field, [...ids], this.predicates))
  }

  private indexWitness(rule: ProgramRule, position: number): void {
    const witness = witnessOf(rule.expression, this.predicates)
    if (witness === null || witness.some((id) => this.scanned[id] === 0)) {
      this.always.push(position)
      return
    }
    for (const id of new Set(witness)) {
      const positions = this.rulesByWitness.get(id)
      if (positions === undefined) this.rulesByWitness.set(id, [position])
      else positions.push(position)
    }
  }

  private compile(expression: Expression): () => boolean {
    switch (expression.kind) {
      case 'predicate':
        return this.compilePredicate(expression.id)
      case 'not': {
        const term = this.compile(expression.term)
        return () => !term()
      }
      case 'and': {
        const terms = expression.terms.map((term) => this.compile(term))
        return () => terms.every((term) => term())
      }
      case 'or': {
        const terms = expression.terms.map((term) => this.compile(term))
        return () => terms.some((term) => term())
      }
    }
  }

  private compilePredicate(id: number): () => boolean {
    if (this.scanned[id] === 1) return () => this.answeredAt[id] === this.epoch
    let ask = this.tests.get(id)
    if (ask === undefined) {
      ask = this.compileTest(this.predicates[id] as Predicate)
      this.tests.set(id, ask)
    }
    const answer = ask
    return () => {
      if (this.answeredAt[id] !== this.epoch) {
        this.answeredAt[id] = this.epoch
        this.answers[id] = answer() ? 1 : 0
      }
      return this.answers[id] === 1
    }
  }

  private compileTest({ field, test }: Predicate): () => boolean {
    const scalarTest: ScalarTest | null = compileScalarTest(test)
    if (scalarTest === null) return () => this.presence(field, test)
    return () => this.scalars(field).some(({ value, lower }) => scalarTest(value, lower))
  }

  private presence(field: string | null, test: Test): boolean {
    if (field === null) return false
    if (test.kind === 'exists') return this.view.get(field) !== undefined
    if (test.kind === 'null') return (this.view.get(field) ?? null) === null
    return test.kind === 'fieldref' && this.refers(field, test)
  }

  private refers(field: string, test: Extract<Test, { kind: 'fieldref' }>): boolean {
    const text = ({ value, lower }: PreparedScalar): string => (test.cased ? textOf(value) : lower)
    const others = this.scalars(test.field).map(text)
    return this.scalars(field).some((own) => others.some((other) => relates(text(own), other, test.mode)))
  }
}

function relates(own: string, other: string, mode: 'equals' | 'contains' | 'starts' | 'ends'): boolean {
  switch (mode) {
    case 'equals':
      return own === other
    case 'contains':
      return own.includes(other)
    case 'starts':
      return own.startsWith(other)
    case 'ends':
      return own.endsWith(other)
  }
}

/** The numbers of every predicate in an expression. */
export function* predicatesOf(expression: Expression): Generator<number> {
  switch (expression.kind) {
    case 'predicate':
      yield expression.id
      return
    case 'not':
      yield* predicatesOf(expression.term)
      return
    case 'and':
    case 'or':
      for (const term of expression.terms) yield* predicatesOf(term)
  }
}
