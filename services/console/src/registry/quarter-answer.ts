import { createHash } from 'node:crypto'
import { type IncidentCommand, type RegistryChange, type Request, uuidV7 } from '@tocsin/events'
import { differences, differenceText } from './difference.ts'
import type { Registry } from './held.ts'
import { asOf } from './history.ts'

/** A file that a body sent in answer. */
export interface SentFile {
  name: string
  octets: Buffer
}

const MAX_DIFFERENCE = 15_000

/**
 * The command that answers the task of a quarter with what was just imported: the files by name, size and hash, and what
 * differs from the registry as it was when the quarter began (KZ-12c). Takes the registry after the import and all changes.
 */
export function answerOfImport(
  request: Request,
  files: readonly SentFile[],
  after: Registry,
  changes: readonly RegistryChange[],
  who: { actor: string; roles: readonly string[] },
  now: number,
): IncidentCommand {
  const { constituent, requestId, createdAt } = request
  const found = differences(asOf(after, changes, createdAt), after).filter(
    ({ section, id }) =>
      (after[section].get(id)?.entry['constituent'] ?? lastBodyOf(changes, section, id)) === constituent,
  )
  const text = found.map(differenceText).join('')
  const cut = text.length > MAX_DIFFERENCE ? `${text.slice(0, MAX_DIFFERENCE)}…\n` : text
  return {
    commandId: uuidV7(now),
    constituent,
    caseId: requestId,
    action: 'request-answer',
    expectedRevision: null,
    actor: who.actor,
    actorRoles: [...who.roles],
    channel: 'cli',
    issuedAt: now,
    reason: null,
    fields: {
      text: `Imported: ${files.map(({ name }) => name).join(', ')}.`,
      files: files.map(fileLine).join('\n'),
      difference: cut === '' ? 'no difference' : `${found.length} differences\n${cut}`,
    },
  }
}

/** The body of an entry that is withdrawn, as its newest change says. */
function lastBodyOf(changes: readonly RegistryChange[], section: string, id: string): string | undefined {
  return changes.findLast((change) => change.section === section && change.recordId === id)?.constituent
}

function fileLine({ name, octets }: SentFile): string {
  return `${name} ${octets.length} sha256:${createHash('sha256').update(octets).digest('hex')}`
}
