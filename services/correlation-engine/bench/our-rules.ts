import { join } from 'node:path'
import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent } from '@tocsin/events'
import { readRuleFiles } from '../src/adapters/rule-files.ts'
import { ruleSetsOf } from '../src/rule-sets.ts'
import { compileSets, type RulesInForce } from '../src/rules-in-force.ts'

/** The rules that are shipped, compiled as the engine does. */
export async function ourRules(): Promise<RulesInForce> {
  const root = join(import.meta.dirname, '../../../rules')
  const { inForce } = compileSets(
    ruleSetsOf(root, await readRuleFiles([root]), { publishedAt: 0, publishedBy: 'bench' }),
  )
  if (inForce === null) throw new Error('Our own rules do not compile.')
  return inForce
}

const EMPTY = Object.fromEntries(
  schemaOf('enriched-event').fields.map(({ name, type }) => {
    const shape = type as { type?: string } | string | unknown[]
    if (Array.isArray(shape)) return [name, null]
    if (typeof shape === 'object') return [name, shape.type === 'array' ? [] : shape.type === 'map' ? {} : 0]
    return [name, shape === 'string' ? '' : shape === 'boolean' ? false : 0]
  }),
) as unknown as EnrichedEvent

/** A login: nine in ten are from an address of its own, one in ten is a refused one from few addresses. */
export function login(n: number): EnrichedEvent {
  const isGuess = n % 10 === 0
  return {
    ...EMPTY,
    eventId: n.toString(16).padStart(32, '0'),
    occurredAt: 1_772_323_200_000 + n * 20,
    constituent: 'body-a',
    receivedAt: 1_772_323_200_000 + n * 20,
    sourceId: `source-${n % 8}`,
    original: 'a line',
    kind: 'event',
    logProduct: 'linux',
    logService: 'sshd',
    event_action: 'ssh_login',
    category: ['authentication'],
    outcome: isGuess ? 'failure' : 'success',
    user_name: `user-${n % 400}`,
    host_name: `web-${n % 50}`,
    source_ip: isGuess ? `198.51.100.${n % 7}` : `10.${(n >> 16) % 256}.${(n >> 8) % 256}.${n % 256}`,
  }
}
