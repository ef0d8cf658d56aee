/** Why a record could not become bytes, or bytes a record. */
export type AvroErrorCode =
  | 'undecodable_record'
  | 'unencodable_record'
  | 'oversize_record'
  | 'unknown_schema'
  | 'incompatible_schema'
  | 'registry_unreachable'

/** An error of the codec or the registry; the code is explained in docs/operations/failure-modes.md. */
export class AvroError extends Error {
  override readonly name = 'AvroError'
  readonly code: AvroErrorCode

  constructor(code: AvroErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
