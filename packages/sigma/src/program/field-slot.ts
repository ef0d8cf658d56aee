import type { FieldValue, Scalar } from '../values.ts'
import { scalarsOf } from '../values.ts'
import type { FieldScan, ScannedValue } from './field-scan.ts'

/** One field of the rules of a program, and what the event at hand has in it. */
export class FieldSlot {
  readonly field: string
  /** The first part of a dotted name, to see quickly whether an event can have it within an object. */
  readonly head: string | null
  scan: FieldScan
  /** The event for which the values below were taken. */
  epoch = 0
  first: ScannedValue | null = null
  /** Further values of a list; null for most fields. */
  more: ScannedValue[] | null = null

  constructor(field: string, scan: FieldScan) {
    this.field = field
    this.head = field.includes('.') ? field.slice(0, field.indexOf('.')) : null
    this.scan = scan
  }

  /** Takes one value of the event numbered `epoch`. */
  take(value: Scalar, epoch: number): ScannedValue {
    const found = this.scan.look(value)
    this.epoch = epoch
    this.first = found
    this.more = null
    return found
  }

  /** Takes what the field holds, which may be nothing or a list. */
  takeAll(value: FieldValue | undefined, epoch: number): void {
    this.epoch = epoch
    this.first = null
    this.more = null
    for (const scalar of scalarsOf(value)) {
      const found = this.scan.look(scalar)
      if (this.first === null) this.first = found
      else if (this.more === null) this.more = [found]
      else this.more.push(found)
    }
  }
}
