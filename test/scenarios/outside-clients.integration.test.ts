// The whole system as an outsider meets it: other senders, another Kafka client, plain HTTP, another parser of XML.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type FullStack, startFullStack } from '../support/full-stack.ts'
import { OutsideKafka, type OutsideRecord } from '../support/outside-kafka.ts'
import { FROM, failedLogin, newAttacker, portScan, rootLogin } from './lines.ts'
import { hasProgram, runProgram } from './programs.ts'
import { search } from './search.ts'
import { until } from './wait.ts'

const sender = join(import.meta.dirname, 'outside/send_syslog.py')
const mark = `outside${process.pid}`
const skip = (program: string) => (hasProgram(program) ? false : `${program} is not installed here`)

let stack: FullStack
let kafka: OutsideKafka
let events: readonly OutsideRecord[]

before(async () => {
  stack = await startFullStack()
  kafka = new OutsideKafka(stack)
  events = await kafka.read(['events'])
})
after(async () => {
  await kafka?.close()
  await stack?.stop()
})

const python = (transport: 'udp' | 'tcp' | 'handler', from: string, lines: readonly string[]) =>
  runProgram('python3', [sender, transport, from, String(stack.port('syslog'))], `${lines.join('\n')}\n`)

/** The event whose original or message holds `text`, as another client reads it. */
const eventWith = (text: string) =>
  until(`event with ${text}`, () => events.find(({ value }) => String(value?.['original']).includes(text))?.value)

describe('other senders', () => {
  for (const transport of ['udp', 'tcp'] as const) {
    test(`lines of a Python script over ${transport} become events of the body of its address`, {
      skip: skip('python3'),
    }, async () => {
      const names = [0, 1, 2].map((n) => `${mark}python${transport}${n}`)
      await python(
        transport,
        FROM.kzSsh,
        names.map((name) => failedLogin(stack.nowMs(), name)),
      )
      for (const name of names) {
        const event = await eventWith(name)
        assert.equal(event['user_name'], name)
        assert.equal(event['constituent'], 'kz-ministry')
        assert.equal(event['sourceId'], 'kz-ssh')
        assert.equal(event['source_ip'], '10.0.0.5')
      }
    })
  }

  test("Python's own syslog handler, which ends TCP frames with NUL, is understood", {
    skip: skip('python3'),
  }, async () => {
    await python('handler', '127.0.0.1', [`${mark}handler one`, `${mark}handler two`])
    const [one, two] = [await eventWith(`${mark}handler one`), await eventWith(`${mark}handler two`)]
    assert.equal(one['sourceId'], 'local')
    assert.notEqual(one['eventId'], two['eventId'])
    assert.ok(!String(one['original']).includes('\0'))
  })

  for (const transport of ['udp', 'tcp'] as const) {
    for (const header of ['rfc3164', 'rfc5424'] as const) {
      test(`logger of util-linux sends ${header} over ${transport}`, { skip: skip('logger') }, async () => {
        const text = `${mark}logger${transport}${header}`
        const words = ['--server', '127.0.0.1', '--port', String(stack.port('syslog')), `--${transport}`, `--${header}`]
        // A stream that this logger opens is octet-counted; both framings are told apart at the door.
        const framing = transport === 'tcp' ? ['--octet-count'] : []
        await runProgram('logger', [...words, ...framing, '-p', 'auth.notice', '-t', 'outsider', text])
        const event = await eventWith(text)
        assert.deepEqual([event['syslog_facility'], event['syslog_priority']], [4, 5], 'auth.notice')
        assert.equal(event['process_name'], 'outsider')
        assert.equal(event['message'], text)
      })
    }
  }

  test('openssl s_client brings lines over TLS, with the certificate verified', { skip: skip('openssl') }, async () => {
    const certificate = join(stack.dataFolder, 'data/syslog-ingest/syslog-ingest/tls/cert.pem')
    const address = ['-connect', `127.0.0.1:${stack.port('syslog-tls')}`]
    const trust = ['-CAfile', certificate, '-verify_return_error', '-verify_hostname', 'localhost']
    const line = failedLogin(stack.nowMs(), `${mark}tls`)
    await runProgram('openssl', ['s_client', '-quiet', '-no_ign_eof', ...address, ...trust], `${line}\n`)
    assert.equal((await eventWith(`${mark}tls`)).user_name, `${mark}tls`)
  })
})

describe('other readers', () => {
  test('the registry tells an outsider the ECS name of every event field that has one, and documents all of them', async () => {
    const response = await fetch(`${stack.registry}/subjects/events-value/versions/latest`)
    const { schema } = (await response.json()) as { schema: string }
    const fields = (JSON.parse(schema) as { fields: { name: string; doc?: string; ecs?: string }[] }).fields
    const ecs = new Map(fields.map((field) => [field.name, field.ecs]))
    assert.equal(ecs.get('source_ip'), 'source.ip')
    assert.equal(ecs.get('user_name'), 'user.name')
    assert.deepEqual(
      fields.filter(({ doc }) => !doc).map(({ name }) => name),
      [],
    )
  })

  test('a detection and the record for the agency are read by another Kafka client with the registry', {
    skip: skip('python3'),
  }, async () => {
    const attacker = newAttacker()
    const seen = await kafka.read(['detections', 'feed.kz-nsc'])
    await python('udp', FROM.kzSsh, [rootLogin(stack.nowMs(), attacker)])
    const detection = await until(`detection of ${attacker}`, () =>
      seen.find(({ topic, value }) => topic === 'detections' && JSON.stringify(value ?? '').includes(attacker)),
    )
    assert.equal(detection.value?.['ruleName'], 'Root login by SSH from a public address')
    assert.equal(detection.key, 'kz-ministry')
    const feed = await until(`record for the agency about ${attacker}`, () =>
      seen.find(
        ({ topic, value }) => topic === 'feed.kz-nsc' && JSON.stringify(value?.['sourceIps']).includes(attacker),
      ),
    )
    assert.equal(feed.value?.['agency'], 'kz-nsc')
    assert.equal(feed.value?.['verb'], 'issue')
    assert.equal(feed.value?.['constituent'], 'kz-ministry')
    assert.equal(Number(feed.value?.['detectedAt']), Number(detection.value?.['detectedAt']))
  })

  test('Elasticsearch answers curl on ECS names', { skip: skip('curl') || skip('python3') }, async () => {
    const user = `${mark}curl`
    await python('udp', FROM.kzSsh, [failedLogin(stack.nowMs(), user)])
    const url = `${stack.elasticsearch}/logs-tocsin.event-kz_ministry/_search?q=user.name:${user}`
    const answer = await until('document', async () => {
      const { hits } = JSON.parse(await runProgram('curl', ['-s', url])) as {
        hits?: { hits: { _source: Record<string, unknown> }[] }
      }
      return hits?.hits[0]?._source
    })
    assert.equal(answer['source.ip'], '10.0.0.5')
    assert.equal(answer['event.outcome'], 'failure')
    const { total } = await search(stack, 'logs-tocsin.event-*', { term: { 'user.name': user } })
    assert.equal(total, 1)
  })

  test('TW-S3 TW-S6a the file on the FTPS server, fetched by curl, is read by Python: 28 names in their order', {
    skip: skip('curl') || skip('python3'),
  }, async () => {
    const attacker = newAttacker()
    await python('udp', FROM.twFirewall, portScan(stack.nowMs() - 5_000, attacker))
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-ticket-'))
    try {
      const ticket = await until(`ticket about ${attacker}`, () => ticketAbout(attacker, folder), 90_000)
      assert.equal(ticket.first, '<?xml version="1.0" encoding="UTF-8"?>')
      assert.equal(ticket.root, 'Incident')
      assert.deepEqual(
        ticket.fields.map(([name]) => name),
        FIELDS,
      )
      const values = new Map(ticket.fields)
      assert.equal(`${values.get('Event_ID')}.xml`, ticket.name)
      assert.equal(values.get('Customer_Name'), '數位示範署')
      assert.equal(values.get('Target_Address'), '192.0.2.70')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('every service answers on /health, /ready and /metrics', async () => {
  const services = (await stack.programs()).filter(({ kind, name }) => kind === 'service' && name !== 'sinks')
  assert.ok(services.length >= 9)
  for (const { name, status } of services) {
    if (status !== 'ready') continue
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${stack.port(`${name}-admin`)}${path}`)
      return { status: response.status, text: await response.text() }
    }
    assert.equal((await ask('/health')).status, 200, `${name} /health`)
    assert.equal((await ask('/ready')).status, 200, `${name} /ready`)
    const metrics = await ask('/metrics')
    assert.equal(metrics.status, 200)
    assert.match(metrics.text, /^# TYPE process_cpu_seconds_total counter$/m, `${name} /metrics`)
    assert.match(metrics.text, new RegExp(`service="${name}"`))
  }
})

/** Names of SOP V1.3, Appendix 1, in order. */
const FIELDS =
  'Organization Event_ID Customer_Name Customer_ID Subject Base_Event_ID Event_Name Start_Time End_Time Connector_Translated_Zone_Reference_ID Source_Address Target_Address Source_Port Target_Port Source_Geo_Descriptor Target_Geo_Descriptor Event_Attacking_Technical Events_Description Event_Message Event_Vulnerability Event_Severity Device_Translated_Zone_Reference_ID Triggered_Rule_Name Correlated_Rule_Name Correlated_Rule_ID Correlated_Raw_Event_ID Aggregated_Count Attachment'.split(
    ' ',
  )

interface ReadTicket {
  name: string
  first: string
  root: string
  fields: [string, string][]
}

/** Looks through the directory `incident` of the server; null while no file there names the attacker. */
async function ticketAbout(attacker: string, folder: string): Promise<ReadTicket | null> {
  const ftps = join(stack.sinksFolder, 'ftps')
  const login = ['--user', 'anonymous:tocsin-demo', '--ssl-reqd', '--cacert', join(ftps, 'ca.pem')]
  const url = `ftp://localhost:${stack.port('sink-ftps')}/incident/`
  const names = (await runProgram('curl', ['-s', '-4', ...login, '--list-only', url])).split(/\r?\n/)
  for (const name of names.filter((entry) => entry.endsWith('.xml'))) {
    const file = join(folder, name)
    await runProgram('curl', ['-s', '-4', ...login, '-o', file, url + name])
    const read = JSON.parse(await runProgram('python3', [join(import.meta.dirname, 'outside/read_ticket.py'), file]))
    const ticket = { name, ...(read as Omit<ReadTicket, 'name'>) }
    if (ticket.fields.some(([field, value]) => field === 'Source_Address' && value === attacker)) return ticket
  }
  return null
}
