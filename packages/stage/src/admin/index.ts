import { readFileSync } from 'node:fs'
import { type KafkaSettings, TocsinError } from '@tocsin/runtime'
import kafkajs, { type Admin } from 'kafkajs'
import { withAdmin } from './connect.ts'
import { diffTopics, planTopics, type TopicChange, type TopicPlan, type TopicState } from './plan.ts'

// CommonJS: its named exports are not seen by Node's module loader.
const { ConfigResourceTypes } = kafkajs

export { type AccessChanges, type AccessFiles, applyAccess, diffAccessFiles } from './access.ts'
export { type AccessChange, describeAccessChange, diffAccess, isStray } from './access-diff.ts'
export { planAccess } from './access-plan.ts'
export { clientConfig, withAdmin } from './connect.ts'
export { describeChange, diffTopics, planTopics, type TopicChange, type TopicPlan } from './plan.ts'

/** Gives what `tocsin topics apply` would change. */
export async function diffTopicsFile(
  cluster: string | KafkaSettings,
  file: string,
  prefix = '',
): Promise<TopicChange[]> {
  return withAdmin(cluster, async (admin) => (await look(admin, file, prefix)).changes)
}

/**
 * Makes the cluster as `file` says and gives what was changed; nothing when it already is. Throws
 * `TocsinError('topics_refused')` where the file asks for what Kafka cannot do, before anything is changed.
 */
export async function applyTopics(cluster: string | KafkaSettings, file: string, prefix = ''): Promise<TopicChange[]> {
  return withAdmin(cluster, async (admin) => {
    const { changes, plans } = await look(admin, file, prefix)
    const refused = changes.find((change) => change.kind === 'refuse')
    if (refused !== undefined) throw new TocsinError('topics_refused', `The topic ${refused.topic} ${refused.reason}.`)
    await create(admin, changes)
    await addPartitions(admin, changes)
    await setConfigs(admin, changes, plans)
    return changes
  })
}

async function look(
  admin: Admin,
  file: string,
  prefix: string,
): Promise<{ changes: TopicChange[]; plans: TopicPlan[] }> {
  const { brokers } = await admin.describeCluster()
  const plans = planTopics(readFileSync(file, 'utf8'), { prefix, brokers: brokers.length })
  const known = new Set(await admin.listTopics())
  const present = plans.filter((plan) => known.has(plan.name))
  const states = new Map<string, TopicState>()
  if (present.length > 0) {
    const { topics } = await admin.fetchTopicMetadata({ topics: present.map((plan) => plan.name) })
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: present.map((plan) => ({ type: ConfigResourceTypes.TOPIC, name: plan.name })),
    })
    for (const { name, partitions } of topics) {
      const entries = resources.find((resource) => resource.resourceName === name)?.configEntries ?? []
      const config = Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue]))
      states.set(name, { partitions: partitions.length, config })
    }
  }
  return { changes: diffTopics(plans, states), plans }
}

async function create(admin: Admin, changes: readonly TopicChange[]): Promise<void> {
  const topics = changes.flatMap((change) => (change.kind === 'create' ? [change.plan] : []))
  if (topics.length === 0) return
  await admin.createTopics({
    waitForLeaders: true,
    timeout: 60_000,
    topics: topics.map((plan) => ({
      topic: plan.name,
      numPartitions: plan.partitions,
      replicationFactor: plan.replication,
      configEntries: Object.entries(plan.config).map(([name, value]) => ({ name, value })),
    })),
  })
}

async function addPartitions(admin: Admin, changes: readonly TopicChange[]): Promise<void> {
  const topicPartitions = changes.flatMap((change) =>
    change.kind === 'add-partitions' ? [{ topic: change.topic, count: change.to }] : [],
  )
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions })
}

async function setConfigs(admin: Admin, changes: readonly TopicChange[], plans: readonly TopicPlan[]): Promise<void> {
  const names = new Set(changes.flatMap((change) => (change.kind === 'set' ? [change.topic] : [])))
  const resources = plans
    .filter((plan) => names.has(plan.name))
    .map((plan) => ({
      type: ConfigResourceTypes.TOPIC,
      name: plan.name,
      configEntries: Object.entries(plan.config).map(([name, value]) => ({ name, value })),
    }))
  if (resources.length > 0) await admin.alterConfigs({ validateOnly: false, resources })
}
