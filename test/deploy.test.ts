import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { beforeServices } from '../packages/cli/src/stack/steps.ts'
import { dockerfileProblems, ignoredBy, parseDockerfile } from './support/dockerfile.ts'

const root = join(import.meta.dirname, '..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const yaml = (path: string) => parse(text(path), { merge: true }) as Record<string, unknown>

interface Container {
  image: string
  network_mode?: string
  read_only?: boolean
  cap_drop?: string[]
  build?: { args: { SERVICE: string } }
  environment?: Record<string, unknown>
  ports?: unknown
  volumes?: string[]
}

const onDisk = readdirSync(join(root, 'services'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort((one, other) => one.localeCompare(other))
const version = (JSON.parse(text('package.json')) as { version: string }).version
const compose = yaml('deploy/compose.yaml') as { services: Record<string, Container>; volumes: Record<string, null> }

const sorted = (names: Iterable<string>) => [...names].sort((one, other) => one.localeCompare(other))

test('the services on disk, in the chart, in its schema and in the list of images are the same', () => {
  assert.equal(onDisk.length, 10)
  const chart = yaml('helm/tocsin/values.yaml') as { services: Record<string, unknown> }
  const schema = JSON.parse(text('helm/tocsin/values.schema.json')) as {
    properties: { services: { properties: object } }
  }
  const facts = text('helm/tocsin/templates/_services.tpl').matchAll(/^([a-z-]+): \{/gm)
  assert.deepEqual(sorted(Object.keys(chart.services)), onDisk, 'values.yaml')
  assert.deepEqual(sorted(Object.keys(schema.properties.services.properties)), onDisk, 'values.schema.json')
  assert.deepEqual(sorted([...facts].map((row) => row[1] ?? '')), onDisk, 'templates/_services.tpl')
  const images = execFileSync(join(root, 'deploy/docker/images.sh'), ['--list'], { encoding: 'utf8' })
    .trim()
    .split('\n')
  assert.deepEqual(
    sorted(images),
    sorted([...onDisk, 'tocsin'].map((name) => `tocsin/${name}:${version}`)),
    'images.sh --list',
  )
})

test('the services on disk and those that compose builds are the same, each under its own name and on its own port', () => {
  const built = Object.entries(compose.services).filter(([, container]) => container.build !== undefined)
  const services = built.filter(([name]) => onDisk.includes(name))
  assert.deepEqual(sorted(services.map(([name]) => name)), onDisk)
  for (const [name, container] of built) {
    const service = container.build?.args.SERVICE ?? ''
    assert.ok(service === 'tocsin' || service === name, `${name} is built as ${service}`)
    assert.equal(container.image, `tocsin/${service}:${version}`)
    assert.ok(container.read_only === true && container.cap_drop?.includes('ALL'), `${name} is not hardened`)
  }
  const adminPorts = services.map(([, container]) => container.environment?.TOCSIN_ADMIN_PORT)
  assert.equal(new Set(adminPorts).size, onDisk.length)
})

test("the chart's jobs run what compose's set-up runs, in the same order", () => {
  const jobs = [...text('helm/tocsin/templates/jobs.yaml').matchAll(/"args" \(list ([^)]+)\)/g)].map((job) =>
    (job[1] ?? '').replaceAll('"', ''),
  )
  const steps = [...text('deploy/compose.yaml').matchAll(/deploy\/docker\/start (.+)/g)].map((step) => step[1] ?? '')
  // Who sends, who is warned and what is listed are the operator's own data; compose brings the demo's.
  assert.deepEqual(
    jobs,
    steps.filter((step) => !/^(registry|intel) import/.test(step)),
  )
  assert.deepEqual(
    steps,
    beforeServices.map(({ args }) => args.join(' ')),
    'the steps of tocsin up',
  )
})

test('the chart and the images carry the version of the project', () => {
  const chart = yaml('helm/tocsin/Chart.yaml')
  assert.equal(chart.appVersion, version)
})

test('compose.yaml is valid by the schema of the Compose Specification, and the check can fail', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  const validate = ajv.compile(JSON.parse(text('test/support/compose-spec.schema.json')) as object)
  const file = parse(text('deploy/compose.yaml'), { merge: true }) as { services: Record<string, object> }
  assert.ok(validate(file), ajv.errorsText(validate.errors))
  assert.ok(!validate({ services: { ...file.services, wrong: { image: 'a', netwerk_mode: 'host' } } }))
})

test('every container of compose.yaml listens on loopback alone and has an exact image', () => {
  for (const [name, container] of Object.entries(compose.services)) {
    assert.equal(
      container.network_mode,
      'host',
      `${name}: the embedded profile is for loopback, so the machine's network is shared`,
    )
    assert.equal(container.ports, undefined, name)
    assert.match(container.image, /:v?\d+\.\d+(\.\d+)?$/, name)
    for (const [key, value] of Object.entries(container.environment ?? {})) {
      assert.doesNotMatch(String(value), /0\.0\.0\.0|\/\/:|^::$/, `${name}: ${key}`)
    }
  }
})

test('every volume that compose.yaml names is declared, and the other way round', () => {
  const used = new Set(
    Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? '')),
  )
  assert.deepEqual(sorted(used), sorted(Object.keys(compose.volumes)))
})

test('the addresses of compose.yaml are the default ones of tocsin up', () => {
  const cli = text('packages/cli/src/stack/plan.ts') + text('packages/cli/src/stack/services.ts')
  const ports = new Map(
    [...cli.matchAll(/name: '([a-z-]+)', defaultPort: (\d+)/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  )
  assert.ok(ports.size >= 8, `${ports.size} ports were found`)
  for (const [name, port] of ports) assert.match(text('deploy/compose.yaml'), new RegExp(`\\b${port}\\b`), name)
  const pom = text('deploy/embedded/pom.xml')
  for (const image of ['apache/kafka', 'elasticsearch/elasticsearch', 'apicurio/apicurio-registry']) {
    const tag = new RegExp(`${image}:([\\d.]+)`).exec(text('deploy/compose.yaml'))?.[1] ?? 'none'
    assert.ok(pom.includes(tag), `${image}:${tag} is not the version of the embedded stack`)
  }
})

const ignored = ignoredBy(text('.dockerignore'))

/** True when at least one file of the path (`$SERVICE` stands for any service) lies in the tree and gets into the context. */
function reachesTheBuild(path: string): boolean {
  return (path.includes('$SERVICE') ? onDisk : ['']).every((service) => {
    const files = filesOf(join(root, path.replace('$SERVICE', service)))
    return files.some((file) => !ignored(relative(root, file)))
  })
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) => filesOf(join(path, entry.name)))
}

test('the Dockerfile parses, copies only what is there, pins its base and ends as an ordinary user', () => {
  assert.deepEqual(dockerfileProblems(parseDockerfile(text('deploy/docker/Dockerfile')), reachesTheBuild), [])
})

const faults: Record<string, [RegExp, string]> = {
  'not an instruction': [/^USER .*$/m, 'USRE 10001'],
  'does not reach the build': [/^COPY schemas .*$/m, 'COPY schemata schemata'],
  'has no exact tag': [/node:24\.21\.0-bookworm AS manifests/, 'node:24 AS manifests'],
  'there is no stage': [/--from=pages/, '--from=page'],
  'the last USER is not a number': [/^USER .*$/m, 'USER root'],
  'STOPSIGNAL is not SIGTERM': [/^STOPSIGNAL .*$/m, ''],
  'HEALTHCHECK is missing': [/^HEALTHCHECK .*$/m, ''],
  'ENTRYPOINT is not in exec form': [/^ENTRYPOINT .*$/m, 'ENTRYPOINT deploy/docker/start'],
}
for (const [sentence, [pattern, replacement]] of Object.entries(faults)) {
  test(`a fault planted in the Dockerfile is found: ${sentence}`, () => {
    const broken = text('deploy/docker/Dockerfile').replace(pattern, replacement)
    assert.notEqual(broken, text('deploy/docker/Dockerfile'))
    const find = () => {
      const problems = dockerfileProblems(parseDockerfile(broken), reachesTheBuild)
      if (problems.length > 0) throw new Error(problems.join('; '))
    }
    assert.throws(find, new RegExp(sentence))
  })
}

test('no data, key, cache or test gets into the context of an image', () => {
  for (const path of [
    '.git/config',
    '.tocsin/clock',
    'node_modules/a',
    'services/console/node_modules/a',
    '.env',
    'server.key',
    'services/normalizer/test/a.ts',
    'deploy/embedded/pom.xml',
    'helm/tocsin/values.yaml',
    'services/console/dist/a.js',
  ]) {
    assert.ok(ignored(path), path)
  }
  for (const path of [
    'package-lock.json',
    'services/normalizer/src/main.ts',
    'test/package.json',
    'deploy/docker/start',
    'deploy/topics/topics.yaml',
  ]) {
    assert.ok(!ignored(path), path)
  }
})
