import { TocsinError } from '@tocsin/runtime'
import type { FastifyRequest } from 'fastify'
import type { Account } from '../accounts.ts'
import { authorize, type Need, type Target } from '../authorize.ts'
import { isOwnOrigin } from '../own-origin.ts'
import { type ApiRoute, ROUTES, type RouteId } from '../routes.ts'
import type { Session } from '../sessions.ts'
import type { ConsoleParts, HttpSettings } from './console-parts.ts'
import { NOT_ALLOWED } from './http-error.ts'

/** A request that may be served. */
export interface Call {
  request: FastifyRequest
  now: number
  account: Account | null
  session: Session | null
  address: string
}

const MAX_ID_LENGTH = 100

/** Name of the session cookie: the prefix binds it to this host and to TLS (RFC 6265bis 4.1.3.2). */
export function cookieName(settings: HttpSettings): string {
  return settings.isSecure ? '__Host-tocsin' : 'tocsin-session'
}

/** The one door of the API: origin, session, authorisation, audit. Throws what the request is answered with. */
export async function admit(id: RouteId, parts: ConsoleParts, request: FastifyRequest): Promise<Call> {
  const route: ApiRoute = ROUTES[id]
  if (route.method !== 'GET') checkOrigin(request, parts.settings)
  const now = parts.clock.now()
  const session = parts.sessions.use(request.cookies[cookieName(parts.settings)], now)
  const account = accountOf(session, parts)
  const target = targetOf(route.need, request, parts)
  const verdict = authorize(route.need, account, target)
  const call: Call = { request, now, account, session: account === null ? null : session, address: request.ip }
  switch (verdict.kind) {
    case 'allowed':
      if (route.audited === true) await auditCall(id, call, parts, target, 'allowed', null)
      return call
    case 'not-signed-in':
      throw new TocsinError('not_signed_in', 'Sign in first.')
    case 'password-change-needed':
      throw new TocsinError('password_change_needed', 'Change the first password before anything else.')
    case 'denied':
      await auditCall(id, call, parts, target, 'denied', verdict.reason)
      throw NOT_ALLOWED
    case 'absent':
      throw absentOf(route.need)
  }
}

/** The account of a session as it is now: a changed or removed one ends the session at once. */
export function accountOf(session: Session | null, parts: ConsoleParts): Account | null {
  if (session === null) return null
  const account = parts.accounts.get(session.account)
  if (account !== undefined && account.version === session.accountVersion) return account
  parts.sessions.end(session.id)
  return null
}

/** Cross-site requests are refused three times over: SameSite cookie, Origin, and a header that only our page can add. */
function checkOrigin(request: FastifyRequest, settings: HttpSettings): void {
  const isOurs = request.headers['x-tocsin-console'] === '1'
  if (!isOurs || !isOwnOrigin(request.headers.origin, request.headers.host, settings.origin))
    throw new TocsinError('cross_site', 'The request does not come from the console’s own page.')
}

function targetOf(need: Need, request: FastifyRequest, parts: ConsoleParts): Target {
  const params = request.params as Readonly<Record<string, string | undefined>>
  const query = request.query as Readonly<Record<string, string | string[] | undefined>>
  switch (need.object) {
    case 'none':
      return { kind: 'none' }
    case 'case': {
      const incident = parts.cases.get(params['caseId'] ?? '')
      return incident === undefined ? { kind: 'unknown' } : { kind: 'constituent', id: incident.constituent }
    }
    case 'constituent': {
      const id = params['constituent'] ?? ''
      return parts.constituents.get(id) === undefined ? { kind: 'unknown' } : { kind: 'constituent', id }
    }
    case 'listed': {
      const named = query['constituent']
      if (named === undefined) return { kind: 'none' }
      if (typeof named !== 'string') throw new TocsinError('bad_request', 'Name one body at most.')
      return parts.constituents.get(named) === undefined ? { kind: 'unknown' } : { kind: 'constituent', id: named }
    }
  }
}

function absentOf(need: Need): TocsinError {
  return need.object === 'case'
    ? new TocsinError('no_such_case', 'There is no such case here; older ones are in the search.')
    : new TocsinError('no_such_constituent', 'There is no such body in the registry.')
}

/** Writes to the audit trail what was asked, by whom, and how it ended. */
export async function auditCall(
  action: string,
  call: Call,
  parts: ConsoleParts,
  target: Target,
  outcome: 'allowed' | 'denied' | 'failed',
  reason: string | null,
): Promise<void> {
  await parts.audit.write({
    at: call.now,
    constituent: target.kind === 'constituent' ? target.id : null,
    actor: call.account?.name ?? 'nobody',
    roles: call.account === null ? [] : [call.account.role],
    action,
    object: objectOf(call.request),
    outcome,
    reason,
    address: call.address,
  })
}

/** What the request names, bounded: `case:…`, `event:…`, `constituent:…`, else `console`. */
function objectOf(request: FastifyRequest): string {
  const params = (request.params ?? {}) as Readonly<Record<string, string | undefined>>
  const query = (request.query ?? {}) as Readonly<Record<string, string | string[] | undefined>>
  const [kind, id] =
    params['caseId'] !== undefined
      ? ['case', params['caseId']]
      : params['eventId'] !== undefined
        ? ['event', `${params['constituent'] ?? ''}/${params['eventId']}`]
        : ['constituent', params['constituent'] ?? query['constituent']]
  if (id === undefined) return 'console'
  // Words from outside: bounded, and nothing that could move a terminal.
  return `${kind}:${String(id)
    .slice(0, MAX_ID_LENGTH)
    .replace(/[^\x20-\x7e]/g, '?')}`
}
