import { isIPv6 } from 'node:net'
import type { Entry, RegistryFault, Section } from './entries.ts'
import { copyOf, type OpenRegistry, type Registry } from './held.ts'
import type { Located } from './registry-file.ts'

/** A fault of an entry, with the entry and the field that has it. */
export interface EntryFault extends RegistryFault {
  located: Located
  field: string | null
}

type Complain = (located: Located, field: string | null, reason: string) => void

/** Columns 3 and 8 of the appendix of the Kazakh rules: required for each workstation and server (KZ-A). */
const KZ_COLUMNS = ['unit', 'os'] as const

/** Sections whose entries are objects of informatization. */
const OBJECTS: readonly Section[] = ['systems', 'assets', 'sources']

const PERSON_FIELDS = ['department', 'position', 'address', 'phone', 'mobile', 'email'] as const
/** Roles of the person or unit whom a manager appoints (Article 7(1)). */
const IN_CHARGE = ['unit-in-charge', 'operator'] as const
/** From this class on the duties of Article 5 bind (VN-5.0). */
const LEAST_BOUND_CLASS = 3

/**
 * Checks entries against each other and against what is in force: one body for each entry, one entry for each id, one asset for
 * each address and each network name of a circuit, what the law wants filled in. A faulty entry is left out, and what it would
 * have replaced stays in force; so the rest is checked again until nothing more is found.
 */
export function checkEntries(
  entries: readonly Located[],
  current: Registry,
): { accepted: Located[]; faults: EntryFault[] } {
  const faults: EntryFault[] = []
  let accepted = [...entries]
  for (;;) {
    const found: EntryFault[] = []
    const complain: Complain = (located, field, reason) =>
      found.push({ located, field, place: located.placeOf(field), reason })
    const once = withoutSecond(accepted, complain)
    const future = copyOf(current)
    for (const { section, entry } of once) future[section].set(entry.id, { entry, changedAt: 0 })
    for (const located of once) {
      bodyOf(located, future, complain)
      if (located.section === 'assets') kazakhColumns(located, future, complain)
      if (located.section === 'contacts') contactFields(located, future, complain)
      if (located.section === 'systems') someoneInCharge(located, future, complain)
    }
    uniqueAssets(once, current, complain)
    if (found.length === 0) return { accepted, faults }
    faults.push(...found)
    const faulty = new Set(found.map(({ located }) => located))
    accepted = accepted.filter((located) => !faulty.has(located))
  }
}

/** Entries whose id stands once; a second one of the same id is faulty. */
function withoutSecond(entries: readonly Located[], complain: Complain): Located[] {
  const first = new Map<string, Located>()
  return entries.filter((located) => {
    const { section, entry } = located
    const key = `${section}/${entry.id}`
    const other = first.get(key)
    if (other === undefined) first.set(key, located)
    // Assets without ids have them from their addresses: it is the address that stands there twice.
    else if (section === 'assets' && placeInCircuit(entry, 'ip') === placeInCircuit(other.entry, 'ip'))
      complain(located, 'ip', takenText(entry['ip'], other.placeOf(null)))
    else complain(located, 'id', `has "${entry.id}", which ${other.placeOf(null)} has too`)
    return other === undefined
  })
}

function takenText(value: unknown, holder: string): string {
  return `has "${String(value)}", which ${holder} has too in this circuit of the body`
}

function bodyOf(located: Located, future: OpenRegistry, complain: Complain): void {
  const field = located.section === 'constituents' ? 'parentId' : 'constituent'
  const body = located.entry[field]
  if (typeof body !== 'string') return
  const owner = future.constituents.get(body)?.entry
  if (owner === undefined) complain(located, field, `has "${body}", which is no body of the registry`)
  else if (OBJECTS.includes(located.section) && owner['country'] === 'KZ' && !isStateBody(owner))
    complain(located, field, `has "${body}", which is no state body (KZ-4)`)
}

/** What Kazakhstan monitors belongs to a state body, or is a means of the centre that works for them. */
function isStateBody(owner: Entry): boolean {
  const roles = owner['roles']
  return Array.isArray(roles) && ['state-body', 'centre', 'agency'].some((role) => roles.includes(role))
}

function kazakhColumns(located: Located, future: OpenRegistry, complain: Complain): void {
  const body = future.constituents.get(String(located.entry['constituent']))
  if (body?.entry['country'] !== 'KZ') return
  for (const field of KZ_COLUMNS)
    if (located.entry[field] === null) complain(located, field, 'must not be empty for a body of Kazakhstan (KZ-A)')
}

/** A department may leave the person's name empty, a person in Vietnam has all seven fields that are not the certificate (VN-7.4). */
function contactFields(located: Located, future: OpenRegistry, complain: Complain): void {
  const { entry } = located
  const isPerson = entry['kind'] === 'person'
  const isEmpty = (field: string): boolean => (entry[field] ?? '') === ''
  if (isEmpty('name') && (isPerson || isEmpty('department')))
    complain(located, 'name', 'must not be empty where no department is named (VN-7.4)')
  const body = future.constituents.get(String(entry['constituent']))
  if (!isPerson || body?.entry['country'] !== 'VN') return
  for (const field of PERSON_FIELDS)
    if (isEmpty(field)) complain(located, field, 'must not be empty for a person (VN-7.4)')
}

/** A Vietnamese system of class 3 or higher is set active only where its body has named who is in charge (VN-7.1). */
function someoneInCharge(located: Located, future: OpenRegistry, complain: Complain): void {
  const { entry } = located
  const constituent = String(entry['constituent'])
  if (future.constituents.get(constituent)?.entry['country'] !== 'VN') return
  if (entry['state'] !== 'active' || Number(entry['systemClass']) < LEAST_BOUND_CLASS) return
  const appointed = [...future.contacts.values()].some(
    ({ entry: contact }) =>
      contact['constituent'] === constituent &&
      contact['test'] !== true &&
      IN_CHARGE.some((role) => role === contact['role']),
  )
  if (!appointed)
    complain(
      located,
      'state',
      `is active, but ${constituent} has no contact with the role ${IN_CHARGE.join(' or ')}: a system of class ${LEAST_BOUND_CLASS} or higher needs somebody in charge (VN-7.1)`,
    )
}

/** One asset for each address and each network name of a circuit of a body; the later one of the file is faulty. */
function uniqueAssets(entries: readonly Located[], current: Registry, complain: Complain): void {
  const incoming = new Set(entries.filter(({ section }) => section === 'assets').map(({ entry }) => entry.id))
  for (const field of ['ip', 'hostname'] as const) {
    const taken = new Map<string, string>()
    for (const { entry } of current.assets.values()) {
      const key = incoming.has(entry.id) ? null : placeInCircuit(entry, field)
      if (key !== null) taken.set(key, `the asset ${entry.id}`)
    }
    for (const located of entries) {
      const key = located.section === 'assets' ? placeInCircuit(located.entry, field) : null
      if (key === null) continue
      const holder = taken.get(key)
      if (holder === undefined) taken.set(key, located.placeOf(null))
      else complain(located, field, takenText(located.entry[field], holder))
    }
  }
}

/** Takes an asset; gives what must be unique of it, null where it says nothing. */
export function placeInCircuit(entry: Readonly<Record<string, unknown>>, field: 'ip' | 'hostname'): string | null {
  const value = entry[field]
  if (typeof value !== 'string' || value === '') return null
  return JSON.stringify([
    entry['constituent'],
    entry['circuit'],
    field === 'ip' ? canonical(value) : value.toLowerCase(),
  ])
}

/** One spelling for each IPv6 address (RFC 5952, as URLs have it). */
export function canonical(ip: string): string {
  const [base = '', length] = ip.split('/')
  const spelled = isIPv6(base) && !base.includes('%') ? new URL(`http://[${base}]/`).hostname.slice(1, -1) : base
  return length === undefined ? spelled : `${spelled}/${length}`
}
