import { type IncidentCommand, uuidV7 } from '@tocsin/events'
import { z } from 'zod'
import type { Account } from './accounts.ts'

const text = z.string().trim().max(8_000)
const reason = text.nullable().default(null)

/** What the page sends to ask something formally; incident-manager has the last word on each. */
export const requestForm = z.strictObject({
  fields: z.strictObject({
    kind: z.string().regex(/^[a-z-]{1,40}$/),
    subject: text.min(1),
    body: text.default(''),
    ground: text.default(''),
    days: z
      .string()
      .regex(/^\d{0,4}$/)
      .default(''),
    systemId: text.default(''),
  }),
})

/** What the page sends on a request that is there. */
export const requestCommandForm = z.strictObject({
  action: z.enum(['request-answer', 'request-refuse', 'request-close', 'request-proof']),
  reason,
  fields: z.strictObject({ text: text.optional(), proof: text.optional() }).default({}),
})

/** The record for `incident-commands`; `requestId` is empty for a new request. */
export function requestCommand(
  what: { action: string; reason: string | null; fields: Readonly<Record<string, string | undefined>> },
  constituent: string,
  requestId: string,
  account: Account,
  now: number,
): IncidentCommand {
  const given = Object.entries(what.fields).filter((pair): pair is [string, string] => (pair[1] ?? '') !== '')
  return {
    commandId: uuidV7(now),
    constituent,
    caseId: requestId,
    action: what.action,
    expectedRevision: null,
    actor: account.name,
    actorRoles: [account.role],
    channel: 'console',
    issuedAt: now,
    reason: what.reason === '' ? null : what.reason,
    fields: Object.fromEntries(given),
  }
}
