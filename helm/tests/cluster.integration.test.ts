// The chart installed into a real API server: what it refuses, no schema check can know.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, Cluster, haveCluster } from './cluster.ts'
import { cases, chartFolder, have, valuesFile } from './render.ts'

const isLight = process.env.CI_LIGHT !== undefined
const why = 'the control plane is not built (make chart builds it)'

describe('installed into a real API server', { skip: isLight ? `${why}; left out in the light form` : false }, () => {
  const cluster = new Cluster()
  before(async () => {
    assert.ok(haveCluster && have.crds, `${why}: run helm/cluster.sh install`)
    cluster.start()
    await cluster.installCrds()
    // What the cases take for granted, as their administrator would have made it.
    const priority = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'siem' },
      value: 1_000,
    }
    await made('/apis/scheduling.k8s.io/v1/priorityclasses', priority)
    for (const node of ['node-1', 'node-2', 'node-3']) {
      const labels = { zone: 'a' }
      assert.equal((await cluster.ask('PATCH', `/api/v1/nodes/${node}`, { metadata: { labels } })).status, 200)
    }
  })
  after(() => cluster.stop())

  async function made(path: string, body: object): Promise<void> {
    const { status, body: answer } = await cluster.ask('POST', path, body)
    assert.equal(status, 201, answer.message)
  }

  const list = async (path: string): Promise<NonNullable<Answer['items']>> => {
    const { status, body } = await cluster.ask('GET', path)
    assert.equal(status, 200, body.message)
    return body.items ?? []
  }

  for (const name of cases) {
    test(`${name}: helm install --wait succeeds under Pod Security restricted, every pod runs, uninstall leaves no workload`, async () => {
      const namespace = `siem-${name}`
      await made('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      if (name === 'air-gap') {
        const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'tocsin' } }
        await made(`/api/v1/namespaces/${namespace}/serviceaccounts`, account)
      }
      // kwok binds volumes of its own class only.
      const storage = name === 'full' ? ['--set', 'services.correlation-engine.storage.className=kwok-volume'] : []
      const common = ['--namespace', namespace, '--values', valuesFile(name), ...storage]
      const installed = await cluster.helm('install', 'bell', chartFolder, ...common, '--wait', '--timeout', '100s')
      assert.equal(installed.code, 0, installed.errors)
      const sets = await list(`/apis/apps/v1/namespaces/${namespace}/statefulsets`)
      assert.ok(sets.length >= 7, `${sets.length} stateful sets`)
      for (const { metadata, spec, status } of sets) assert.equal(status?.readyReplicas, spec?.replicas, metadata.name)
      const pods = await list(`/api/v1/namespaces/${namespace}/pods`)
      for (const { metadata, status } of pods) assert.match(status?.phase ?? '', /^(Running|Succeeded)$/, metadata.name)
      const refused = (await list(`/api/v1/namespaces/${namespace}/events`)).filter(
        ({ type, reason }) => type === 'Warning' && reason === 'FailedCreate',
      )
      assert.deepEqual(
        refused.map(({ message }) => message),
        [],
      )

      const again = await cluster.helm(
        'upgrade',
        'bell',
        chartFolder,
        ...common,
        '--set',
        'services.normalizer.replicas=3',
        '--wait',
        '--timeout',
        '100s',
      )
      assert.equal(again.code, 0, again.errors)

      const gone = await cluster.helm('uninstall', 'bell', '--namespace', namespace, '--wait', '--timeout', '100s')
      assert.equal(gone.code, 0, gone.errors)
      for (const kind of ['statefulsets', 'deployments']) {
        assert.deepEqual(await list(`/apis/apps/v1/namespaces/${namespace}/${kind}`), [], kind)
      }
    })
  }

  test('the same server refuses a pod that asks for more than restricted allows', async () => {
    const spec = { hostNetwork: true, containers: [{ name: 'x', image: 'registry.example/x:1' }] }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greedy' }, spec }
    const { status, body } = await cluster.ask('POST', '/api/v1/namespaces/default/pods', pod)
    assert.equal(status, 403)
    assert.match(body.message ?? '', /violates PodSecurity "restricted:latest": host namespaces/)
  })
})
