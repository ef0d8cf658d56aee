import type { Client } from '@elastic/elasticsearch'
import type { IndexPlan } from '../index-plan.ts'
import { type InForce, timeOf } from '../retention.ts'

interface Lifecycle {
  data_retention?: string
  enabled?: boolean
}
interface Simulated {
  template?: { settings?: { index?: { lifecycle?: { name?: string } } }; lifecycle?: Lifecycle }
}
interface DataStreams {
  data_streams?: { name: string; lifecycle?: Lifecycle; ilm_policy?: string; prefer_ilm?: boolean }[]
}
type Policies = Record<string, { policy?: { phases?: { delete?: { min_age?: string } } } }>

const nameOf = ({ record }: IndexPlan): string =>
  `logs-tocsin.${(record === 'enriched-event' ? 'event' : record).replaceAll('-', '_')}`

/**
 * How long Elasticsearch keeps what is written by each plan: what a new data stream would get, whatever template wins, and what each stream that is
 * there has, by its own lifecycle or by a policy of index lifecycle management.
 */
export async function lifecyclesInForce(client: Client, plans: readonly IndexPlan[]): Promise<InForce[]> {
  const found: InForce[] = []
  for (const plan of plans.filter(({ kind }) => kind === 'stream')) {
    const name = nameOf(plan)
    const { template } = await ask<Simulated>(client, 'POST', `/_index_template/_simulate_index/${name}-check`)
    const policy = template?.settings?.index?.lifecycle?.name
    found.push({
      plan,
      place:
        policy === undefined
          ? `The template in force for ${name}-*`
          : `The policy ${policy} of the template for ${name}-*`,
      keptMs: policy === undefined ? keptOf(template?.lifecycle) : await keptByPolicy(client, policy),
    })
    const { data_streams: streams = [] } = await askWhereKnown<DataStreams>(client, `/_data_stream/${name}-*`, {})
    for (const { name: stream, lifecycle, ilm_policy: ilm, prefer_ilm: prefersIlm } of streams) {
      const byPolicy = ilm !== undefined && (prefersIlm !== false || lifecycle?.enabled !== true)
      found.push({
        plan,
        place: byPolicy ? `The policy ${ilm} of the data stream ${stream}` : `The data stream ${stream}`,
        keptMs: byPolicy ? await keptByPolicy(client, ilm) : keptOf(lifecycle),
      })
    }
  }
  return found
}

/** Raises the lifecycle of streams that are there and would let records go too early; never lowers one, never touches a policy. */
export async function raiseLifecycles(client: Client, plans: readonly IndexPlan[]): Promise<string[]> {
  const raised: string[] = []
  for (const plan of plans.filter(({ kind }) => kind === 'stream')) {
    const { data_streams: streams = [] } = await askWhereKnown<DataStreams>(
      client,
      `/_data_stream/${nameOf(plan)}-*`,
      {},
    )
    for (const { name, lifecycle } of streams) {
      const keptMs = keptOf(lifecycle)
      if (keptMs === null || keptMs >= plan.retentionDays * 86_400_000) continue
      const body = { data_retention: `${plan.retentionDays}d` }
      await client.transport.request({ method: 'PUT', path: `/_data_stream/${name}/_lifecycle`, body })
      raised.push(name)
    }
  }
  return raised
}

const keptOf = (lifecycle: Lifecycle | undefined): number | null =>
  lifecycle === undefined || lifecycle.enabled === false ? null : timeOf(lifecycle.data_retention)

async function keptByPolicy(client: Client, name: string): Promise<number | null> {
  const policies = await askWhereKnown<Policies>(client, `/_ilm/policy/${encodeURIComponent(name)}`, {})
  return timeOf(policies[name]?.policy?.phases?.delete?.min_age)
}

const ask = <Body>(client: Client, method: string, path: string): Promise<Body> =>
  client.transport.request({ method, path }) as Promise<Body>

/** A server without the function (or without such a stream) has nothing there. */
async function askWhereKnown<Body>(client: Client, path: string, nothing: Body): Promise<Body> {
  try {
    return await ask<Body>(client, 'GET', path)
  } catch (error) {
    const status = (error as { meta?: { statusCode?: number } }).meta?.statusCode ?? 0
    if (status === 400 || status === 404 || status === 405) return nothing
    throw error
  }
}
