// The house rules of docs/architecture.md and CONTRIBUTING.md, read from the files alone. Each rule is a function in
// test/architecture/ and is first shown a text that breaks it: a rule that cannot fail proves nothing.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { settingName } from '@tocsin/runtime'
import {
  clientAwayFromHome,
  inexactVersions,
  packagePointsBack,
  serviceImportsService,
  undeclaredImports,
} from './architecture/import-rules.ts'
import { type OutsideException, reachesOutside, touched } from './architecture/outside-rules.ts'
import {
  missingParts,
  namelessParts,
  notKebab,
  tooLong,
  unexplainedAny,
  unexplainedSettings,
} from './architecture/shape-rules.ts'
import {
  type Manifest,
  pathsBelow,
  root,
  sourcesIn,
  textOf,
  type Workspace,
  workspaces,
} from './architecture/source-tree.ts'

const all = workspaces()
const services = all.filter(({ folder }) => folder.startsWith('services/'))
const serviceNames = services.map(({ folder }) => folder.slice('services/'.length))
const code = sourcesIn('packages', 'services').filter(({ path }) => /^(packages|services)\/[^/]+\/src\//.test(path))
// Without this file: its fixtures break the rules on purpose.
const everything = sourcesIn('packages', 'services', 'test', 'bench', 'helm', 'deploy').filter(
  ({ path }) => path !== 'test/architecture.test.ts',
)
const paths = new Set(
  ['packages', 'services', 'test', 'bench', 'helm', 'deploy', 'schemas', 'rules', 'regulations', 'docs'].flatMap(
    pathsBelow,
  ),
)
const workspaceOf = (path: string): Workspace | undefined => all.find(({ folder }) => path.startsWith(`${folder}/`))
const rootManifest = JSON.parse(textOf('package.json')) as Manifest
const forAllTests = [rootManifest, JSON.parse(textOf('test/package.json')) as Manifest]

/** Files that reach outside without being a shell, each with its reason. Another one needs a better reason than these. */
const OUTSIDE_EXCEPTIONS: readonly OutsideException[] = [
  {
    path: /^services\/syslog-ingest\/src\/ingest\.ts$/,
    touches: ['node:timers/promises', 'setTimeout()', 'setInterval()'],
    why: 'the only service without a stage has no loop to give it ticks; its core, intake.ts, takes time as an argument',
  },
  {
    path: /^services\/console\/src\/page\//,
    touches: ['fetch()', 'Date.now()', 'setTimeout()', 'setInterval()'],
    why: 'runs in the browser',
  },
]

const none = (violations: readonly string[]): void => assert.deepEqual([...new Set(violations)], [])

describe('there is something to check', () => {
  test('the ten services, the ten packages and their files are found', () => {
    assert.equal(services.length, 10)
    assert.deepEqual(
      all
        .filter(({ folder }) => folder.startsWith('packages/'))
        .map(({ folder }) => folder)
        .sort(),
      ['avro', 'cli', 'events', 'exchange', 'obligations', 'print', 'runtime', 'sheets', 'sigma', 'stage'].map(
        (name) => `packages/${name}`,
      ),
    )
    assert.ok(code.length > 200, `only ${code.length} files of code were found`)
    assert.ok(
      code.some(({ text }) => text.includes("from '@tocsin/stage/kafka'")),
      'no service uses the Kafka side',
    )
  })
})

describe('who may import whom', () => {
  test('a service never imports a service', () => {
    const wrong = {
      path: 'services/a/src/x.ts',
      text: "import { y } from '../../b/src/y.ts'\nawait import('@tocsin/c/commands')",
    }
    assert.equal(serviceImportsService(wrong, ['a', 'b', 'c']).length, 2)
    assert.equal(
      serviceImportsService(
        { ...wrong, path: 'packages/sigma/src/x.ts', text: "import '../../../services/b/src/y.ts'" },
        ['b'],
      ).length,
      1,
    )
    none(
      everything
        .filter(({ path }) => !path.startsWith('test/') && !path.includes('/test/'))
        .flatMap((file) => serviceImportsService(file, serviceNames)),
    )
    none(
      everything
        .filter(({ path }) => /^services\/[^/]+\/test\//.test(path))
        .flatMap((file) => serviceImportsService(file, serviceNames)),
    )
  })

  test('packages point one way', () => {
    const sigma: Workspace = { folder: 'packages/sigma', name: '@tocsin/sigma', manifest: { name: '@tocsin/sigma' } }
    assert.equal(
      packagePointsBack({ path: 'packages/sigma/src/x.ts', text: "import { s } from '@tocsin/stage'" }, sigma).length,
      1,
    )
    assert.equal(
      packagePointsBack(
        { path: 'packages/sigma/src/x.ts', text: "import { s } from '../../stage/src/index.ts'" },
        sigma,
      ).length,
      1,
    )
    assert.equal(
      packagePointsBack({ path: 'packages/x/src/x.ts', text: '' }, { ...sigma, name: '@tocsin/x' }).length,
      1,
    )
    none(
      code
        .filter(({ path }) => path.startsWith('packages/'))
        .flatMap((file) => packagePointsBack(file, workspaceOf(file.path) as Workspace)),
    )
  })

  test('each client of another system is imported in one place', () => {
    for (const client of ['node-rdkafka', 'kafkajs', '@kafkajs/confluent-schema-registry', '@elastic/elasticsearch']) {
      assert.equal(
        clientAwayFromHome({ path: 'services/a/src/x.ts', text: `import x from '${client}'` }).length,
        1,
        client,
      )
    }
    const required = "const rdkafka = createRequire(import.meta.url)('node-rdkafka')"
    assert.equal(clientAwayFromHome({ path: 'packages/stage/test/x.test.ts', text: required }).length, 1)
    none(everything.flatMap(clientAwayFromHome))
    for (const client of ['node-rdkafka', 'kafkajs', '@elastic/elasticsearch']) {
      assert.ok(
        everything.some(({ text }) => text.includes(`'${client}'`)),
        `${client} is used nowhere`,
      )
    }
  })

  test('every workspace declares what it imports', () => {
    const workspace: Workspace = {
      folder: 'services/a',
      name: '@tocsin/a',
      manifest: { name: '@tocsin/a', devDependencies: { 'some-lib': '5.7.9' } },
    }
    const file = { path: 'services/a/src/x.ts', text: "import x from 'some-lib'" }
    assert.equal(undeclaredImports(file, workspace, forAllTests).length, 1)
    assert.equal(undeclaredImports({ ...file, path: 'services/a/test/x.ts' }, workspace, forAllTests).length, 0)
    none(
      everything.flatMap((file) => {
        const workspace = workspaceOf(file.path)
        return workspace === undefined ? [] : undeclaredImports(file, workspace, forAllTests)
      }),
    )
  })

  test('every dependency is one exact version', () => {
    assert.equal(
      inexactVersions({
        folder: 'x',
        name: 'x',
        manifest: { name: 'x', dependencies: { a: '^1.2.3', b: '*', c: '1.2.3' } },
      }).length,
      2,
    )
    none([...all, { folder: '.', name: rootManifest.name, manifest: rootManifest }].flatMap(inexactVersions))
  })
})

describe('pure core, thin shell', () => {
  test('environment, network, disk and clock are touched by shells only', () => {
    const texts = [
      'const port = process.env.PORT',
      "import { readFileSync } from 'node:fs'",
      "import { setTimeout as pause } from 'node:timers/promises'",
      'const now = Date.now()',
      'const now = new Date()',
      'setInterval(() => {}, 5)',
      "await fetch('http://x')",
    ]
    for (const text of texts) {
      assert.equal(reachesOutside({ path: 'services/a/src/verb.ts', text }).length, 1, text)
      assert.equal(reachesOutside({ path: 'services/a/src/main.ts', text }).length, 0, text)
    }
    const harmless = "import { isIPv4 } from 'node:net'\n// Date.now()\nconst at = new Date(ms)\nlog('process.env')"
    assert.deepEqual(touched({ path: 'services/a/src/verb.ts', text: harmless }), [])
    none(code.flatMap((file) => reachesOutside(file, OUTSIDE_EXCEPTIONS)))
  })

  test('no exception outlives its reason', () => {
    for (const { path, touches, why } of OUTSIDE_EXCEPTIONS) {
      const files = code.filter((file) => path.test(file.path))
      if (files.length === 0) continue
      const used = new Set(files.flatMap(touched))
      assert.ok(
        touches.some((what) => used.has(what)),
        `${path.source} touches none of ${touches.join(', ')} any more (${why})`,
      )
    }
  })
})

describe('names and shapes', () => {
  test('nothing is called common, utils, helpers, shared or misc', () => {
    for (const path of [
      'packages/common/x.ts',
      'services/a/src/utils.ts',
      'services/a/src/helper.ts',
      'docs/misc/a.md',
    ]) {
      assert.equal(namelessParts(path).length, 1, path)
    }
    assert.deepEqual(namelessParts('services/a/src/common-name.ts'), [])
    none([...paths].flatMap(namelessParts))
  })

  test('files of code are kebab-case and have at most 400 lines', () => {
    assert.equal(notKebab('services/a/src/someFile.ts').length, 1)
    assert.equal(tooLong({ path: 'services/a/src/x.ts', text: '\n'.repeat(400) }).length, 1)
    none(everything.flatMap(({ path }) => notKebab(path)))
    none(code.flatMap(tooLong))
  })

  test('any is explained where it stands', () => {
    assert.equal(unexplainedAny({ path: 'x.ts', text: 'const x: any = 1' }).length, 1)
    assert.equal(unexplainedAny({ path: 'x.ts', text: 'f(x as any)' }).length, 1)
    assert.deepEqual(unexplainedAny({ path: 'x.ts', text: '// The library has no types.\nconst x: any = 1' }), [])
    none(code.flatMap(unexplainedAny))
  })

  test('every service has a README, a main and a config', () => {
    assert.equal(missingParts('services/a', new Set(['services/a/README.md', 'services/a/src/main.ts'])).length, 2)
    none(services.flatMap(({ folder }) => missingParts(folder, paths)))
  })

  test("a service's README names every setting of its config.ts", async () => {
    const settings = [{ name: 'A_B_USER_NAME', setting: 'userName' }]
    assert.equal(unexplainedSettings('a-b', settings, 'no table').length, 1)
    assert.deepEqual(unexplainedSettings('a-b', settings, '`A_B_HOST`, `_USER_NAME`'), [])
    for (const service of serviceNames) {
      const file = join(root, 'services', service, 'src/config.ts')
      if (!existsSync(file)) continue // said by the test before
      const { settings: schema } = (await import(pathToFileURL(file).href)) as { settings?: { shape: object } }
      assert.ok(schema !== undefined, `services/${service}/src/config.ts exports no settings`)
      const names = Object.keys(schema.shape).map((setting) => ({ name: settingName(service, setting), setting }))
      none(unexplainedSettings(service, names, textOf(`services/${service}/README.md`)))
    }
  })
})
