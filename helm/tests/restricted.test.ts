import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from './restricted.ts'

const good = () => ({
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: 'RuntimeDefault' } as { type: string } | undefined,
  } as Record<string, unknown>,
  volumes: [{ name: 'tmp', emptyDir: {} }] as Record<string, unknown>[],
  containers: [
    {
      name: 'one',
      ports: [{ containerPort: 9600 }] as Record<string, unknown>[],
      livenessProbe: { httpGet: { path: '/health', port: 9600 } as Record<string, unknown> },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } as Record<string, unknown>,
    },
  ],
})
type Pod = ReturnType<typeof good> & Record<string, unknown>

const faults: Record<string, (pod: Pod, container: Pod['containers'][number]) => unknown> = {
  'hostNetwork: must not be true': (pod) => (pod.hostNetwork = true),
  'hostPID: must not be true': (pod) => (pod.hostPID = true),
  'hostIPC: must not be true': (pod) => (pod.hostIPC = true),
  'kernel.msgmax is not a safe one': (pod) => (pod.securityContext.sysctls = [{ name: 'kernel.msgmax' }]),
  'kind hostPath is not allowed': (pod) => pod.volumes.push({ name: 'host', hostPath: { path: '/' } }),
  'kind nfs is not allowed': (pod) => pod.volumes.push({ name: 'nfs', nfs: {} }),
  'spec.runAsUser: must not be 0': (pod) => (pod.securityContext.runAsUser = 0),
  'containers.one.runAsUser: must not be 0': (_, container) => (container.securityContext.runAsUser = 0),
  'containers.one.runAsNonRoot: must be true': (pod) => delete pod.securityContext.runAsNonRoot,
  'containers.one.runAsNonRoot: must not be false': (_, container) => (container.securityContext.runAsNonRoot = false),
  'seccompProfile: must be set': (pod) => delete pod.securityContext.seccompProfile,
  'seccompProfile: must be RuntimeDefault or Localhost': (_, container) =>
    (container.securityContext.seccompProfile = { type: 'Unconfined' }),
  'privileged: must not be true': (_, container) => (container.securityContext.privileged = true),
  'allowPrivilegeEscalation: must be false': (_, container) =>
    delete container.securityContext.allowPrivilegeEscalation,
  'capabilities.drop: must contain ALL': (_, container) =>
    (container.securityContext.capabilities = { drop: ['NET_RAW'] }),
  'capabilities.add: only NET_BIND_SERVICE': (_, container) =>
    (container.securityContext.capabilities = { drop: ['ALL'], add: ['SYS_TIME'] }),
  'procMount: must be Default': (_, container) => (container.securityContext.procMount = 'Unmasked'),
  'hostPort 80 is not allowed': (_, container) => container.ports.push({ containerPort: 80, hostPort: 80 }),
  'livenessProbe: must not name a host': (_, container) => (container.livenessProbe.httpGet.host = '192.0.2.1'),
  'seLinuxOptions: not an allowed one': (pod) => (pod.securityContext.seLinuxOptions = { type: 'spc_t' }),
  'appArmorProfile: must not be Unconfined': (_, container) =>
    (container.securityContext.appArmorProfile = { type: 'Unconfined' }),
  'hostProcess: must not be true': (pod) => (pod.securityContext.windowsOptions = { hostProcess: true }),
  'has no container': (pod) => (pod.containers = []),
}

test('a pod that keeps every rule of Pod Security restricted is admitted', () => {
  assert.deepEqual(violations(good()), [])
})

for (const [sentence, plant] of Object.entries(faults)) {
  test(`a planted fault is found: ${sentence}`, () => {
    const pod: Pod = good()
    const container = pod.containers[0]
    assert.ok(container)
    plant(pod, container)
    assert.ok(
      violations(pod).some((violation) => violation.includes(sentence)),
      `found only: ${violations(pod).join('; ')}`,
    )
  })
}

test('a fault in an init container is found as well', () => {
  const pod: Pod = good()
  pod.initContainers = [{ name: 'first', securityContext: { privileged: true } }]
  assert.ok(violations(pod).some((violation) => violation.startsWith('initContainers.first.privileged')))
})
