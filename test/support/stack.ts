import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { containerStack } from './container-stack.ts'
import { type Stack, type StackNeeds, stackAt } from './stack-addresses.ts'

export type { Stack, StackNeeds } from './stack-addresses.ts'

const cli = join(import.meta.dirname, '../../packages/cli/bin/tocsin.js')
const startTimeoutMs = 180_000

/**
 * Gives running servers: those named in TOCSIN_TEST_KAFKA, TOCSIN_TEST_REGISTRY and TOCSIN_TEST_ELASTICSEARCH, else containers
 * where a container engine answers, else the embedded stack. All test files of one run share one stack: it is started by the
 * first that asks and ends, data and all, when the process that runs the tests ends, however it ends.
 * Names of topics, groups and indices are the test's own: others use the same servers.
 */
export async function startStack(
  needs: StackNeeds = { kafka: true, registry: true, elasticsearch: true },
): Promise<Stack> {
  const given = givenStack(needs)
  if (given !== null) return given
  return (await containerStack(needs)) ?? (await sharedEmbeddedStack())
}

function givenStack(needs: StackNeeds): Stack | null {
  const kafka = process.env['TOCSIN_TEST_KAFKA'] ?? ''
  const registry = process.env['TOCSIN_TEST_REGISTRY'] ?? ''
  const elasticsearch = process.env['TOCSIN_TEST_ELASTICSEARCH'] ?? ''
  const isMissing =
    (needs.kafka === true && kafka === '') ||
    (needs.registry === true && registry === '') ||
    (needs.elasticsearch === true && elasticsearch === '')
  if (isMissing || kafka + registry + elasticsearch === '') return null
  return stackAt('environment', { kafka, registry, elasticsearch }, async () => {})
}

/** Ends the embedded stack of this run before the run itself ends; does nothing where there is none. */
export async function endSharedStack(): Promise<void> {
  const dataFolder = sharedFolder(process.pid)
  if (existsSync(dataFolder)) await tocsin(['down', '--data', dataFolder], 60_000)
}

const sharedFolder = (runner: number): string => join(tmpdir(), `tocsin-test-${runner}`)

async function sharedEmbeddedStack(): Promise<Stack> {
  // Under `node --test` each file is a child of the runner: the runner's pid is what the files of a run have in common.
  const runner = process.env['NODE_TEST_CONTEXT'] === 'child-v8' ? process.ppid : process.pid
  const dataFolder = sharedFolder(runner)
  if (isFirst(dataFolder)) {
    const args = [
      'up',
      '--services',
      'none',
      '--no-steps',
      '--ports',
      'any',
      '--data',
      dataFolder,
      '--while-pid',
      String(runner),
    ]
    await tocsin(args, startTimeoutMs).catch(async (error: unknown) => {
      await rm(dataFolder, { recursive: true, force: true })
      throw error
    })
  }
  return stackAt('embedded', await addressesIn(dataFolder), async () => {})
}

/** The first file to make the folder starts the stack; a race has one winner. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function addressesIn(dataFolder: string): Promise<Pick<Stack, 'kafka' | 'registry' | 'elasticsearch'>> {
  const deadlineMs = performance.now() + startTimeoutMs
  for (;;) {
    const answer = await tocsin(['status', '--json', '--data', dataFolder], 10_000).catch(() => '{}')
    const status = JSON.parse(answer) as { phase?: string; env?: Record<string, string> }
    const { KAFKA_BROKERS: kafka, REGISTRY_URL: registry, ELASTICSEARCH_URL: elasticsearch } = status.env ?? {}
    if (status.phase === 'ready' && kafka && registry && elasticsearch) return { kafka, registry, elasticsearch }
    if (performance.now() > deadlineMs) throw new Error(`The stack in ${dataFolder} did not become ready.`)
    await sleep(300)
  }
}

async function tocsin(args: readonly string[], timeoutMs: number): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { timeout: timeoutMs })
  return stdout
}
