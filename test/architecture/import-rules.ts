import { posix } from 'node:path'
import { importsOf, packageOf } from './code-text.ts'
import type { Manifest, SourceFile, Workspace } from './source-tree.ts'

/** What each package may import of our own; the arrows point one way. A pure package is given nothing that does I/O. */
export const PACKAGE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  '@tocsin/events': [],
  '@tocsin/runtime': [],
  '@tocsin/avro': ['@tocsin/events'],
  '@tocsin/stage': ['@tocsin/events', '@tocsin/avro', '@tocsin/runtime'],
  '@tocsin/obligations': ['@tocsin/events'],
  '@tocsin/sigma': ['@tocsin/events'],
  '@tocsin/print': ['@tocsin/runtime'],
  '@tocsin/sheets': [],
  '@tocsin/exchange': ['@tocsin/events', '@tocsin/sheets'],
  tocsin: ['@tocsin/events', '@tocsin/avro', '@tocsin/runtime', '@tocsin/stage'],
}

/** Which files may import a client of another system; everyone else uses what those files give. */
export const CLIENT_HOMES: Readonly<Record<string, RegExp>> = {
  'node-rdkafka': /^packages\/stage\/src\/kafka\//,
  kafkajs: /^packages\/stage\/src\/admin\//,
  '@kafkajs/confluent-schema-registry': /^packages\/avro\/src\/registry\.ts$/,
  '@elastic/elasticsearch': /^services\/[^/]+\/src\/adapters\//,
}
/** The one client that not even a test may import elsewhere: one native Kafka client a process. */
const NOT_IN_TESTS = new Set(['node-rdkafka'])

const isTest = (path: string): boolean => /(^|\/)(test|tests|bench)\//.test(path)
/** Code that runs where the project is installed; the rest is tests, benches and settings of build tools. */
const isShipped = (path: string): boolean => /^[a-z]+\/[^/]+\/(src|web)\//.test(path) && !isTest(path)
const serviceOf = (path: string): string | null => /^services\/([^/]+)\//.exec(path)?.[1] ?? null

/** Where a relative import leads, from the root. */
function target(file: SourceFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

/** A service never imports a service; only the command line loads a service's commands.ts. */
export function serviceImportsService(file: SourceFile, serviceNames: readonly string[]): string[] {
  const own = serviceOf(file.path)
  return importsOf(file.text).flatMap(({ from }) => {
    const other = from.startsWith('.')
      ? serviceOf(`${target(file, from)}/`)
      : (serviceNames.find((name) => packageOf(from) === `@tocsin/${name}`) ?? null)
    if (other === null || other === own) return []
    if (file.path.startsWith('packages/cli/') && /commands(\.ts)?$/.test(from)) return []
    return [`${file.path} imports the service ${other}: services meet on topics only`]
  })
}

/** Packages point one way. */
export function packagePointsBack(file: SourceFile, workspace: Workspace): string[] {
  const allowed = PACKAGE_ARROWS[workspace.name]
  if (allowed === undefined) return [`${workspace.name} is a package without a place in PACKAGE_ARROWS`]
  return importsOf(file.text).flatMap(({ from }) => {
    if (from.startsWith('.')) {
      return target(file, from).startsWith(`${workspace.folder}/`)
        ? []
        : [`${file.path} imports ${from}, outside its own workspace`]
    }
    const name = packageOf(from)
    if (name === null || !(name.startsWith('@tocsin/') || name === 'tocsin') || name === workspace.name) return []
    return allowed.includes(name) ? [] : [`${file.path} imports ${name}: ${workspace.name} may not`]
  })
}

/** The clients of Kafka, the registry and Elasticsearch stay in their folders. */
export function clientAwayFromHome(file: SourceFile): string[] {
  return importsOf(file.text).flatMap(({ from }) => {
    const client = packageOf(from) ?? ''
    const home = Object.hasOwn(CLIENT_HOMES, client) ? CLIENT_HOMES[client] : undefined
    if (home === undefined || home.test(file.path)) return []
    if (isTest(file.path) && !NOT_IN_TESTS.has(client)) return []
    return [`${file.path} imports ${client}, which belongs in ${home.source}`]
  })
}

/**
 * A workspace declares what it imports: its code among the dependencies, its tests among either. `forAllTests` are the
 * manifests whose development dependencies the tests of every workspace may use (the root's and test/'s).
 */
export function undeclaredImports(file: SourceFile, workspace: Workspace, forAllTests: readonly Manifest[]): string[] {
  const { dependencies = {}, devDependencies = {} } = workspace.manifest
  return importsOf(file.text).flatMap(({ from }) => {
    const name = packageOf(from)
    if (name === null || name === workspace.name) return []
    if (Object.hasOwn(dependencies, name)) return []
    const development = [{ devDependencies }, ...forAllTests].some((manifest) =>
      Object.hasOwn(manifest.devDependencies ?? {}, name),
    )
    if (!isShipped(file.path) && (development || name === 'tocsin' || name.startsWith('@tocsin/'))) return []
    return [`${file.path} imports ${name}, which ${workspace.folder}/package.json does not declare`]
  })
}

/** Every version is exact, so that two installs are the same. */
export function inexactVersions(workspace: Workspace): string[] {
  const { dependencies = {}, devDependencies = {} } = workspace.manifest
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) =>
    /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)
      ? []
      : [`${workspace.folder}/package.json asks for ${name} ${version}: write one exact version`],
  )
}
