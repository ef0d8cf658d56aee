/** Something wrong in a pack: where it is and why it is refused. A pack with faults hurts itself only (design.md 2.8). */
export interface Fault {
  /** File as given by the caller. */
  file: string
  /** Line, from 1, where it could be told. */
  line: number | null
  /** Place within the file: `clocks[2].limit`. */
  path: string
  reason: string
}

/** One line for a person: file, line, place, reason. */
export function faultText(fault: Fault): string {
  return `${fault.file}${fault.line === null ? '' : `:${fault.line}`}: ${fault.path === '' ? '' : `${fault.path}: `}${fault.reason}`
}
