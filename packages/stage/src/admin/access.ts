import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type KafkaSettings, messageOf, TocsinError } from '@tocsin/runtime'
import kafkajs, { type AclFilter, type Admin, type DescribeAclResource } from 'kafkajs'
import { type AccessChange, type AccessState, diffAccess, type GrantedRight, isStray } from './access-diff.ts'
import { type AccessPlan, planAccess, type Right } from './access-plan.ts'
import { clientConfig, withAdmin } from './connect.ts'
import { alterUserQuotas, describeUserQuotas, QuotaError, type QuotaSetting } from './quota-wire.ts'

// CommonJS: its named exports are not seen by Node's module loader.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, ResourcePatternTypes } = kafkajs

const CLUSTER_AUTHORIZATION_FAILED = 31
const SEEN_TIMEOUT_MS = 60_000

/** Where the plan comes from. */
export interface AccessFiles {
  topicsFile: string
  accessFile: string
  /** Put before every topic, group and transaction. */
  prefix: string
}

/** What `topics apply` would change and has changed; null where the brokers have no authorizer, and grant everything. */
export type AccessChanges = AccessChange[] | null

/** Gives the differences between files and cluster. Throws `TocsinError('bad_access' | 'access_refused')`. */
export async function diffAccessFiles(cluster: KafkaSettings, files: AccessFiles): Promise<AccessChanges> {
  return withAdmin(cluster, async (admin) => look(admin, cluster, planOf(files)))
}

/**
 * Grants and limits as the files say and gives what was changed. Strays are taken away only with `prune`; what denies is
 * never touched. Throws `TocsinError('bad_access' | 'access_refused')`.
 */
export async function applyAccess(
  cluster: KafkaSettings,
  files: AccessFiles,
  { prune }: { prune: boolean },
): Promise<AccessChanges> {
  return withAdmin(cluster, async (admin) => {
    const plan = planOf(files)
    const found = await look(admin, cluster, plan)
    if (found === null) return null
    const changes = found.filter((change) => prune || !isStray(change))
    await permitted(() => change(admin, cluster, changes))
    if (changes.length > 0) await untilSeen(async () => (await look(admin, cluster, plan)) ?? [], prune)
    return changes
  })
}

/** A broker learns of a right a moment after the controller has written it; whoever is told "made" may count on it. */
async function untilSeen(left: () => Promise<AccessChange[]>, prune: boolean): Promise<void> {
  const giveUpMs = performance.now() + SEEN_TIMEOUT_MS
  while ((await left()).some((change) => prune || !isStray(change))) {
    if (performance.now() > giveUpMs)
      throw new TocsinError(
        'access_not_seen',
        `Kafka took the rights and quotas, but does not show all of them after ${SEEN_TIMEOUT_MS / 1_000} seconds: look with \`tocsin topics diff\`.`,
      )
    await pause(100)
  }
}

function planOf({ topicsFile, accessFile, prefix }: AccessFiles): AccessPlan {
  return planAccess(readFileSync(topicsFile, 'utf8'), readFileSync(accessFile, 'utf8'), prefix)
}

async function look(admin: Admin, cluster: KafkaSettings, plan: AccessPlan): Promise<AccessChanges> {
  return permitted(async () => {
    const resources = await describeAll(admin)
    if (resources === null) return null
    const state: AccessState = {
      rights: resources.flatMap(grantedRights),
      quotas: await describeUserQuotas(new Kafka(clientConfig(cluster))),
    }
    return diffAccess(plan, state)
  })
}

async function describeAll(admin: Admin): Promise<DescribeAclResource[] | null> {
  try {
    const everything = {
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    }
    return (await admin.describeAcls(everything)).resources
  } catch (error) {
    if ((error as { type?: string }).type === 'SECURITY_DISABLED') return null
    throw error
  }
}

/** Creates before it removes: nobody is without a right that the file gives, not even for a moment. */
async function change(admin: Admin, cluster: KafkaSettings, changes: readonly AccessChange[]): Promise<void> {
  const rights = changes.flatMap((change) => (change.kind === 'allow' ? [change.right] : []))
  if (rights.length > 0) await admin.createAcls({ acl: rights.map(entryOf) })
  const settings = changes.flatMap((change): QuotaSetting[] => {
    if (change.kind === 'limit') return [{ user: change.user, quota: change.quota, value: change.to }]
    return change.kind === 'stray-limit' ? [{ user: change.user, quota: change.quota, value: null }] : []
  })
  if (settings.length > 0) await alterUserQuotas(new Kafka(clientConfig(cluster)), settings)
  const filters = changes.flatMap((change) => (change.kind === 'stray-right' ? [filterOf(change.right)] : []))
  if (filters.length > 0) await admin.deleteAcls({ filters })
}

const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
}
const OPERATIONS = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  describe: AclOperationTypes.DESCRIBE,
}
const PATTERNS = { literal: ResourcePatternTypes.LITERAL, prefixed: ResourcePatternTypes.PREFIXED }

function entryOf({ principal, resource, name, pattern, operation }: Right) {
  return {
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
    principal,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }
}

function filterOf({ principal, host, name, codes }: GrantedRight): AclFilter {
  return { ...codes, resourceName: name, principal, host, permissionType: AclPermissionTypes.ALLOW }
}

function grantedRights({ resourceType, resourceName, resourcePatternType, acls }: DescribeAclResource): GrantedRight[] {
  const nameIn = <Name extends string>(names: Readonly<Record<Name, number>>, code: number) =>
    (Object.keys(names) as Name[]).find((name) => names[name] === code)
  return acls
    .filter(({ permissionType }) => permissionType === AclPermissionTypes.ALLOW)
    .map(({ principal, host, operation }) => ({
      principal,
      host,
      resource: resourceType === AclResourceTypes.CLUSTER ? 'cluster' : (nameIn(RESOURCES, resourceType) ?? 'other'),
      name: resourceName,
      pattern: nameIn(PATTERNS, resourcePatternType) ?? 'literal',
      operation: operation === AclOperationTypes.ALL ? 'all' : (nameIn(OPERATIONS, operation) ?? 'other'),
      codes: { resourceType, resourcePatternType, operation },
    }))
}

async function permitted<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const refused =
      (error as { type?: string }).type === 'CLUSTER_AUTHORIZATION_FAILED' ||
      (error instanceof QuotaError && error.code === CLUSTER_AUTHORIZATION_FAILED)
    if (!refused) throw error
    throw new TocsinError(
      'access_refused',
      `Kafka does not let this user see or change rights and quotas (${messageOf(error)}): give it Alter, Describe and DescribeConfigs, AlterConfigs on the cluster, or leave them alone with --topics-only.`,
      error,
    )
  }
}
