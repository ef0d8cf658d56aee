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

/**
 * The stop came while something was waited for, before anything was changed. Not a failure: a process that ends by it
 * ends with code 0.
 */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor(waitingFor: string) {
    super(`The stop came while ${waitingFor} was waited for; nothing was changed.`)
  }
}

/** Takes anything thrown; gives its message, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
