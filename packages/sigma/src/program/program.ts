import type { EventView } from '../event-view.ts'
import type { Expression, Predicate } from '../predicate.ts'
import { compileScalarTest } from '../scalar-test.ts'
import type { FieldValue, Scalar } from '../values.ts'
import { FieldScan, type ScannedPredicate, type ScannedValue, scanKindOf } from './field-scan.ts'
import { FieldSlot } from './field-slot.ts'
import { LocalPredicates } from './localize.ts'
import { compileLookUp } from './look-up-test.ts'
import { type MemoryBudget, ScanMemory } from './scan-memory.ts'
import { compileExpression, Verdicts } from './verdicts.ts'
import { witnessOf } from './witness.ts'

/** A rule as the program needs it: its number in the rule set and what it asks. */
export interface ProgramRule {
  index: number
  expression: Expression
}

/** Events after which the witnesses are chosen anew from what was seen. */
const learnAfter = [256, 4_096, 65_536]
const empty: EventView = { get: () => undefined, scalars: () => [] }

/**
 * The rules of one log source, made ready. Each field of an event is looked at once; the predicates found true name candidate rules
 * through the witness index, and only candidates are evaluated. A witness of a rule is a set of predicates of which one must hold
 * for it to match; which set is rarest is learnt from the events.
 */
export class Program {
  private readonly rules: readonly ProgramRule[]
  private readonly expressions: Expression[]
  private readonly predicates: readonly Predicate[]
  private readonly budget: MemoryBudget
  private readonly verdicts: Verdicts
  private readonly evaluators: (() => boolean)[]
  private readonly slots = new Map<string, FieldSlot>()
  private readonly dotted: FieldSlot[]
  /** Keyword predicates are asked of every value: fields of no rule go through this scan. */
  private others: FieldScan
  /** True where the scans must look for keywords. */
  private searches = false
  private always: number[] = []
  private rulesByWitness: (number[] | null)[] = []
  private readonly counts: Uint32Array
  private readonly markedAt: Int32Array
  private readonly candidates: Int32Array
  private candidateCount = 0
  private seen = 0
  private view: EventView = empty

  constructor(rules: readonly ProgramRule[], predicates: readonly Predicate[], budget: MemoryBudget) {
    const local = new LocalPredicates(predicates)
    this.rules = rules
    this.budget = budget
    this.expressions = rules.map((rule) => local.localize(rule.expression))
    this.predicates = local.predicates
    this.verdicts = new Verdicts(local.predicates.length)
    this.counts = new Uint32Array(local.predicates.length)
    this.markedAt = new Int32Array(rules.length)
    this.candidates = new Int32Array(rules.length)
    this.others = this.scanFor([])
    this.index()
    this.dotted = [...this.slots.values()].filter(({ head }) => head !== null)
    const asks = new Map<number, () => boolean>()
    this.evaluators = this.expressions.map((expression) =>
      compileExpression(expression, this.verdicts, (id) => this.asking(id, asks)),
    )
  }

  /** Values that were longer than `maxScannedChars` and were cut. */
  get truncated(): number {
    return [...this.slots.values()].reduce((sum, { scan }) => sum + scan.truncated, this.others.truncated)
  }

  /** Numbers of the rules that match, ascending. */
  match(view: EventView): number[] {
    const epoch = this.begin(view)
    if (view.flat === undefined) this.askFields(view, epoch)
    else this.walkFields(view.flat, view, epoch)
    const hits: number[] = []
    for (let i = 0; i < this.candidateCount; i++) this.evaluate(this.candidates[i] as number, hits)
    for (const position of this.always) this.evaluate(position, hits)
    this.view = empty
    return hits.length < 2 ? hits : hits.sort((a, b) => a - b)
  }

  private begin(view: EventView): number {
    if (++this.seen === learnAfter[0] || this.seen === learnAfter[1] || this.seen === learnAfter[2]) this.index()
    this.view = view
    this.candidateCount = 0
    const epoch = this.verdicts.next()
    if (epoch === 1) {
      this.markedAt.fill(0)
      for (const slot of this.slots.values()) slot.epoch = 0
    }
    return epoch
  }

  /** A flat event is walked: its few fields are looked up among the rules', not the other way round. */
  private walkFields(flat: Readonly<Record<string, unknown>>, view: EventView, epoch: number): void {
    let nested = false
    for (const name in flat) {
      const value = flat[name]
      const slot = this.slots.get(name)
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        if (slot !== undefined) this.fire(slot.take(value, epoch).fired, epoch)
        else if (this.searches) this.fire(this.others.look(value).fired, epoch)
      } else if (value !== null && value !== undefined) {
        nested = true
        if (slot !== undefined) this.takeAll(slot, view.get(name), epoch)
      }
    }
    if (!nested) return
    for (const slot of this.dotted) {
      if (slot.epoch !== epoch && Object.hasOwn(flat, slot.head ?? '')) this.takeAll(slot, view.get(slot.field), epoch)
    }
    this.lookAtOthers(view, epoch)
  }

  private askFields(view: EventView, epoch: number): void {
    for (const slot of this.slots.values()) this.takeAll(slot, view.get(slot.field), epoch)
    this.lookAtOthers(view, epoch)
  }

  private takeAll(slot: FieldSlot, value: FieldValue | undefined, epoch: number): void {
    slot.takeAll(value, epoch)
    if (slot.first !== null) this.fire(slot.first.fired, epoch)
    for (const { fired } of slot.more ?? []) this.fire(fired, epoch)
  }

  private lookAtOthers(view: EventView, epoch: number): void {
    if (!this.searches) return
    for (const value of view.scalars()) this.fire(this.others.look(value).fired, epoch)
  }

  private fire(ids: readonly number[], epoch: number): void {
    const { stamps, answers } = this.verdicts
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      if (stamps[id] === epoch) continue
      stamps[id] = epoch
      answers[id] = 1
      this.counts[id] = (this.counts[id] as number) + 1
      const positions = this.rulesByWitness[id] ?? null
      if (positions !== null) this.nominate(positions, epoch)
    }
  }

  private nominate(positions: readonly number[], epoch: number): void {
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] as number
      if (this.markedAt[position] === epoch) continue
      this.markedAt[position] = epoch
      this.candidates[this.candidateCount++] = position
    }
  }

  private evaluate(position: number, hits: number[]): void {
    if (this.evaluators[position]?.()) hits.push((this.rules[position] as ProgramRule).index)
  }

  /** Chooses the witnesses and builds the scans that find them. */
  private index(): void {
    const { scanned } = this.verdicts
    const witnesses = this.expressions.map((expression) =>
      witnessOf(expression, this.predicates, (id) =>
        this.seen === 0 || scanned[id] === 0 ? null : ((this.counts[id] as number) + 0.1) / this.seen,
      ),
    )
    scanned.fill(0)
    this.always = []
    this.rulesByWitness = Array<number[] | null>(this.predicates.length).fill(null)
    witnesses.forEach((witness, position) => {
      if (witness === null) this.always.push(position)
      else for (const id of witness) (this.rulesByWitness[id] ??= []).push(position)
    })
    this.buildScans()
  }

  private buildScans(): void {
    const byField = new Map<string, ScannedPredicate[]>()
    const keywords: ScannedPredicate[] = []
    this.predicates.forEach((predicate, id) => {
      const { field, test } = predicate
      const own = field === null ? keywords : (byField.get(field) ?? [])
      if (field !== null) byField.set(field, own)
      const kind = scanKindOf(predicate)
      if (kind === 'never' || (kind === 'wanted' && this.rulesByWitness[id] === null)) return
      this.verdicts.scanned[id] = 1
      own.push({ id, test })
    })
    this.searches = keywords.length > 0
    this.others = this.scanFor(keywords)
    for (const [field, own] of byField) {
      const slot = this.slots.get(field)
      const made = this.scanFor([...own, ...keywords])
      if (slot === undefined) this.slots.set(field, new FieldSlot(field, made))
      else slot.scan = made
    }
  }

  private scanFor(predicates: ScannedPredicate[]): FieldScan {
    return new FieldScan(predicates, new ScanMemory<ScannedValue>(this.budget))
  }

  private asking(id: number, asks: Map<number, () => boolean>): () => boolean {
    let ask = asks.get(id)
    if (ask === undefined) {
      ask = this.compileAsk(this.predicates[id] as Predicate)
      asks.set(id, ask)
    }
    return ask
  }

  private compileAsk({ field, test }: Predicate): () => boolean {
    const holds = compileScalarTest(test)
    if (holds === null) {
      const lookUp = compileLookUp(field, test)
      return () => lookUp(this.view)
    }
    if (field === null) return () => this.anyScalar(holds)
    const slot = this.slots.get(field) as FieldSlot
    return () => {
      if (slot.epoch !== this.verdicts.epoch) slot.takeAll(this.view.get(field), this.verdicts.epoch)
      const { first, more } = slot
      if (first === null) return false
      if (holds(first.value, first.lower)) return true
      return more?.some(({ value, lower }) => holds(value, lower)) ?? false
    }
  }

  private anyScalar(holds: (value: Scalar, lower: string) => boolean): boolean {
    for (const scalar of this.view.scalars()) {
      const { value, lower } = this.others.look(scalar)
      if (holds(value, lower)) return true
    }
    return false
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
