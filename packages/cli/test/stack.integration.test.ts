import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import kafkajs from 'kafkajs'
import { projectRoot } from '../src/stack/places.ts'
import { type RunState, readRunState } from '../src/supervisor/run-file.ts'

// One embedded stack of its own through its whole life: the tests build on each other, in this order.
const folder = mkdtempSync(join(tmpdir(), 'tocsin-stack-test-'))
const launcher = join(projectRoot, 'packages/cli/bin/tocsin.js')

async function tocsin(...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [launcher, ...args, '--data', folder], { timeout: 240_000 })
  return (await run).stdout
}

const start = (): Promise<string> => tocsin('up', '--services', 'none', '--no-steps', '--ports', 'any')

after(async () => {
  await tocsin('down')
  rmSync(folder, { recursive: true, force: true })
})

/** Every process of the machine whose command line names the stack's folder, except this test. */
function processesOfStack(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return commandLine.includes(folder) ? [commandLine.slice(0, 100)] : []
      } catch {
        return []
      }
    })
}

function state(): RunState {
  const read = readRunState(folder)
  assert.ok(read !== null)
  return read
}

const pidsOf = (run: RunState): number[] => run.programs.flatMap((program) => program.process?.pid ?? [])

function addresses(): { brokers: string; registry: string; elasticsearch: string } {
  const { KAFKA_BROKERS: brokers, REGISTRY_URL: registry, ELASTICSEARCH_URL: elasticsearch } = state().env
  assert.ok(brokers !== undefined && registry !== undefined && elasticsearch !== undefined)
  return { brokers, registry, elasticsearch }
}

async function withKafka<T>(work: (kafka: InstanceType<typeof kafkajs.Kafka>) => Promise<T>): Promise<T> {
  return await work(new kafkajs.Kafka({ brokers: [addresses().brokers], logLevel: kafkajs.logLevel.NOTHING }))
}

async function schemaId(): Promise<number> {
  const response = await fetch(`${addresses().registry}/subjects/keep-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '{"type":"record","name":"Keep","fields":[{"name":"n","type":"int"}]}' }),
  })
  assert.equal(response.status, 200)
  return ((await response.json()) as { id: number }).id
}

let idBefore = 0

test('up brings Kafka, the registry and Elasticsearch to work and prints their addresses', async () => {
  const output = await start()
  const { brokers, registry, elasticsearch } = addresses()
  for (const address of [brokers, registry, elasticsearch]) assert.ok(output.includes(address), address)
  idBefore = await schemaId()
  await withKafka(async (kafka) => {
    const admin = kafka.admin()
    await admin.createTopics({ topics: [{ topic: 'keep', numPartitions: 3 }] })
    await admin.disconnect()
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'keep', messages: [{ value: 'kept over a restart' }] })
    await producer.disconnect()
  })
  const strange = await fetch(`${elasticsearch}/strange/_doc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  assert.equal(strange.status, 404, 'a misspelt index is not made by a write')
})

test('a second up while the stack runs starts nothing and prints the addresses again', async () => {
  const before = pidsOf(state())
  assert.match(await start(), /^Already running \(ready/)
  assert.deepEqual(pidsOf(state()), before)
})

test('a server that is killed is reported by name and started again', async () => {
  const registry = (): RunState['programs'][number] | undefined =>
    state().programs.find(({ name }) => name === 'registry')
  process.kill(registry()?.process?.pid ?? 0, 'SIGKILL')
  while (registry()?.lastCrash === null) await pause(50)
  assert.equal(registry()?.lastCrash?.how, 'ended by SIGKILL')
  while (registry()?.status !== 'ready') await pause(200)
  assert.equal(registry()?.restarts, 1)
  assert.equal(await schemaId(), idBefore)
})

test('down leaves no process behind', async () => {
  const pids = pidsOf(state())
  assert.equal(pids.length, 3)
  assert.match(await tocsin('down'), /no process is left/)
  assert.deepEqual(processesOfStack(), [])
})

test('a second start keeps topics, records and schema ids', async () => {
  await start()
  assert.equal(await schemaId(), idBefore)
  await withKafka(async (kafka) => {
    const admin = kafka.admin()
    const offsets = await admin.fetchTopicOffsets('keep')
    await admin.disconnect()
    assert.equal(offsets.length, 3)
    assert.equal(
      offsets.reduce((sum, partition) => sum + Number(partition.high), 0),
      1,
    )
  })
})

test('down ends what a killed supervisor left behind', async () => {
  process.kill(state().supervisor.pid, 'SIGKILL')
  assert.notDeepEqual(processesOfStack(), [])
  await tocsin('down')
  assert.deepEqual(processesOfStack(), [])
})
