// Chapter 5: what is away comes back. An outage (`RetryableError`, the registry) is waited out: the record is tried again
// with back-off, nothing is committed meanwhile, lag shows it. A throw that is no outage is our bug: a few tries, then
// that one record is rejected, so that it cannot hold its partition.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { schemaOf } from '@tocsin/avro'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { emit, type Outcome, RetryableError, type StageDefinition } from '../src/index.ts'
import { matchOf } from './match-of.ts'
import { type Corner, openCorner, until } from './real-kafka.ts'
import { numbered } from './recount-sender.ts'
import { type RegistryDoor, registryDoor } from './registry-door.ts'

let stack: Stack
let corner: Corner
let door: RegistryDoor
const passed: string[] = []
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  corner = await openCorner(stack, 'outages', ['health-events', 'matches'])
  door = await registryDoor(stack.registry)
  await corner.kafka.follow(['matches'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) passed.push(value.eventId)
  })
})
after(async () => {
  await door.shut()
  await corner.close()
})

const framed = (id: string): Buffer =>
  corner.kafka.codecs.codec('health-event').encode({ ...numbered(0, 1), healthId: id })
const send = (ids: readonly string[]) =>
  corner.sendRaw(
    'health-events',
    ids.map((id) => ({ key: 'one-key', value: framed(id) })),
  )
const ids = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`)
const passedOf = (name: string) => passed.filter((id) => id.startsWith(`${name}-`))
const seen = (name: string, count: number) =>
  until(
    () => passedOf(name).length >= count,
    () => `${passedOf(name).length} of ${count} of ${name} passed`,
  )
const onward = (id: string, key: string): Outcome => emit({ topic: 'matches', key, value: matchOf(id, key) })

describe('an outage', () => {
  test('commits nothing and is tried again until it is over; then every record goes on once, in order', async () => {
    let isAway = true
    let tries = 0
    const running = await corner.run({
      name: 'waiter',
      inputs: ['health-events'],
      create: () => ({
        process: ({ key, value }) => {
          tries++
          if (isAway) throw new RetryableError('test_away', 'The test holds it back.')
          return onward(value.healthId, key)
        },
      }),
    } satisfies StageDefinition<'health-events'>)
    await send(ids('outage', 50))
    await until(
      () => tries > 3,
      () => `${tries} tries`,
    )
    assert.equal(await corner.done('waiter', 'health-events'), 0, 'something was committed')
    assert.deepEqual(passedOf('outage'), [])
    isAway = false
    await seen('outage', 50)
    assert.deepEqual(passedOf('outage'), ids('outage', 50))
    assert.ok(tries > 53)
    assert.deepEqual(corner.letters, [], 'an outage is no reason for a dead letter')
    await running.stop()
    assert.equal(await corner.done('waiter', 'health-events'), 50)
  })

  test('does not hold a stop: the run ends and the records wait for the next start', async () => {
    let tries = 0
    const definition = (isAway: boolean): StageDefinition<'health-events'> => ({
      name: 'waiter',
      inputs: ['health-events'],
      create: () => ({
        process: ({ key, value }) => {
          tries++
          if (isAway) throw new RetryableError('test_away', 'The test holds it back.')
          return onward(value.healthId, key)
        },
      }),
    })
    const first = await corner.run(definition(true))
    await send(ids('stopped', 5))
    await until(
      () => tries > 1,
      () => `${tries} tries`,
    )
    const startedMs = performance.now()
    await first.stop()
    assert.ok(performance.now() - startedMs < 10_000, 'the stop took longer than 10 s')
    assert.equal(await corner.done('waiter', 'health-events'), 50)
    const second = await corner.run(definition(false))
    await seen('stopped', 5)
    await second.stop()
    assert.deepEqual(passedOf('stopped'), ids('stopped', 5))
  })

  test('in a tick is waited out too', async () => {
    let ticks = 0
    const running = await corner.run({
      name: 'ticker',
      inputs: ['health-events'],
      tickMs: 10,
      create: ({ partition }) => ({
        process: () => ({ kind: 'drop', reason: 'test' }),
        tick: () => {
          if (partition !== 0 || ticks > 3) return []
          if (++ticks < 3) throw new RetryableError('test_away', 'The test holds it back.')
          return ticks === 3 ? [{ topic: 'matches', key: 'k', value: matchOf('tick-0', 'k') }] : []
        },
      }),
    } satisfies StageDefinition<'health-events'>)
    await seen('tick', 1)
    await running.stop()
  })
})

describe('a throw that is no outage', () => {
  const throwsAt = (id: string, thrown: () => void) => (value: { healthId: string }) => {
    if (value.healthId !== id) return
    thrown()
    throw new Error('a bug')
  }

  test('rejects that one record after three tries, with the stack; the others go on', async () => {
    let tries = 0
    const check = throwsAt('bug-3', () => tries++)
    const running = await corner.run({
      name: 'buggy',
      inputs: ['health-events'],
      create: () => ({
        process: ({ key, value }) => {
          check(value)
          return onward(value.healthId, key)
        },
      }),
    } satisfies StageDefinition<'health-events'>)
    await send(ids('bug', 10))
    await seen('bug', 9)
    await until(
      () => corner.letters.length === 1,
      () => 'no dead letter',
    )
    const [letter] = corner.letters
    assert.deepEqual([letter?.code, letter?.attempts, letter?.stage], ['unexpected', 3, 'transform'])
    assert.match(letter?.stack ?? '', /a bug[\s\S]*05-outages/)
    assert.ok(letter?.original.equals(framed('bug-3')))
    assert.equal(tries, 3)
    assert.deepEqual(
      passedOf('bug'),
      ids('bug', 10).filter((id) => id !== 'bug-3'),
    )
    await running.stop()
  })

  test('of a stage that takes many at once rejects that one record, not its batch', async () => {
    const check = throwsAt('many-3', () => {})
    const running = await corner.run({
      name: 'buggy-batch',
      inputs: ['health-events'],
      create: () => ({
        process: () => assert.fail('it takes many at once'),
        processBatch: async (records) =>
          records.map(({ key, value }) => {
            check(value)
            return onward(value.healthId, key)
          }),
      }),
    } satisfies StageDefinition<'health-events'>)
    const before = corner.letters.length
    await send(ids('many', 10))
    await seen('many', 9)
    await until(
      () => corner.letters.length > before,
      () => 'no dead letter',
    )
    assert.ok(corner.letters.at(-1)?.original.equals(framed('many-3')))
    await running.stop()
    assert.deepEqual(
      passedOf('many'),
      ids('many', 10).filter((id) => id !== 'many-3'),
    )
    assert.equal(corner.letters.length, before + 1)
  })
})

describe('the schema registry', () => {
  const passer: StageDefinition<'health-events'> = {
    name: 'registry-reader',
    inputs: ['health-events'],
    create: () => ({ process: ({ key, value }) => onward(value.healthId, key) }),
  }

  test('OPS-R13 that is away at the start is waited for', async () => {
    const running = await corner.run(passer, { env: { REGISTRY_URL: door.url } })
    let isEnded = false
    running.ended
      .finally(() => {
        isEnded = true
      })
      .catch(() => {})
    await send(ids('start', 5))
    assert.equal(isEnded, false)
    assert.equal(passedOf('start').length, 0)
    await door.open()
    await seen('start', 5)
    await running.stop()
  })

  test('OPS-R13 that goes away later is not missed for known ids; a record of an unknown one waits for it, undecoded by guess', async () => {
    await door.open()
    const running = await corner.run(passer, { env: { REGISTRY_URL: door.url } })
    await send(ids('known', 1))
    await seen('known', 1)
    await door.shut()
    await send(ids('cached', 20))
    await seen('cached', 20)

    const schema = schemaOf('health-event')
    const field = { name: 'laterField', type: ['null', 'string'], default: null, doc: 'A field of a later version.' }
    const later = JSON.stringify({ ...schema, fields: [...schema.fields, field] })
    const id = await registered(`${corner.prefix}later-value`, later)
    // The later version's record: ours with one octet more, the null of the new field.
    const value = Buffer.concat([framed('later-0'), Buffer.from([0])])
    value.writeUInt32BE(id, 1)
    await corner.sendRaw('health-events', [{ key: 'one-key', value }])
    await send(ids('behind', 1))
    const before = corner.letters.length
    await until(
      async () => (await running.context.metrics.registry.metrics()).includes('tocsin_stage_lag'),
      () => 'no lag',
    )
    assert.deepEqual([passedOf('later'), passedOf('behind')], [[], []])
    await door.open(200)
    await seen('behind', 1)
    assert.deepEqual(passedOf('later'), ['later-0'])
    assert.equal(corner.letters.length, before)
    await running.stop()
  })
})

async function registered(subject: string, schema: string): Promise<number> {
  const answer = await fetch(`${stack.registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  })
  const { id } = (await answer.json()) as { id?: number }
  assert.ok(id !== undefined, `the registry answered ${answer.status}`)
  return id
}
