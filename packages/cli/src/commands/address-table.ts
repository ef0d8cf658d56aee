import type { RunState } from '../supervisor/run-file.ts'

/** Every address of a stack, one a line, aligned. */
export function addressTable(state: RunState): string {
  const width = Math.max(...state.addresses.map((row) => row.name.length))
  return state.addresses.map((row) => `  ${row.name.padEnd(width)}  ${row.address}\n`).join('')
}
