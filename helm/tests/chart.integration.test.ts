import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { settingName } from '../../packages/runtime/src/config.ts'
import { readmeProblems } from './readme.ts'
import {
  cases,
  chartFolder,
  crdFolder,
  defaultValues,
  have,
  helm,
  type Manifest,
  podTemplates,
  pythonProgram,
  render,
  renderText,
  valuesFile,
  valuesSchema,
} from './render.ts'
import { violations } from './restricted.ts'
import { changed, choicesAt, leafPaths, misspell, seeded, treeOf, valueAt } from './value-paths.ts'

/** One setting of a service's zod schema, as far as this file asks it. */
interface Setting {
  safeParse(value: unknown): { success: boolean }
}

/** Oldest supported, one between, newest known. Chart.yaml's kubeVersion names the first. */
const KUBERNETES_VERSIONS = ['1.30', '1.33', '1.37']

const light = process.env.CI_LIGHT !== undefined
// In CI a missing tool is skipped by name; elsewhere it is a failure that says what to run.
const needs = (tool: keyof typeof have): { skip: string | false } => ({
  skip: light && !have[tool] ? `${tool} is not installed (make chart installs it)` : false,
})
const folder = mkdtempSync(join(tmpdir(), 'tocsin-chart-'))

function temporary(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

describe('the chart', needs('helm'), () => {
  const rendered = new Map<string, Manifest[]>()
  before(() => {
    assert.ok(have.helm, 'helm is not installed: run `make chart` (helm/chart.sh) once')
    for (const name of cases) rendered.set(name, render(name))
    assert.ok(rendered.size >= 4, 'there are values files to check')
  })
  const all = () => [...rendered].flatMap(([name, manifests]) => manifests.map((manifest) => ({ name, manifest })))
  const of = (name: string) => rendered.get(name) ?? []

  for (const name of cases) {
    test(`helm lint --strict finds nothing in the case ${name}`, () => {
      const result = helm('lint', '--strict', '--quiet', chartFolder, '--values', valuesFile(name))
      assert.equal(result.code, 0, result.output + result.errors)
    })
  }

  test('helm lint --strict refuses a chart with a broken template', () => {
    const result = helm(
      'lint',
      '--strict',
      chartFolder,
      '--values',
      valuesFile('minimal'),
      '--set-json',
      'extraObjects=[{"a":"{{ nothing }}"}]',
    )
    assert.notEqual(result.code, 0)
  })

  test('without its required values it says all that is missing at once', () => {
    const { code, errors } = helm('template', 'bell', chartFolder)
    assert.notEqual(code, 0)
    for (const key of [
      'kafka.brokers',
      'registry.url',
      'elasticsearch.url',
      'apiKeySecret',
      'global.image.registry',
      'clientCertSecret',
      'allowedCidrs',
    ]) {
      assert.match(errors, new RegExp(key.replaceAll('.', '\\.')))
    }
  })

  test('nothing rendered is null', () => {
    const nulls = (value: unknown): boolean =>
      value === null || (typeof value === 'object' && Object.values(value as object).some(nulls))
    for (const { name, manifest } of all())
      assert.ok(!nulls(manifest), `${name}: ${manifest.kind} ${manifest.metadata.name}`)
  })

  test('SEC-S5 plaintext, a floating tag, a password among the settings and a key from nowhere are refused by the schema', () => {
    const lies: Record<string, string> = {
      'kafka.securityProtocol': '"plaintext"',
      'registry.url': '"http://registry.example.gov"',
      'elasticsearch.url': '"http://search.example.gov"',
      'defaults.image.tag': '"latest"',
      'services.normalizer.image.tag': '"1"',
      'services.notifier.config.SMTP_PASSWORD': '"secret"',
      'services.normaliser.replicas': '1',
      'defaults.resources.limits.cpu': '"1"',
    }
    for (const [path, value] of Object.entries(lies)) {
      const { code, errors } = helm(
        'template',
        'bell',
        chartFolder,
        '--values',
        valuesFile('minimal'),
        '--set-json',
        `${path}=${value}`,
      )
      assert.notEqual(code, 0, `${path}=${value} was accepted`)
      assert.match(errors, /values don't meet the specifications of the schema/, `${path}=${value}`)
    }
  })

  test('fifty random misspellings of value paths are all refused', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    const random = seeded(seed)
    const values = defaultValues()
    const paths = leafPaths(values)
    // Sections of services are empty or short in values.yaml; every key of `defaults` is a key of each.
    for (const name of Object.keys(values.services as object))
      for (const path of paths) if (path[0] === 'defaults') paths.push(['services', name, ...path.slice(1)])
    for (let count = 0; count < 50; count++) {
      const path = paths[Math.floor(random() * paths.length)] ?? []
      const wrong = misspell(path, random)
      const file = temporary('misspelt.yaml', JSON.stringify(treeOf(wrong, valueAt(values, path) ?? 'x')))
      const { code, errors } = helm(
        'template',
        'bell',
        chartFolder,
        '--values',
        valuesFile('minimal'),
        '--values',
        file,
      )
      assert.ok(
        code !== 0 && /additional properties/.test(errors),
        `seed ${seed}: ${path.join('.')} misspelt as ${wrong.join('.')} passed: ${errors}`,
      )
    }
  })

  test('every path of values.yaml changes what is rendered', {
    skip: light && 'the search over all value paths is left to make chart',
  }, () => {
    const values = defaultValues()
    const bases = cases.map((name) => ({ name, text: renderText(name) }))
    const schema = valuesSchema()
    // An empty section of a service sets nothing: it stands there to be seen.
    const set = leafPaths(values).filter((path) => !(path[0] === 'services' && path.length === 2))
    const dead = set.filter((path) => {
      return !bases.some(({ name, text }) => {
        const file = temporary(
          'changed.yaml',
          JSON.stringify(treeOf(path, changed(valueAt(values, path), choicesAt(schema, path)))),
        )
        const args = [
          'template',
          'bell',
          chartFolder,
          '--namespace',
          'siem',
          '--skip-schema-validation',
          '--values',
          file,
        ]
        // The case's own file may set the same path, so it is tried below and above the change.
        return [
          [...args, '--values', valuesFile(name)],
          [...args.slice(0, -2), '--values', valuesFile(name), '--values', file],
        ].some((attempt) => helm(...attempt).output !== text)
      })
    })
    assert.deepEqual(
      dead.map((path) => path.join('.')),
      [],
    )
  })

  test('every pod is acceptable to Pod Security restricted, has a read-only root, no token, a memory limit and no CPU limit', () => {
    let pods = 0
    for (const [name, manifests] of rendered) {
      for (const { owner, spec } of podTemplates(manifests)) {
        const where = `${name}: ${owner.kind} ${owner.metadata.name}`
        pods++
        assert.deepEqual(violations(spec), [], where)
        assert.equal(spec.automountServiceAccountToken, false, where)
        assert.equal(spec.enableServiceLinks, false, where)
        for (const container of spec.containers as Manifest['spec'][]) {
          assert.equal(container.securityContext.readOnlyRootFilesystem, true, where)
          assert.ok(container.resources.limits.memory && container.resources.limits.cpu === undefined, where)
        }
      }
    }
    assert.ok(pods > 40, `${pods} pods were looked at`)
  })

  test('every service starts its pods in parallel and takes its slot from the pod ordinal', () => {
    const sets = of('full').filter((manifest) => manifest.kind === 'StatefulSet')
    assert.equal(sets.length, 10, 'the case full has every service')
    for (const set of sets) {
      assert.equal(set.spec.podManagementPolicy, 'Parallel')
      const slot = set.spec.template.spec.containers[0].env.find(
        (entry: { name: string }) => entry.name === 'TOCSIN_SLOT',
      )
      assert.equal(
        slot.valueFrom.fieldRef.fieldPath,
        "metadata.labels['apps.kubernetes.io/pod-index']",
        set.metadata.name,
      )
    }
  })

  test('SEC-S20 secrets reach a pod as files only, and only by the name of an existing Secret', () => {
    for (const { name, manifest } of all()) assert.notEqual(manifest.kind, 'Secret', `${name} renders a Secret`)
    for (const [name, manifests] of rendered) {
      for (const { owner, spec } of podTemplates(manifests)) {
        assert.doesNotMatch(JSON.stringify(spec), /secretKeyRef|"secretRef"/, `${name}: ${owner.metadata.name}`)
      }
    }
  })

  test('what an object names is there: configuration, volumes, ports, headless Services', () => {
    for (const [name, manifests] of rendered) {
      const known = new Set(manifests.map((manifest) => `${manifest.kind}/${manifest.metadata.name}`))
      const templates = podTemplates(manifests)
      for (const { owner, spec } of templates) {
        const where = `${name}: ${owner.metadata.name}`
        if (owner.kind === 'StatefulSet') assert.ok(known.has(`Service/${owner.spec.serviceName}`), where)
        const volumes = [
          ...((spec.volumes as { name: string }[] | undefined) ?? []),
          ...(owner.spec.volumeClaimTemplates ?? []).map((claim: Manifest) => claim.metadata),
        ].map((volume) => volume.name)
        for (const container of spec.containers as Manifest['spec'][]) {
          for (const source of container.envFrom ?? [])
            assert.ok(known.has(`ConfigMap/${source.configMapRef.name}`), where)
          for (const mount of container.volumeMounts ?? [])
            assert.ok(volumes.includes(mount.name), `${where} mounts ${mount.name}`)
        }
      }
      for (const service of manifests.filter((manifest) => manifest.kind === 'Service')) {
        const behind = templates.filter(({ labels }) =>
          Object.entries(service.spec.selector).every(([key, value]) => labels[key] === value),
        )
        assert.equal(behind.length, 1, `${name}: Service ${service.metadata.name} selects one workload`)
        const offered = ((behind[0]?.spec.containers ?? []) as Manifest['spec'][]).flatMap((container) =>
          container.ports.map((port: { name: string; protocol: string }) => `${port.name}/${port.protocol}`),
        )
        for (const port of service.spec.ports)
          assert.ok(
            offered.includes(`${port.targetPort}/${port.protocol}`),
            `${name}: ${service.metadata.name} ${port.targetPort}`,
          )
      }
    }
  })

  test('a workload that an autoscaler owns has no replicas, every other one has', () => {
    for (const [name, manifests] of rendered) {
      const scaled = new Set(
        manifests
          .filter((manifest) => manifest.kind === 'ScaledObject')
          .map((manifest) => manifest.spec.scaleTargetRef.name),
      )
      if (name === 'autoscaling') assert.equal(scaled.size, 2)
      for (const manifest of manifests.filter(({ kind }) => kind === 'StatefulSet')) {
        assert.equal(
          manifest.spec.replicas === undefined,
          scaled.has(manifest.metadata.name),
          `${name}: ${manifest.metadata.name}`,
        )
      }
    }
  })

  test('policies deny every pod both ways, and each edge is in the README with the same ends', () => {
    const manifests = of('full')
    const policies = manifests.filter((manifest) => manifest.kind === 'NetworkPolicy')
    const pods = podTemplates(manifests)
    const selected = (policy: Manifest) =>
      pods
        .filter(({ labels }) => matches(policy.spec.podSelector, labels))
        .map(({ labels }) => labels['app.kubernetes.io/component'] ?? '')
    const deny = policies.find((policy) => policy.metadata.name.endsWith('-deny-all'))
    assert.ok(deny)
    assert.deepEqual(
      [deny.spec.policyTypes, deny.spec.ingress, deny.spec.egress],
      [['Ingress', 'Egress'], undefined, undefined],
    )
    assert.equal(selected(deny).length, pods.length)
    const edges = policies
      .filter((policy) => policy !== deny)
      .map(
        (policy) =>
          `${policy.metadata.name.replace('national-bell-', '')}: ${selected(policy).length === pods.length ? 'all' : selected(policy).sort().join(', ')}`,
      )
    const documented = [
      ...readFileSync(join(chartFolder, 'README.md'), 'utf8').matchAll(
        /^\| `((?:to|from|test)-[a-z-]+)` \| ([^|]+) \|/gm,
      ),
    ].map((row) => `${row[1]}: ${row[2]?.trim()}`)
    assert.deepEqual(new Set(edges), new Set(documented))
  })

  test('global.image.registry moves every image, and the air-gapped case names each by digest', () => {
    for (const [name, registry] of [
      ['full', 'registry.example.gov:5000/siem/'],
      ['air-gap', 'mirror.inside:5000/'],
    ] as const) {
      const images = podTemplates(of(name)).flatMap(({ spec }) =>
        (spec.containers as { image: string }[]).map((container) => container.image),
      )
      assert.ok(images.length > 0)
      for (const image of images)
        assert.ok(image.startsWith(registry) && (name !== 'air-gap' || image.includes('@sha256:')), image)
    }
  })

  test('a changed setting changes the checksum of its own pods and of no others', () => {
    const sums = (manifests: Manifest[]) =>
      new Map(
        podTemplates(manifests).map(({ owner }) => [
          owner.metadata.name,
          owner.spec.template.metadata.annotations?.['checksum/config'],
        ]),
      )
    const [was, is] = [sums(of('minimal')), sums(render('minimal', '--set', 'services.normalizer.config.MAX_DEPTH=9'))]
    assert.deepEqual(
      [...was].filter(([name, sum]) => is.get(name) !== sum).map(([name]) => name),
      ['bell-tocsin-normalizer'],
    )
  })

  test('the settings that the chart gives to a service are ones that it has, and none that it needs is missing', async () => {
    const folder = join(import.meta.dirname, '../../services')
    let checked = 0
    for (const service of readdirSync(folder)) {
      const file = join(folder, service, 'src/config.ts')
      if (!existsSync(file)) continue
      const { settings } = (await import(file)) as { settings: { shape: Record<string, Setting> } }
      const known = new Map(
        Object.entries(settings.shape).map(([key, setting]) => [settingName(service, key), setting]),
      )
      for (const name of cases) {
        const config = of(name).find(
          ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith(`-${service}`),
        )
        if (config === undefined) continue
        checked++
        const prefix = settingName(service, '')
        const given = Object.keys(config.data ?? {}).filter((key) => key.startsWith(prefix))
        const plain = (key: string) => (known.has(key) ? key : key.replace(/_FILE$/, ''))
        for (const key of given) assert.ok(known.has(plain(key)), `${name}: ${service} has no setting ${key}`)
        for (const [key, setting] of known) {
          // Several services share a setting: it may come without the service's name.
          const names = [key, key.slice(prefix.length)].flatMap((name) => [name, `${name}_FILE`])
          const isGiven = names.some((name) => config.data?.[name] !== undefined)
          assert.ok(isGiven || setting.safeParse(undefined).success, `${name}: ${service} needs ${key}`)
        }
      }
    }
    assert.ok(checked > 10, `${checked} sets of settings were looked at`)
  })

  test('a large number among the settings is written as digits', () => {
    const config = of('full').find(
      (manifest) => manifest.kind === 'ConfigMap' && manifest.metadata.name.endsWith('syslog-ingest'),
    )
    assert.equal(config?.data?.SYSLOG_INGEST_UDP_RECEIVE_BUFFER_BYTES, '26214400')
  })

  test("a false in a service's section wins over a true in defaults", () => {
    assert.ok(
      !of('full').some(
        (manifest) => manifest.kind === 'PodDisruptionBudget' && manifest.metadata.name.endsWith('incident-manager'),
      ),
    )
  })

  test("syslog keeps the sender's address: externalTrafficPolicy is Local for UDP, TCP and TLS", () => {
    const doors = of('full').filter(
      (manifest) => manifest.kind === 'Service' && manifest.metadata.name.includes('syslog-ingest-syslog'),
    )
    assert.deepEqual(
      doors
        .flatMap((door) =>
          door.spec.ports.map(
            (port: { protocol: string; port: number }) =>
              `${port.protocol} ${port.port} ${door.spec.externalTrafficPolicy}`,
          ),
        )
        .sort((one, other) => one.localeCompare(other)),
      ['TCP 514 Local', 'TCP 6514 Local', 'UDP 514 Local'],
    )
  })

  test('the README lists the values as they are', () => {
    assert.deepEqual(readmeProblems(), [])
  })

  describe('against the schemas', needs('python'), () => {
    const judge = (files: string[], ...args: string[]) => {
      const result = spawnSync(
        pythonProgram,
        [join(import.meta.dirname, 'kubernetes.py'), '--versions', KUBERNETES_VERSIONS.join(','), ...args, ...files],
        { encoding: 'utf8' },
      )
      return { code: result.status, output: result.stdout + result.stderr }
    }
    const files = () => cases.map((name) => temporary(`${name}.yaml`, renderText(name)))

    test(`every object of every case is valid in Kubernetes ${KUBERNETES_VERSIONS.join(', ')}`, () => {
      const { code, output } = judge(files())
      assert.equal(code, 0, output)
    })

    test('the check finds a misspelt field and a field that a version does not know', () => {
      const text = renderText('minimal')
      assert.match(
        judge([temporary('misspelt-field.yaml', text.replace('serviceName:', 'servicename:'))]).output,
        /servicename/,
      )
      assert.match(
        judge([
          temporary(
            'resize.yaml',
            text.replace('podManagementPolicy: Parallel', 'podManagementPolicy: Paralel\n  revisionHistory: 1'),
          ),
        ]).output,
        /revisionHistory/,
      )
    })

    test('custom resources and the examples are valid by the CRDs of their operators', needs('crds'), () => {
      const examples = ['strimzi.yaml', 'eck.yaml'].map((file) => join(chartFolder, 'examples', file))
      const { code, output } = judge([...files(), ...examples], '--crds', crdFolder)
      assert.equal(code, 0, output)
      const wrong = temporary(
        'wrong-scaling.yaml',
        renderText('autoscaling').replace('minReplicaCount', 'minReplicasCount'),
      )
      assert.match(judge([wrong], '--crds', crdFolder).output, /minReplicasCount/)
    })
  })
})

function matches(selector: Manifest['spec'], labels: Record<string, string>): boolean {
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return (
    exact &&
    (selector.matchExpressions ?? []).every((rule: { key: string; values: string[] }) =>
      rule.values.includes(labels[rule.key] ?? ''),
    )
  )
}
