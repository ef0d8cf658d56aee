/**
 * Why a rule document was not taken. The list is closed: metrics count these words and
 * docs/operations/failure-modes.md explains each.
 */
export type RefusalCode =
  | 'rule_bad_yaml'
  | 'rule_too_large'
  | 'rule_unknown_document'
  | 'rule_bad_metadata'
  | 'rule_missing_title'
  | 'rule_missing_logsource'
  | 'rule_missing_detection'
  | 'rule_missing_condition'
  | 'rule_bad_condition'
  | 'rule_pipe_aggregation'
  | 'rule_bad_selection'
  | 'rule_unknown_modifier'
  | 'rule_bad_modifier'
  | 'rule_bad_value'
  | 'rule_bad_regex'
  | 'rule_unresolved_placeholder'
  | 'rule_duplicate_id'
  | 'rule_duplicate_name'
  | 'rule_bad_correlation'
  | 'rule_unknown_reference'
  | 'rule_circular_reference'
  | 'unsupported_correlation'
  | 'rule_bad_filter'

/** One refused document: where it is and what is wrong with it, in one sentence. Lines and columns count from 1. */
export interface Refusal {
  file: string
  line: number
  column: number
  code: RefusalCode
  message: string
  /** Id, name or title of the refused document, as far as it could be read. */
  rule: string | null
}

/** Thrown inside the parser and the compiler; caught once a document, so a refused rule never stops another. */
export class RuleError extends Error {
  readonly code: RefusalCode
  /** Offset in the file's text, or -1 for the start of the document. */
  readonly offset: number

  constructor(code: RefusalCode, message: string, offset = -1) {
    super(message)
    this.name = 'RuleError'
    this.code = code
    this.offset = offset
  }
}
