import { parse } from 'yaml'
import { changelogTopic } from '../store.ts'

/** A topic as it should be. */
export interface TopicPlan {
  name: string
  partitions: number
  replication: number
  /** Topic settings, Kafka names. */
  config: Readonly<Record<string, string>>
}

/** What the cluster is, beside the file. */
export interface PlanOptions {
  /** Put before every name. */
  prefix: string
  /** Brokers in the cluster: replication and min.insync.replicas never exceed what it can hold. */
  brokers: number
}

interface TopicsFile {
  defaults: { replication: number; minInSyncReplicas: number; maxMessageBytes: number; compression: string }
  topics: { name: string; partitions: number; retention: string; cleanup: string; maxMessageBytes?: number }[]
  changelogs: { stage: string; stores: string[]; partitions: number }[]
  feeds: { agencies: string[]; partitions: number; retention: string; cleanup: string }
}

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 }

/** Takes the text of deploy/topics/topics.yaml; gives every topic as it should be. Throws on a wrong retention. */
export function planTopics(text: string, options: PlanOptions): TopicPlan[] {
  const file = parse(text) as TopicsFile
  const replication = Math.min(file.defaults.replication, options.brokers)
  const minInSync = Math.max(1, Math.min(file.defaults.minInSyncReplicas, replication))
  const base = {
    'min.insync.replicas': String(minInSync),
    'compression.type': file.defaults.compression,
    'unclean.leader.election.enable': 'false',
  }
  const plan = (
    name: string,
    partitions: number,
    retention: string,
    cleanup: string,
    maxMessageBytes = file.defaults.maxMessageBytes,
  ): TopicPlan => ({
    name: options.prefix + name,
    partitions,
    replication,
    config: {
      ...base,
      'max.message.bytes': String(maxMessageBytes),
      'cleanup.policy': cleanup,
      'retention.ms': String(retentionMs(name, retention)),
    },
  })
  return [
    ...file.topics.map((topic) =>
      plan(topic.name, topic.partitions, topic.retention, topic.cleanup, topic.maxMessageBytes),
    ),
    ...file.changelogs.flatMap(({ stage, stores, partitions }) =>
      stores.map((store) => plan(changelogTopic(stage, store), partitions, 'forever', 'compact')),
    ),
    ...file.feeds.agencies.map((agency) =>
      plan(`feed.${agency}`, file.feeds.partitions, file.feeds.retention, file.feeds.cleanup),
    ),
  ]
}

function retentionMs(topic: string, retention: string): number {
  if (retention === 'forever') return -1
  const match = /^(\d+)([hd])$/.exec(retention)
  const unit = UNITS_MS[match?.[2] ?? '']
  if (match === null || unit === undefined) {
    throw new RangeError(`The retention of ${topic} is "${retention}": write <n>d, <n>h or forever.`)
  }
  return Number(match[1]) * unit
}

/** A topic as it is. */
export interface TopicState {
  partitions: number
  config: Readonly<Record<string, string>>
}

/** One difference between plan and cluster. */
export type TopicChange =
  | { kind: 'create'; topic: string; plan: TopicPlan }
  | { kind: 'add-partitions'; topic: string; from: number; to: number }
  | { kind: 'set'; topic: string; setting: string; from: string; to: string }
  | { kind: 'refuse'; topic: string; reason: string }

/** Takes plan and cluster; gives what must change, nothing where they agree. Partitions are never taken away. */
export function diffTopics(plans: readonly TopicPlan[], states: ReadonlyMap<string, TopicState>): TopicChange[] {
  return plans.flatMap((plan): TopicChange[] => {
    const state = states.get(plan.name)
    if (state === undefined) return [{ kind: 'create', topic: plan.name, plan }]
    const changes: TopicChange[] = []
    if (state.partitions > plan.partitions) {
      const reason = `has ${state.partitions} partitions, the file says ${plan.partitions}: Kafka cannot take partitions away; correct the file`
      changes.push({ kind: 'refuse', topic: plan.name, reason })
    } else if (state.partitions < plan.partitions) {
      changes.push({ kind: 'add-partitions', topic: plan.name, from: state.partitions, to: plan.partitions })
    }
    for (const [setting, to] of Object.entries(plan.config)) {
      const from = state.config[setting] ?? ''
      if (from !== to) changes.push({ kind: 'set', topic: plan.name, setting, from, to })
    }
    return changes
  })
}

/** One line for people. */
export function describeChange(change: TopicChange): string {
  switch (change.kind) {
    case 'create':
      return `+ ${change.topic}: ${change.plan.partitions} partitions, ${change.plan.config['cleanup.policy']}, retention.ms ${change.plan.config['retention.ms']}`
    case 'add-partitions':
      return `~ ${change.topic}: partitions ${change.from} → ${change.to}`
    case 'set':
      return `~ ${change.topic}: ${change.setting} ${change.from} → ${change.to}`
    case 'refuse':
      return `! ${change.topic}: ${change.reason}`
    default:
      return change satisfies never
  }
}
