import { TocsinError } from '@tocsin/runtime'
import { maySee } from '../authorize.ts'
import { complianceOf } from '../compliance/compliance.ts'
import { complianceCsv } from '../compliance/compliance-file.ts'
import { requestCommand, requestCommandForm, requestForm } from '../request-form.ts'
import { requestsPageOf } from '../request-view.ts'
import type { ConsoleParts } from './console-parts.ts'
import { NOT_ALLOWED } from './http-error.ts'
import { auditCall, type Call } from './http-guard.ts'
import type { Handler } from './http-handlers.ts'

/** What answers the routes of formal requests and of the table of compliance. */
export const requestHandlers = {
  'requests-list': (call, parts) => ({
    now: call.now,
    requests: requestsPageOf(parts.requests, (constituent) => isVisible(call, constituent)),
  }),

  'request-open': (call, parts) => {
    const form = requestForm.safeParse(call.request.body)
    if (!form.success) throw new TocsinError('bad_request', 'The form of a request is not understood.')
    return command(call, parts, { action: 'request-open', reason: null, fields: form.data.fields }, '')
  },

  'request-command': (call, parts) => {
    const form = requestCommandForm.safeParse(call.request.body)
    if (!form.success) throw new TocsinError('bad_request', 'The command is not one that the console knows.')
    const { constituent = '', requestId = '' } = call.request.params as Readonly<Record<string, string>>
    // A request of another body is as unknown as one that does not exist.
    if (parts.requests.get(requestId)?.constituent !== constituent) throw NOT_ALLOWED
    return command(call, parts, form.data, requestId)
  },

  'compliance-list': (call, parts) => ({ now: call.now, ...complianceView(call, parts) }),

  'compliance-file': (call, parts, reply) => {
    void reply.header('content-disposition', 'attachment; filename="compliance.csv"')
    void reply.type('text/csv; charset=utf-8')
    return complianceCsv(complianceView(call, parts))
  },
} satisfies Readonly<Record<string, Handler>>

function complianceView(call: Call, parts: ConsoleParts) {
  return complianceOf(parts.compliance, (constituent) => isVisible(call, constituent), call.now)
}

async function command(
  call: Call,
  parts: ConsoleParts,
  what: Parameters<typeof requestCommand>[0],
  requestId: string,
): Promise<unknown> {
  const { constituent = '' } = call.request.params as Readonly<Record<string, string>>
  if (call.account === null) throw NOT_ALLOWED
  const made = requestCommand(what, constituent, requestId, call.account, call.now)
  const target = { kind: 'constituent', id: constituent } as const
  await auditCall(`command ${what.action}`, call, parts, target, 'allowed', made.commandId)
  const { accepted, code, reason, revision, caseId } = await parts.commander.give(made)
  return { accepted, code, reason, revision, caseId }
}

function isVisible(call: Call, constituent: string): boolean {
  const named = (call.request.query as Readonly<Record<string, string | undefined>>)['constituent']
  return call.account !== null && maySee(call.account, constituent) && (named === undefined || named === constituent)
}
