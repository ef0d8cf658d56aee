import type { Incident } from '@tocsin/events'
import { isStronger, TLP, tlpOf } from '@tocsin/exchange'
import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'

const contractSchema = z.strictObject({
  agency: z.string().regex(/^[a-z0-9][a-z0-9-]{1,40}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)).min(1),
  strongestTlp: z.enum(TLP),
  restrictions: z.array(z.enum(['none', 'need-to-know', 'private'])),
  exercises: z.boolean(),
  /** Sharing groups: where there are any, only cases that somebody shared with one of them go (VN-8.1). */
  groups: z.array(z.string().min(1).max(200)).max(50).default([]),
})

/** What one agency may see. */
export type Contract = Readonly<z.infer<typeof contractSchema>>

/** Takes the text of contracts.yaml; gives the contracts. Throws `TocsinError('bad_contracts')` naming what is wrong. */
export function loadContracts(text: string): Contract[] {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 100 })
  } catch (error) {
    throw new TocsinError('bad_contracts', 'The agency contracts are no YAML; correct contracts.yaml.', error)
  }
  const result = z.array(contractSchema).max(200).safeParse(document)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new TocsinError(
      'bad_contracts',
      `The agency contracts are wrong at ${issue?.path.join('.') ?? 'the top'}: ${issue?.message ?? ''}.`,
    )
  }
  const agencies = result.data.map(({ agency }) => agency)
  const twice = agencies.find((agency, index) => agencies.indexOf(agency) !== index)
  if (twice !== undefined) throw new TocsinError('bad_contracts', `The agency ${twice} has two contracts.`)
  return result.data
}

/** True when the agency may see the case of a body in `country` (VN-3.4b and the like; operations.md S-24: fails closed). */
export function maySee(contract: Contract, incident: Incident, country: string | undefined): boolean {
  if (country === undefined || !contract.countries.includes(country)) return false
  if (incident.exercise && !contract.exercises) return false
  if (isStronger(markingFor(contract, incident), contract.strongestTlp)) return false
  if (contract.groups.length > 0 && sharesWith(contract, incident).length === 0) return false
  return contract.restrictions.some((restriction) => restriction === incident.restriction)
}

const sharesWith = ({ groups }: Contract, { shares = [] }: Partial<Pick<Incident, 'shares'>>) =>
  shares.filter(({ group }) => groups.includes(group))

/** Under which marking the agency gets the case: the case's own, or the stronger one under which it was shared with it. */
export function markingFor(contract: Contract, incident: Incident): string {
  return sharesWith(contract, incident).reduce(
    (marking, { tlp }) => (isStronger(tlp, tlpOf(marking)) ? tlp : marking),
    incident.tlp,
  )
}
