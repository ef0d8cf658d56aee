/**
 * The rules of Pod Security level `restricted` (Kubernetes documentation, "Pod Security Standards", as of 1.37), applied to
 * a pod spec without a cluster. Each violation is one sentence that begins with the path. Linux pods only.
 */

type Json = Record<string, unknown>

const VOLUME_KINDS = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])
const SECCOMP_TYPES = new Set(['RuntimeDefault', 'Localhost'])

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : [])

/** Takes a pod spec; gives what `restricted` would refuse in it, nothing when it would be admitted. */
export function violations(spec: unknown): string[] {
  const pod = object(spec)
  const context = object(pod.securityContext)
  const found: string[] = [...hostRules(pod), ...volumeRules(pod), ...contextRules('spec', context)]
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of list(pod[kind]))
      found.push(...containerRules(`${kind}.${text(container.name)}`, container, context))
  }
  if (list(pod.containers).length === 0) found.push('spec: has no container, so nothing was checked')
  return found
}

function hostRules(pod: Json): string[] {
  const found: string[] = []
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (pod[name] === true) found.push(`spec.${name}: must not be true`)
  for (const sysctl of list(object(pod.securityContext).sysctls)) {
    if (!SAFE_SYSCTLS.has(text(sysctl.name)))
      found.push(`spec.securityContext.sysctls: ${text(sysctl.name)} is not a safe one`)
  }
  return found
}

function volumeRules(pod: Json): string[] {
  const found: string[] = []
  for (const volume of list(pod.volumes)) {
    for (const kind of Object.keys(volume)) {
      if (kind !== 'name' && !VOLUME_KINDS.has(kind))
        found.push(`volumes.${text(volume.name)}: kind ${kind} is not allowed`)
    }
  }
  return found
}

/** Rules that a pod and a container write in the same words. */
function contextRules(where: string, context: Json): string[] {
  const found: string[] = []
  if (context.runAsUser === 0) found.push(`${where}.runAsUser: must not be 0`)
  if (context.runAsNonRoot === false) found.push(`${where}.runAsNonRoot: must not be false`)
  if (object(context.windowsOptions).hostProcess === true)
    found.push(`${where}.windowsOptions.hostProcess: must not be true`)
  const selinux = object(context.seLinuxOptions)
  if (!SELINUX_TYPES.has(text(selinux.type)) || selinux.user || selinux.role)
    found.push(`${where}.seLinuxOptions: not an allowed one`)
  if (object(context.appArmorProfile).type === 'Unconfined')
    found.push(`${where}.appArmorProfile: must not be Unconfined`)
  const seccomp = object(context.seccompProfile).type
  if (seccomp !== undefined && !SECCOMP_TYPES.has(text(seccomp)))
    found.push(`${where}.seccompProfile: must be RuntimeDefault or Localhost`)
  return found
}

function containerRules(where: string, container: Json, pod: Json): string[] {
  const context = object(container.securityContext)
  const capabilities = object(context.capabilities)
  const dropped = (capabilities.drop ?? []) as string[]
  const added = (capabilities.add ?? []) as string[]
  const found = contextRules(where, context)
  if (context.privileged === true) found.push(`${where}.privileged: must not be true`)
  if (context.allowPrivilegeEscalation !== false) found.push(`${where}.allowPrivilegeEscalation: must be false`)
  if (!dropped.includes('ALL')) found.push(`${where}.capabilities.drop: must contain ALL`)
  if (added.some((name) => name !== 'NET_BIND_SERVICE'))
    found.push(`${where}.capabilities.add: only NET_BIND_SERVICE is allowed`)
  if ((context.procMount ?? 'Default') !== 'Default') found.push(`${where}.procMount: must be Default`)
  if ((context.runAsNonRoot ?? pod.runAsNonRoot) !== true)
    found.push(`${where}.runAsNonRoot: must be true here or in the pod`)
  const seccomp = object(context.seccompProfile).type ?? object(pod.seccompProfile).type
  if (!SECCOMP_TYPES.has(text(seccomp))) found.push(`${where}.seccompProfile: must be set here or in the pod`)
  for (const port of list(container.ports))
    if (port.hostPort) found.push(`${where}.ports: hostPort ${text(port.hostPort)} is not allowed`)
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const action = object(object(container[probe]).httpGet ?? object(container[probe]).tcpSocket)
    if (action.host) found.push(`${where}.${probe}: must not name a host`)
  }
  return found
}
