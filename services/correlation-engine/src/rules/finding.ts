/** What `rules lint` can say about a rule that loads. The list is closed; docs/operations/failure-modes.md explains each. */
export type FindingCode =
  | 'lint_always_true'
  | 'lint_never_true'
  | 'lint_negative_only'
  | 'lint_unused_selection'
  | 'lint_costly_pattern'
  | 'lint_unknown_field'
  | 'lint_wrong_type'
  | 'lint_same_detection'
  | 'lint_no_level'
  | 'lint_bad_technique'

/** One finding: where it is and what is wrong, in one sentence. Lines and columns count from 1. */
export interface Finding {
  file: string
  line: number
  column: number
  code: FindingCode
  message: string
  rule: string
  /** An error fails the check; a warning does with `--strict` only. */
  weight: 'error' | 'warning'
}

const errors: ReadonlySet<FindingCode> = new Set([
  'lint_always_true',
  'lint_never_true',
  'lint_unknown_field',
  'lint_wrong_type',
])

/** The weight of a code. */
export function weightOf(code: FindingCode): Finding['weight'] {
  return errors.has(code) ? 'error' : 'warning'
}

/** Says something about a place: an offset in the rule's file. */
export type Say = (code: FindingCode, offset: number, message: string) => void
