// The consumers that docs/agencies gives to agencies, run as an agency would: their own processes, own credentials, a broker
// with TLS, SCRAM and rights made by `topics apply`, records of the exporter's own process.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openCodecs } from '@tocsin/avro/registry'
import type { FeedRecord, Incident } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { applyAccess, applyTopics, clientConfig } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { pythonWith } from '@tocsin/test/support/python'
import { type SecuredKafka, startSecuredKafka } from '@tocsin/test/support/secured-kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import kafkajs from 'kafkajs'
import { change as changeOf, constituent, incident } from '../../fixtures.ts'

// CommonJS: its named exports are not seen by Node's module loader.
const { Kafka } = kafkajs
const root = join(import.meta.dirname, '../../../../..')
const examples = join(root, 'docs/agencies')
const files = {
  topicsFile: join(root, 'deploy/topics/topics.yaml'),
  accessFile: join(root, 'deploy/topics/access.yaml'),
  prefix: '',
}
const python = pythonWith(readFileSync(join(examples, 'requirements.txt'), 'utf8').trim().split('\n'))
const withoutPython = python === null && 'docs/agencies/requirements.txt cannot be installed for Python 3'

/** Lets one wait for the next time that somebody tells. */
function bell(): { next(): Promise<void>; tell(): void } {
  let told = Promise.withResolvers<void>()
  return {
    next: () => Promise.race([told.promise, pause(1_000)]),
    tell: () => {
      told.resolve()
      told = Promise.withResolvers<void>()
    },
  }
}

describe("an agency's consumers", () => {
  let stack: Stack
  let kafka: SecuredKafka
  let side: Awaited<ReturnType<typeof openKafkaForCommand>>
  let exporter: ChildProcess
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-agency-'))
  const children: ChildProcess[] = []
  const seen = bell()
  before(async () => {
    stack = await startStack({ registry: true })
    kafka = await startSecuredKafka(['tw-nccst', 'kz-nsc', 'national-feed-exporter'])
    await applyTopics(kafka.as('admin'), files.topicsFile)
    await applyAccess(kafka.as('admin'), files, { prune: false })
    side = await openKafkaForCommand({ ...stack.env, ...kafka.env('admin') })
    await side.follow(['feed-records'], { from: 'beginning' }, ({ value }) => {
      if (value === null) return
      feed.push(value)
      seen.tell()
    })
    exporter = spawn(process.execPath, [join(root, 'services/national-feed-exporter/src/main.ts')], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...stack.env,
        ...kafka.env('national-feed-exporter'),
        TOCSIN_ADMIN_PORT: '0',
        TOCSIN_LOG_LEVEL: 'error',
        NATIONAL_FEED_EXPORTER_ORGANIZATION: 'EXAMPLE-SOC',
        NATIONAL_FEED_EXPORTER_PREFIX: 'EXSOC',
      },
    })
    children.push(exporter)
    const body = { topic: 'registry-constituents', key: 'tw-ey', value: constituent() } as const
    await exported([body, change({}), change({ caseId: 'case-2' }), change({ caseId: 'case-3' })], 3)
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await side?.close()
    await kafka?.stop()
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What the exporter wrote for the agency, in order; an administrator looks. */
  const feed: FeedRecord[] = []
  const change = (changes: Partial<Incident>): Output => ({
    topic: 'incident-changes',
    key: 'tw-ey',
    value: changeOf(incident(changes)),
  })
  /** Gives the exporter its inputs, and waits for the records it makes of them. */
  const exported = async (outputs: readonly Output[], records: number): Promise<void> => {
    const publisher = await side.publisher()
    const whole = feed.length + records
    for (const output of outputs) await publisher.send(output)
    while (feed.length < whole) {
      assert.equal(exporter.exitCode, null, 'the exporter ended')
      await seen.next()
    }
  }

  /** Writes to the feed with the exporter's credentials, without the exporter. */
  const write = async (records: readonly FeedRecord[]): Promise<void> => {
    const codec = (await openCodecs(stack.registry, ['feed-record'])).codec('feed-record')
    const producer = new Kafka(clientConfig(kafka.as('national-feed-exporter'))).producer()
    await producer.connect()
    await producer.send({
      topic: 'feed.tw-nccst',
      messages: records.map((record) => ({ key: record.caseId, value: codec.encode(record) })),
    })
    await producer.disconnect()
  }
  const start = (command: readonly string[], casesFile: string, user = 'tw-nccst') => {
    const settings = kafka.as(user)
    const passwordFile = join(folder, `${user}.password`)
    writeFileSync(passwordFile, `${settings.kafkaSaslPassword}\n`, { mode: 0o600 })
    const child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        AGENCY: 'tw-nccst',
        KAFKA_BROKERS: settings.kafkaBrokers,
        KAFKA_CA_FILE: settings.kafkaSslCaFile,
        KAFKA_USERNAME: user,
        KAFKA_PASSWORD_FILE: passwordFile,
        REGISTRY_URL: stack.registry,
        CASES_FILE: casesFile,
      },
    })
    children.push(child)
    let errors = ''
    child.stderr.on('data', (text) => {
      errors += String(text)
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async (count: number): Promise<string[]> => {
      const seen: string[] = []
      while (seen.length < count) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`The consumer ended: ${errors}`)
        const { verb, caseId, revision } = JSON.parse(value) as FeedRecord
        seen.push(`${verb} ${caseId} ${revision}`)
      }
      return seen
    }
    const end = async (): Promise<{ code: number | null; errors: string }> => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
      return { code: child.exitCode, errors }
    }
    return { child, next, end }
  }
  // Killed, what it kept and what it committed may differ by one record; the group waits ten seconds for the dead one.
  const consumers = [
    {
      name: 'TypeScript',
      command: [process.execPath, join(examples, 'consumer.ts')],
      signal: 'SIGKILL',
      skip: false,
    },
    {
      name: 'Python',
      command: [python ?? '', join(examples, 'consumer.py')],
      signal: 'SIGTERM',
      skip: withoutPython,
    },
  ] as const
  const expected = () => {
    const last = (caseId: string) => feed.findLast((record) => record.caseId === caseId)
    return {
      'case-1': { revision: 2, revoked: true },
      'case-2': last('case-2'),
      'case-3': last('case-3'),
      'case-4': last('case-4'),
    }
  }

  const casesOf = (name: string) => join(folder, `${name}.json`)
  for (const { name, command, signal, skip } of consumers) {
    test(`${name}: takes what was issued before it came, and is ended by ${signal}`, { skip }, async () => {
      const consumer = start(command, casesOf(name))
      assert.deepEqual(await consumer.next(3), ['issue case-1 1', 'issue case-2 1', 'issue case-3 1'])
      consumer.child.kill(signal)
      await consumer.end()
    })
  }

  test('meanwhile the exporter replaces a case and revokes another; what it said first comes again', async () => {
    const first = feed.slice(0, 3)
    const changes = [
      change({ caseId: 'case-2', revision: 2, severity: 90 }),
      change({ revision: 2, status: 'false-positive' }),
    ]
    await exported(changes, 2)
    await write(first)
    await exported([change({ caseId: 'case-4' })], 1)
  })

  for (const { name, command, skip } of consumers) {
    test(`${name}: started again, it has the cases of now and not the content of the revoked one`, {
      skip,
    }, async () => {
      const consumer = start(command, casesOf(name))
      assert.deepEqual(await consumer.next(3), ['replace case-2 2', 'revoke case-1 2', 'issue case-4 1'])
      consumer.child.kill('SIGTERM')
      assert.equal((await consumer.end()).code, 0)
      const cases: unknown = JSON.parse(readFileSync(casesOf(name), 'utf8'))
      assert.deepEqual(cases, JSON.parse(JSON.stringify(expected())))
    })

    test(`${name}: another agency's credentials are refused, and it says so`, { skip }, async () => {
      const { code, errors } = await start(command, join(folder, 'none.json'), 'kz-nsc').end()
      assert.equal(code, 1)
      assert.match(errors, /authoriz/i)
    })
  }

  test('the versions that agencies are told to install are the ones that ran here', () => {
    const told = JSON.parse(readFileSync(join(examples, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const ran = JSON.parse(readFileSync(join(root, 'test/package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    for (const [name, version] of Object.entries(told.dependencies)) assert.equal(ran.devDependencies[name], version)
  })
})
