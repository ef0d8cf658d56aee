import type { CaseDetail, EvidenceLine } from '../src/case-view.ts'
import type { ComplianceView } from '../src/compliance/compliance.ts'
import type { PackView } from '../src/pack-view.ts'
import type { RequestView } from '../src/request-view.ts'
import type { CommandName, Role } from '../src/roles.ts'
import type { SourcesPageView } from '../src/source-views.ts'
import { setServerTime } from './server-time.ts'

export interface AccountView {
  name: string
  role: Role
  constituents: string[] | null
  mustChangePassword: boolean
  commands: CommandName[]
}

export interface ConstituentView {
  constituentId: string
  name: string
  names: Record<string, string>
  country: string
  pack: string
  timeZone: string
  languages: string[]
}

export interface CommandAnswer {
  accepted: boolean
  code: string
  reason: string
  revision: number
}

/** What the server refused, by its code. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

type Method = 'GET' | 'POST' | 'DELETE'

async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { 'x-tocsin-console': '1' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  } catch (error) {
    throw new ApiError(0, 'unreachable', String(error))
  }
  const answer = (await response.json().catch(() => ({}))) as { code?: string; message?: string; now?: number }
  if (!response.ok) throw new ApiError(response.status, answer.code ?? 'unexpected', answer.message ?? '')
  if (typeof answer.now === 'number') setServerTime(answer.now)
  return answer as T
}

interface SessionAnswer {
  account: AccountView | null
}

export const api = {
  session: () => ask<SessionAnswer>('GET', '/api/session'),
  signIn: (name: string, password: string) => ask<SessionAnswer>('POST', '/api/session', { name, password }),
  signOut: () => ask<SessionAnswer>('DELETE', '/api/session'),
  changePassword: (password: string, newPassword: string) =>
    ask<SessionAnswer>('POST', '/api/session/password', { password, newPassword }),
  constituents: () => ask<{ constituents: ConstituentView[] }>('GET', '/api/constituents'),
  packs: () => ask<{ packs: PackView[] }>('GET', '/api/packs'),
  sources: () => ask<SourcesPageView>('GET', '/api/sources'),
  compliance: () => ask<ComplianceView>('GET', '/api/compliance'),
  requests: () => ask<{ requests: RequestView[] }>('GET', '/api/requests'),
  requestOpen: (constituent: string, fields: Record<string, string>) =>
    ask<CommandAnswer & { caseId: string }>('POST', `/api/constituents/${encodeURIComponent(constituent)}/requests`, {
      fields,
    }),
  requestCommand: (
    constituent: string,
    requestId: string,
    form: { action: string; reason: string | null; fields: Record<string, string> },
  ) =>
    ask<CommandAnswer>(
      'POST',
      `/api/constituents/${encodeURIComponent(constituent)}/requests/${encodeURIComponent(requestId)}/commands`,
      form,
    ),
  case: (caseId: string) => ask<{ case: CaseDetail }>('GET', `/api/cases/${encodeURIComponent(caseId)}`),
  evidence: (caseId: string) =>
    ask<{ lines: EvidenceLine[] }>('GET', `/api/cases/${encodeURIComponent(caseId)}/evidence`),
  create: (constituent: string, fields: Record<string, string>) =>
    ask<CommandAnswer & { caseId: string }>('POST', `/api/constituents/${encodeURIComponent(constituent)}/cases`, {
      fields,
    }),
  event: (constituent: string, eventId: string) =>
    ask<{ event: Record<string, unknown> }>(
      'GET',
      `/api/constituents/${encodeURIComponent(constituent)}/events/${encodeURIComponent(eventId)}`,
    ),
  command: (
    caseId: string,
    form: { action: CommandName; revision: number; reason: string | null; fields: Record<string, string> },
  ) => ask<CommandAnswer>('POST', `/api/cases/${encodeURIComponent(caseId)}/commands`, form),
}
