import { type Incident, type IncidentCommand, uuidV7 } from '@tocsin/events'
import { z } from 'zod'
import type { Account } from './accounts.ts'
import { COMMANDS } from './roles.ts'

const MAX_TEXT = 8_000

/** What the page sends for a command on a case. */
export const commandForm = z.strictObject({
  action: z.enum(COMMANDS),
  /** Revision that the person saw; a case that was commanded meanwhile refuses. */
  revision: z.int().min(0).nullable().default(null),
  reason: z.string().trim().max(MAX_TEXT).nullable().default(null),
  fields: z
    .record(z.string().regex(/^[a-zA-Z]{1,40}$/), z.string().max(MAX_TEXT))
    .refine((fields) => Object.keys(fields).length <= 20, 'at most 20 fields')
    .default({}),
})
export type CommandForm = z.infer<typeof commandForm>

/** What the page sends to open a case by hand. */
export const createForm = z.strictObject({
  fields: z
    .record(z.string().regex(/^[a-zA-Z]{1,40}$/), z.string().max(MAX_TEXT))
    .refine((fields) => Object.keys(fields).length <= 20, 'at most 20 fields'),
})

/** The record for `incident-commands` that opens a case of a body. */
export function creationOf(
  fields: Record<string, string>,
  constituent: string,
  account: Account,
  now: number,
): IncidentCommand {
  return {
    commandId: uuidV7(now),
    constituent,
    caseId: '',
    action: 'create',
    expectedRevision: null,
    actor: account.name,
    actorRoles: [account.role],
    channel: 'console',
    issuedAt: now,
    reason: null,
    fields,
  }
}

/** The record for `incident-commands`. */
export function commandOf(form: CommandForm, incident: Incident, account: Account, now: number): IncidentCommand {
  return {
    commandId: uuidV7(now),
    constituent: incident.constituent,
    caseId: incident.caseId,
    action: form.action,
    expectedRevision: form.revision,
    actor: account.name,
    actorRoles: [account.role],
    channel: 'console',
    issuedAt: now,
    reason: form.reason === '' ? null : form.reason,
    fields: form.fields,
  }
}
