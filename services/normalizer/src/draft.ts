import { limits } from './limits.ts'
import type { Fields, FieldValue, LineTime, LogSource } from './parser.ts'
import { readAddress, readInteger, readPort } from './values.ts'

/** Values that formats write for "nothing". */
const nothing = new Set([
  '',
  '-',
  'N/A',
  'n/a',
  '(null)',
  'null',
  'NULL',
  '<null>',
  'none-specified',
  '?',
  '(none)',
  'undefined',
  'None',
  '--',
  '---',
  '""',
  'N/a',
])

/** Collects the fields of one event within the bounds of `limits.ts`. `set` overwrites, `fill` keeps what is there. */
export class EventDraft {
  readonly fields: Fields = Object.create(null) as Fields
  readonly quality: string[] = []
  /** The instant that the message itself names; wins over the header's. */
  time: LineTime | undefined
  private count = 0

  has(name: string): boolean {
    return name in this.fields
  }

  /** Sets one value; empty ones and the usual words for nothing are left out. Returns whether it was set. */
  set(name: string, value: FieldValue | undefined): boolean {
    if (value === undefined) return false
    let kept: FieldValue = value
    if (typeof value === 'string') {
      const text = value.trim()
      if (nothing.has(text)) return false
      kept = text.length > limits.maxValueChars ? this.cut(text) : text
    } else if (Array.isArray(value)) {
      if (value.length === 0) return false
      if (value.length > limits.maxListItems) kept = value.slice(0, limits.maxListItems)
    } else if (typeof value === 'number' && !Number.isFinite(value)) return false
    if (!(name in this.fields)) {
      if (this.count >= limits.maxFields) {
        this.flag('too_many_fields')
        return false
      }
      this.count++
    }
    this.fields[name] = kept
    return true
  }

  fill(name: string, value: FieldValue | undefined): boolean {
    return name in this.fields ? false : this.set(name, value)
  }

  /** Sets `<side>.ip` (and `<side>.port`) from `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`, `1.2.3.4/80`; a name becomes `<side>.domain`. */
  endpoint(side: string, text: string | undefined, portText?: string): void {
    if (text === undefined) return
    const address = readAddress(text)
    if (address !== undefined) {
      this.set(`${side}.ip`, address.ip)
      if (address.port !== undefined) this.set(`${side}.port`, address.port)
    } else if (isHostName(text)) this.set(`${side}.domain`, text)
    if (portText !== undefined) this.port(`${side}.port`, portText)
  }

  port(name: string, text: string | undefined): void {
    if (text !== undefined) this.set(name, readPort(text))
  }

  integer(name: string, text: string | undefined): void {
    if (text !== undefined) this.set(name, readInteger(text))
  }

  /** Sets the four classifying fields of ECS; the values must come from its closed lists. */
  classify(category: string[], type: string[], action?: string, outcome?: 'success' | 'failure' | 'unknown'): void {
    this.set('event.category', category)
    this.set('event.type', type)
    this.set('event.action', action)
    this.set('event.outcome', outcome)
  }

  source(log: LogSource): void {
    this.set('tocsin.log.product', log.product)
    this.set('tocsin.log.service', log.service)
    this.set('tocsin.log.category', log.category)
  }

  /** Records once that something was odd or lost; a fixed word, because people count them. */
  flag(word: string): void {
    if (!this.quality.includes(word)) this.quality.push(word)
  }

  private cut(text: string): string {
    this.flag('value_truncated')
    return text.slice(0, limits.maxValueChars)
  }
}

const hostName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,253}$/

function isHostName(text: string): boolean {
  return hostName.test(text) && /[A-Za-z]/.test(text)
}
