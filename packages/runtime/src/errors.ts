/**
 * An error that an operator can use: a code from a closed list, one plain sentence (what, where, why, what to do) and
 * the cause. Every code is explained in docs/operations/failure-modes.md.
 */
export class TocsinError extends Error {
  override readonly name = 'TocsinError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Takes anything thrown; gives its message, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
