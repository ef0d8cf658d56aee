import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Detection } from '@tocsin/events'
import { holds, loadPack } from '@tocsin/obligations'
import { TocsinError } from '@tocsin/runtime'
import { type Contract, loadContracts } from '../feeds/agency/contract.ts'
import { type Edition, editionAt, loadEditions } from '../feeds/tw-nccst-1.3/editions.ts'
import type { Profile } from '../feeds/tw-nccst-1.3/profile.ts'
import { openValidator, type SchemaValidator } from '../feeds/tw-nccst-1.3/validate.ts'

const PACK = 'tw-soc-1.3'

/** The packs that ship with the project, for commands. */
export const REGULATIONS_DIR = fileURLToPath(new URL('../../../../regulations', import.meta.url))

/** Version of this service, as it stands in its package. */
export function serviceVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Version of a package that is installed beside the service. */
export function dependencyVersion(name: string): string {
  const manifest = new URL('../package.json', import.meta.resolve(name))
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version ?? 'unknown'
}

/** Reads the schema that files are validated by; the official one replaces it in the same place (AMB-TW1). */
export function readSchema(regulationsDir: string, name = 'incident.xsd'): string {
  return readFileSync(join(regulationsDir, PACK, name), 'utf8')
}

/** Reads the editions of the export profile (TW-1.1). Throws `bad_pack`. */
export function readEditions(regulationsDir: string): Edition[] {
  const path = join(regulationsDir, PACK, 'export-profiles.yaml')
  return loadEditions(readFileSync(path, 'utf8'), path)
}

/** Gives profile and schema in force at an instant; each schema is loaded once. */
export function editionBook(
  regulationsDir: string,
  profile: Profile,
): (ms: number) => { profile: Profile; validator: SchemaValidator; edition: Edition } {
  const editions = readEditions(regulationsDir)
  const validators = new Map(
    editions.map(({ schema }) => [schema, openValidator(readSchema(regulationsDir, schema))] as const),
  )
  return (ms) => {
    const edition = editionAt(editions, ms)
    const readings = { ...profile.readings, ...edition.readings }
    const validator = validators.get(edition.schema) as SchemaValidator
    return { profile: { ...profile, name: edition.profile, readings }, validator, edition }
  }
}

/** Reads what the pack decides of the profile: which detection is a ticket, and the ten levels. Throws `bad_pack`. */
export function readPackRules(regulationsDir: string): Pick<Profile, 'isTicket' | 'severityCode'> {
  const path = join(regulationsDir, PACK, 'pack.yaml')
  const loaded = loadPack(readFileSync(path, 'utf8'), path)
  if (!loaded.ok) {
    const [fault] = loaded.faults
    throw new TocsinError('bad_pack', `${fault?.file ?? path}:${fault?.line ?? 1}: ${fault?.reason ?? 'is wrong'}.`)
  }
  const { kinds, severity } = loaded.pack
  const { ticket } = kinds
  if (ticket === undefined) throw new TocsinError('bad_pack', `${path} does not say which detection is a ticket.`)
  return {
    isTicket: (detection: Detection) => holds(ticket, { ...detection }),
    severityCode: (value) => severity.bands.findLast((band) => band.from <= value)?.code ?? '1',
  }
}

/** Reads the contracts of the downstream agencies: those of a file, else those that ship with the service. */
export function readContracts(file?: string): Contract[] {
  return loadContracts(readFileSync(file ?? new URL('../feeds/agency/contracts.yaml', import.meta.url), 'utf8'))
}

/** Names of the files of a folder with that ending, sorted; an absent folder has none. */
export function filesIn(dir: string, ending: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(ending))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
