// What the Vietnamese circular and the Kazakh order ask of collecting: lines of all kinds of devices go in at the door and
// are looked for on the topics and in the index. TOCSIN_TEST_DOSE=full: the numbered stream with the kills runs an hour.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CoverageState, Event, HealthEvent, SourceState } from '@tocsin/events'
import { sources as sourcesCommand } from '../../services/reporter/src/sources-command.ts'
import { openRelp } from '../../services/syslog-ingest/src/adapters/collect/relp-link.ts'
import { collectSchema } from '../../services/syslog-ingest/src/collect/config.ts'
import { bsdTime } from './lines.ts'
import { type LogPath, startLogPath } from './log-path.ts'

const MINUTE = 60_000
const PORT_SCAN = 'CEF:0|Acme|Probe|1|7|Port scan|8|src=203.0.113.9 dst=192.0.2.80 act=blocked'
const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
const group = `logpath${process.pid}`
const FROM = {
  app: '127.61.0.5',
  linux: '127.61.0.6',
  windows: '127.61.0.7',
  zoned: '127.61.0.8',
  fast: '127.61.0.9',
  probe: '127.61.0.10',
  'kz-app': '127.61.0.11',
  'kz-wall': '127.61.0.12',
  'kz-sensor': '127.61.0.13',
  steady: '127.0.0.1',
} as const
const KINDS: Partial<Record<keyof typeof FROM, string>> = {
  app: 'application',
  linux: 'system',
  windows: 'system',
  probe: 'monitoring',
}
const registry = `
constituents:
  - { id: body, name: Body, country: VN, pack: vn-circular-31, roles: [state-body], group: ${group}, timeZone: Asia/Ho_Chi_Minh, languages: [vi] }
  - { id: kz, name: Ministry, country: KZ, pack: kz-order-199, roles: [state-body], group: ${group}, timeZone: Asia/Almaty, languages: [kk, ru] }
systems:
  - { id: egov, constituent: kz, name: eGov, systemClass: 3, expectedInputs: ['application:syslog', 'firewall:syslog', 'web-server:file'] }
sources:
  - { id: kz-app, constituent: kz, name: App, circuit: inner, kind: application, timeZone: UTC, systemIds: [egov], addresses: [${FROM['kz-app']}] }
  - { id: kz-wall, constituent: kz, name: Wall, circuit: outer, kind: firewall, timeZone: UTC, systemIds: [egov], maintainedBy: STS, expectedIntervalSeconds: 120, addresses: [${FROM['kz-wall']}] }
  - { id: kz-sensor, constituent: kz, name: Sensor, circuit: outer, kind: monitoring, timeZone: UTC, systemIds: [egov], maintainedBy: STS, expectedIntervalSeconds: 300, addresses: [${FROM['kz-sensor']}] }
${Object.entries(FROM)
  .filter(([id]) => !id.startsWith('kz'))
  .map(([id, address]) => {
    const kind = KINDS[id as keyof typeof FROM] ?? 'security-device'
    const zone = id === 'zoned' ? 'Asia/Ho_Chi_Minh' : 'UTC'
    const interval = id === 'probe' ? ', expectedIntervalSeconds: 120' : ''
    return `  - { id: ${id}, constituent: body, name: ${id}, circuit: outer, kind: ${kind}, timeZone: ${zone}, addresses: [${address}]${interval} }`
  })
  .join('\n')}
`
let path: LogPath

before(async () => {
  path = await startLogPath(registry, group)
})
after(() => path?.stop())

const eventsOf = (sourceId: keyof typeof FROM): Event[] => path.events().filter((event) => event.sourceId === sourceId)
const now = (): number => path.clock.now()
const failedLogin = (user: string): string =>
  `<86>${bsdTime(now(), 0)} gw sshd[811]: Failed password for ${user} from 203.0.113.9 port 51544 ssh2`

test('VN-4.2b-1 VN-5.1a the same login failure from Windows, Linux and a web application is found by one query', async () => {
  const user = `hoa.tran${process.pid}`
  const windows = {
    EventID: 4625,
    Channel: 'Security',
    ProviderName: 'Microsoft-Windows-Security-Auditing',
    Computer: 'DC1.body.example',
    TimeCreated: new Date(now()).toISOString(),
    EventData: {
      TargetUserName: user,
      TargetDomainName: 'BODY',
      LogonType: '3',
      IpAddress: '203.0.113.9',
      IpPort: '51544',
    },
  }
  await path.send(FROM.windows, [`<165>${bsdTime(now(), 0)} DC1 ${JSON.stringify(windows)}`])
  await path.send(FROM.linux, [failedLogin(user)])
  await path.send(FROM.app, [`<134>${bsdTime(now(), 0)} app-1 portal: user '${user}' login failed from 203.0.113.9`])
  const terms = {
    'event.category': 'authentication',
    'event.outcome': 'failure',
    'user.name': user,
    'source.ip': '203.0.113.9',
  }
  const query = { bool: { filter: Object.entries(terms).map(([name, value]) => ({ term: { [name]: value } })) } }
  await path.until('the three in the index', async () => (await path.indexed(query)).total === 3)
  const { hits } = await path.indexed(query)
  assert.deepEqual(hits.map(({ source }) => String(source['tocsin.sourceId'])).toSorted(), ['app', 'linux', 'windows'])
})

test('VN-4.2b-2 zones become UTC to the second, a clock ten minutes fast is flagged with its skew', async () => {
  const fastMs = 10 * MINUTE
  for (let minute = 0; minute < 6; minute++) {
    const before = eventsOf('fast').length
    const truth = Math.floor(now() / 1_000) * 1_000
    await path.send(FROM.zoned, [`<13>${bsdTime(truth, 7)} a app: number ${minute}`])
    await path.send(FROM.linux, [`<13>${bsdTime(truth, 0)} b app: number ${minute}`])
    await path.send(FROM.fast, [`<13>${bsdTime(truth + fastMs, 0)} c app: number ${minute}`])
    await path.until('the line of the fast clock', () => eventsOf('fast').length > before)
    const last = (sourceId: 'zoned' | 'linux') =>
      eventsOf(sourceId).find(({ message }) => message === `number ${minute}`)
    await path.until('the lines of the right clocks', () => last('zoned') && last('linux'))
    for (const sourceId of ['zoned', 'linux'] as const)
      assert.ok(Math.abs((last(sourceId)?.occurredAt ?? 0) - truth) <= 1_000, `${sourceId} in minute ${minute}`)
    await path.advance(MINUTE)
  }
  const flagged = () => path.held<SourceState>('source-states', 'fast')
  await path.until('the flag', () => flagged()?.clock === 'wrong')
  assert.ok(Math.abs((flagged()?.skewMs ?? 0) - fastMs) < 30_000, `measured ${flagged()?.skewMs}`)
  assert.notEqual(path.held<SourceState>('source-states', 'zoned')?.clock, 'wrong')
  assert.ok(
    path.of<HealthEvent>('health-events').some((one) => one.code === 'source_clock_wrong' && one.sourceId === 'fast'),
  )
})

test('VN-10.2a log, status and alert of a device are three kinds; its heartbeat is a status and drives its health', async () => {
  const heartbeat = () =>
    path.send(FROM.probe, [`<46>${bsdTime(now(), 0)} probe-1 probed: heartbeat seq ${Math.floor(now() / 1_000)}`])
  await path.send(FROM.probe, [failedLogin('admin'), PORT_SCAN])
  await heartbeat()
  const kinds = async () => {
    const { hits } = await path.indexed({ term: { 'tocsin.sourceId': 'probe' } })
    return new Set(hits.map(({ source }) => source['event.kind']))
  }
  await path.until('three kinds in the index', async () => (await kinds()).size === 3)
  assert.deepEqual(await kinds(), new Set(['event', 'alert', 'state']))

  const health = () => path.held<SourceState>('source-states', 'probe')?.state
  // Only heartbeats now: they keep it alive, and when they stop it is silent after its two minutes.
  for (let minute = 0; minute < 4; minute++) {
    await path.advance(MINUTE)
    const before = eventsOf('probe').length
    await heartbeat()
    await path.until('the heartbeat', () => eventsOf('probe').length > before)
    assert.equal(eventsOf('probe').at(-1)?.kind, 'state')
    assert.notEqual(health(), 'silent')
  }
  await path.until(
    'the silence',
    () => health() === 'silent',
    () => path.advance(8_000),
  )
  await path.until('the return', () => health() === 'heard', heartbeat)
})

const stateOf = (coverageId: string): string | undefined =>
  path.held<CoverageState>('coverage-states', coverageId)?.state
const kzLine = (text: string): string => `<13>${bsdTime(now(), 0)} kz app: ${text}`

test('KZ-10.3a each object has its list of logs with source, type, format and duty; a required one that is missing is alarmed', async () => {
  await path.send(FROM['kz-app'], [kzLine('one')])
  await path.until('the alarm', () =>
    path
      .of<HealthEvent>('health-events')
      .some(({ code, state }) => code === 'required_log_missing' && state === 'raised'),
  )
  assert.equal(stateOf('required-logs:egov'), 'missing')
  const list = async () => (await path.run([sourcesCommand], 'sources', 'logs', '--constituent', 'kz')).split('\n')
  const rows = (await list()).map((row) => row.split(/ {2,}/))
  assert.deepEqual(
    rows
      .map(([system, source, type, format, duty, maintainer]) => [system, source, type, format, duty, maintainer])
      .slice(0, 4)
      .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    [
      ['egov', '-', 'web-server', 'file', 'required yes', '-'],
      ['egov', 'kz-app', 'application', 'syslog', 'required yes', '-'],
      ['egov', 'kz-sensor', 'monitoring', '-', 'required no', 'STS'],
      ['egov', 'kz-wall', 'firewall', 'syslog', 'required yes', 'STS'],
    ],
  )
  await path.register(
    `sources:\n  - { id: kz-web, constituent: kz, name: Web, circuit: outer, kind: web-server, timeZone: UTC, systemIds: [egov], addresses: [127.61.0.14] }`,
  )
  await path.until('the end of the alarm', () =>
    path
      .of<HealthEvent>('health-events')
      .some(({ code, state }) => code === 'required_log_missing' && state === 'cleared'),
  )
})

test('VN-3.1 KZ-2.3 each process is killed once under a numbered stream: no number is missing, each gap is on record', async (t) => {
  const user = `steady${process.pid}n`
  const sender = sendNumbered(user)
  t.after(() => sender.abandon())
  await path.until('first lines', () => eventsOf('steady').length > 0)
  for (const name of path.services) {
    await path.killAndRestart(name)
    const answered = sender.answered()
    await path.until(`lines after the kill of ${name}`, () => sender.answered() > answered + 50)
    if (FULL) await pause((60 * MINUTE) / path.services.length)
  }
  const last = await sender.stop()
  const numbers = () => new Set(eventsOf('steady').map(({ user_name }) => Number(user_name?.slice(user.length))))
  await path.until('all numbers', () => numbers().size >= last)
  assert.deepEqual(
    [...numbers()].toSorted((a, b) => a - b),
    Array.from({ length: last }, (_, number) => number + 1),
  )
  await path.until(
    'all in the index',
    async () => (await path.indexed({ prefix: { 'user.name': user } })).total >= last,
  )
  t.diagnostic(`${last} lines, ${eventsOf('steady').length - last} of them twice, after kills at the door`)

  const gaps = async () => {
    const printed = await path.run([sourcesCommand], 'sources', 'gaps', '--json')
    return printed
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as { subjectKind: string; subject: string; startedAt: number; endedAt: number })
  }
  await path.until('a gap of each process', async () => {
    const subjects = new Set((await gaps()).map(({ subject }) => subject))
    return path.services.every((name) => subjects.has(`${name}-0`))
  })
  for (const gap of await gaps())
    if (gap.subjectKind === 'process') assert.ok(gap.endedAt - gap.startedAt >= MINUTE - 2_000, JSON.stringify(gap))
})

/** A RELP sender as a device has it: sends again what was not answered. Numbers begin with 1. */
function sendNumbered(user: string) {
  const { centre } = collectSchema.parse({
    collector: 'x',
    circuit: 'inner',
    store: { folder: 'x' },
    centre: { addresses: ['x:1'], plaintext: true },
  })
  let answered = 0
  let last = Number.POSITIVE_INFINITY
  const run = async () => {
    while (answered < last) {
      try {
        const link = await openRelp(path.relpAddress, answered, centre)
        let next = answered + 1
        while (link.failure() === null && answered < last) {
          if (next <= last && link.room() > 980) {
            await link.send([{ seq: next, octets: Buffer.from(failedLogin(`${user}${next}`)) }])
            next += 1
          }
          await pause(2)
          answered = Math.max(answered, link.arrivedSeq())
        }
        await link.close(1_000)
      } catch {
        await pause(50)
      }
    }
  }
  const done = run()
  return {
    answered: () => answered,
    async stop() {
      last = answered + 50
      await done
      return last
    },
    abandon() {
      last = 0
    },
  }
}
