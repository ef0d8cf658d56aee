import { TocsinError } from '@tocsin/runtime'

/** Status of each code that the API answers with; a code that is not here is our fault: 500. */
const STATUS: Readonly<Record<string, number>> = {
  bad_request: 400,
  bad_account: 400,
  weak_password: 400,
  not_signed_in: 401,
  wrong_login: 401,
  not_allowed: 403,
  cross_site: 403,
  password_change_needed: 403,
  unknown_route: 404,
  no_such_case: 404,
  unknown_event: 404,
  no_such_constituent: 404,
  command_refused: 409,
  too_many_tries: 429,
  too_many_streams: 429,
  audit_unavailable: 503,
  search_unavailable: 503,
  page_not_built: 503,
  command_unanswered: 504,
}

/** What the API answers to an error: nothing of the request, nothing of another body, no stack. */
export interface ErrorAnswer {
  status: number
  code: string
  message: string
}

export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof TocsinError) {
    const status = STATUS[error.code]
    if (status !== undefined) return { status, code: error.code, message: error.message }
  }
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, code: 'bad_request', message: 'The request is not well formed, or larger than allowed.' }
  return { status: 500, code: 'unexpected', message: 'Something went wrong in the console; its log says what.' }
}

/** Same answer whether a thing of another body exists or not (VN-2.1). */
export const NOT_ALLOWED = new TocsinError('not_allowed', 'This account may not see or do that.')
