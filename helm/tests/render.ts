import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** A rendered Kubernetes object, as far as the checks look into it. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  // oxlint-disable-next-line typescript/no-explicit-any -- a check reads deep into objects of every kind; the schema check of kubernetes.py has already judged the shape.
  spec?: any
  data?: Record<string, string>
}

export const chartFolder = join(import.meta.dirname, '..', 'tocsin')
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tocsin')
export const helmProgram = join(cacheFolder, 'bin', 'helm')
/** Python of the virtual environment that chart.sh fills with kubernetes-validate. */
export const pythonProgram = join(cacheFolder, 'chart', 'venv', 'bin', 'python')
export const crdFolder = join(cacheFolder, 'chart', 'crds')
export const have = {
  helm: existsSync(helmProgram),
  python: existsSync(join(cacheFolder, 'chart', 'venv', 'complete')),
  crds: existsSync(join(crdFolder, 'complete')),
}

/** Values files of the cases, each with its name: `ci/full-values.yaml` → `full`. */
export const cases: readonly string[] = readdirSync(join(chartFolder, 'ci'))
  .map((file) => file.replace('-values.yaml', ''))
  .sort()

export const valuesFile = (name: string): string => join(chartFolder, 'ci', `${name}-values.yaml`)

/** Runs helm; gives exit code and both outputs. */
export function helm(...args: string[]): { code: number; output: string; errors: string } {
  const result = spawnSync(helmProgram, args, { encoding: 'utf8', maxBuffer: 64 << 20 })
  return { code: result.status ?? 1, output: result.stdout, errors: result.stderr }
}

/** `helm template` of one case with further arguments; throws helm's own words when it fails. */
export function renderText(name: string, ...args: string[]): string {
  return execFileSync(
    helmProgram,
    ['template', 'bell', chartFolder, '--namespace', 'siem', '--values', valuesFile(name), ...args],
    {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
}

/** The objects of one case. */
export function render(name: string, ...args: string[]): Manifest[] {
  return parseAllDocuments(renderText(name, ...args))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null)
}

/** Objects that start pods, with the pod's template. */
export function podTemplates(
  manifests: readonly Manifest[],
): { owner: Manifest; labels: Record<string, string>; spec: Record<string, unknown> }[] {
  return manifests
    .filter((manifest) => manifest.spec?.template?.spec !== undefined)
    .map((owner) => ({ owner, labels: owner.spec.template.metadata.labels, spec: owner.spec.template.spec }))
}

/** The chart's own values. */
export const defaultValues = (): Record<string, unknown> =>
  parse(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'))

/** The schema of the values. */
export const valuesSchema = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'))
