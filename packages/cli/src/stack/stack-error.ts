/** The closed list of what can go wrong around the embedded stack; each is explained in docs/operations/failure-modes.md. */
export type StackErrorCode =
  | 'java_missing'
  | 'jars_missing'
  | 'port_taken'
  | 'data_folder_unwritable'
  | 'disk_full'
  | 'not_ready_in_time'
  | 'child_crashed'
  | 'bad_argument'
  | 'step_failed'

/** An error that a person can act on: the message is one sentence and is printed without a stack trace. */
export class StackError extends Error {
  readonly code: StackErrorCode

  constructor(code: StackErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StackError'
    this.code = code
  }
}
