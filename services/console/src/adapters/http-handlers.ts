import type { Incident, RegistryConstituent } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { FastifyReply } from 'fastify'
import type { Account } from '../accounts.ts'
import { mayCommand, mayCreate, maySee } from '../authorize.ts'
import { detailOf, evidenceOf, summaryOf } from '../case-view.ts'
import { commandForm, commandOf, createForm, creationOf } from '../command-form.ts'
import type { RouteId } from '../routes.ts'
import { sourcesPageOf } from '../source-views.ts'
import type { ConsoleParts } from './console-parts.ts'
import { NOT_ALLOWED } from './http-error.ts'
import { auditCall, type Call } from './http-guard.ts'
import { requestHandlers } from './http-requests.ts'
import { changePassword, readSession, signIn, signOut } from './http-session.ts'
import { openStream } from './http-stream.ts'

export type Handler = (call: Call, parts: ConsoleParts, reply: FastifyReply) => unknown

/** What answers each route; the guard has let the call through. */
export const handlers: Readonly<Record<RouteId, Handler>> = {
  'session-read': readSession,
  'sign-in': signIn,
  'sign-out': signOut,
  'password-change': changePassword,

  'constituents-list': (call, parts) => ({
    constituents: [...parts.constituents.values()]
      .filter(({ constituentId }) => isVisible(call, constituentId))
      .map(constituentView),
  }),

  'packs-list': (_call, parts) => ({ packs: parts.packs }),

  'cases-list': (call, parts) => ({
    now: call.now,
    cases: parts.cases.list((constituent) => isVisible(call, constituent)).map(summaryOf),
  }),

  'sources-list': (call, parts) => ({
    now: call.now,
    ...sourcesPageOf(parts.sourceBook, (constituent) => isVisible(call, constituent), call.now),
  }),

  'case-read': (call, parts) => ({ now: call.now, case: detailOf(caseOf(call, parts)) }),

  'evidence-read': (call, parts) => ({ lines: evidenceOf(caseOf(call, parts)) }),

  'case-command': async (call, parts) => {
    const form = commandForm.safeParse(call.request.body)
    if (!form.success) throw new TocsinError('bad_request', 'The command is not one that the console knows.')
    const incident = caseOf(call, parts)
    const account = accountOfCall(call)
    const target = { kind: 'constituent', id: incident.constituent } as const
    const action = `command ${form.data.action}`
    if (!mayCommand(account, form.data.action)) {
      await auditCall(action, call, parts, target, 'denied', `The role ${account.role} may not give it.`)
      throw NOT_ALLOWED
    }
    const command = commandOf(form.data, incident, account, call.now)
    await auditCall(action, call, parts, target, 'allowed', command.commandId)
    const { accepted, code, reason, revision } = await parts.commander.give(command)
    return { accepted, code, reason, revision }
  },

  'case-create': async (call, parts) => {
    const form = createForm.safeParse(call.request.body)
    if (!form.success) throw new TocsinError('bad_request', 'The form of a new case is not understood.')
    const { constituent = '' } = call.request.params as Readonly<Record<string, string>>
    const account = accountOfCall(call)
    const target = { kind: 'constituent', id: constituent } as const
    if (!mayCreate(account)) {
      await auditCall('command create', call, parts, target, 'denied', `The role ${account.role} may not give it.`)
      throw NOT_ALLOWED
    }
    const command = creationOf(form.data.fields, constituent, account, call.now)
    await auditCall('command create', call, parts, target, 'allowed', command.commandId)
    const { accepted, code, reason, revision, caseId } = await parts.commander.give(command)
    return { accepted, code, reason, revision, caseId }
  },

  'event-read': async (call, parts) => {
    const { constituent = '', eventId = '' } = call.request.params as Readonly<Record<string, string>>
    const { group } = parts.constituents.get(constituent) ?? {}
    const found =
      group === undefined || !/^[0-9a-zA-Z-]{1,64}$/.test(eventId)
        ? null
        : await parts.search.event(constituent, group, eventId)
    if (found === null) throw new TocsinError('unknown_event', 'That event is not in the search (any more, or yet).')
    return { event: found }
  },

  ...requestHandlers,

  stream: openStream,
}

function isVisible(call: Call, constituent: string): boolean {
  const named = (call.request.query as Readonly<Record<string, string | undefined>>)['constituent']
  return maySee(accountOfCall(call), constituent) && (named === undefined || named === constituent)
}

function caseOf(call: Call, parts: ConsoleParts): Incident {
  const { caseId = '' } = call.request.params as Readonly<Record<string, string>>
  const incident = parts.cases.get(caseId)
  // The guard has looked before; asked again because a case may have left the memory since.
  if (incident === undefined || !maySee(accountOfCall(call), incident.constituent)) throw NOT_ALLOWED
  return incident
}

function accountOfCall(call: Call): Account {
  if (call.account === null) throw NOT_ALLOWED
  return call.account
}

function constituentView(constituent: RegistryConstituent) {
  const { constituentId, name, names, country, pack, roles, timeZone, languages } = constituent
  return { constituentId, name, names, country, pack, roles, timeZone, languages }
}
