import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }
const RELP = { SYSLOG_INGEST_RELP_PORT: '0' }
const OFFERS = 'relp_version=0\nrelp_software=test\ncommands=syslog'

/** A RELP sender by hand: what it writes and every answer it gets. */
async function dial(t: TestContext, port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString()
  })
  await once(socket, 'connect')
  const write = (txnr: number, command: string, data = '') =>
    socket.write(`${txnr} ${command} ${Buffer.byteLength(data)}${data === '' ? '' : ' '}${data}\n`)
  return {
    socket,
    write,
    heard: () => heard,
    open: async () => {
      write(1, 'open', OFFERS)
      await eventually(() => heard.startsWith('1 rsp '))
    },
  }
}

test('a frame is answered when Kafka has it, not before, and every frame exactly once', LIMITS, async (t) => {
  const { port, lines, state, release } = await startIngest(t, RELP)
  const sender = await dial(t, port('relp:'))
  await sender.open()
  assert.match(sender.heard(), /^1 rsp \d+ 200 OK\nrelp_version=0\nrelp_software=tocsin\ncommands=syslog\n$/)
  state.acknowledging = false
  for (let txnr = 2; txnr < 702; txnr++) sender.write(txnr, 'syslog', `<13>line ${txnr}`)
  await eventually(() => lines().length === 700)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.doesNotMatch(sender.heard(), /^2 rsp/m)
  release()
  await eventually(() => /^701 rsp 6 200 OK$/m.test(sender.heard()))
  const answered = [...sender.heard().matchAll(/^(\d+) rsp 6 200 OK$/gm)].map((match) => Number(match[1]))
  assert.deepEqual(
    answered.toSorted((a, b) => a - b),
    Array.from({ length: 700 }, (_, index) => index + 2),
  )
})

test('a goodbye is answered after all frames before it', LIMITS, async (t) => {
  const { port, state, lines, release } = await startIngest(t, RELP)
  const sender = await dial(t, port('relp:'))
  await sender.open()
  state.acknowledging = false
  sender.write(2, 'syslog', '<13>last')
  sender.write(3, 'close')
  await eventually(() => lines().length === 1)
  assert.doesNotMatch(sender.heard(), /^3 rsp/m)
  release()
  if (!sender.socket.closed) await once(sender.socket, 'close')
  assert.match(sender.heard(), /\n2 rsp 6 200 OK\n3 rsp 6 200 OK\n0 serverclose 0\n$/)
})

test('what a sender repeats after a broken session is kept, marked and counted', LIMITS, async (t) => {
  const { port, frames, metrics, stop, state, release } = await startIngest(t, RELP)
  state.acknowledging = false
  const first = await dial(t, port('relp:'))
  await first.open()
  first.write(2, 'syslog', '<13>one')
  first.write(3, 'syslog', '<13>two')
  await eventually(() => frames().length === 2)
  first.socket.destroy()
  release()
  const second = await dial(t, port('relp:'))
  await second.open()
  for (const [index, text] of ['<13>two', '<13>three', '<13>two'].entries()) second.write(index + 2, 'syslog', text)
  await eventually(() => frames().length === 5)
  assert.deepEqual(
    frames().map((frame) => [frame.octets.toString(), frame.possibleRepeat]),
    [
      ['<13>one', false],
      ['<13>two', false],
      ['<13>two', true],
      ['<13>three', false],
      ['<13>two', false],
    ],
  )
  await stop()
  assert.match(await metrics.registry.metrics(), /frames_repeated_total\{[^}]*listener="relp:[^}]*\} 1/)
})

test('KZ-12b an unlisted sender is told so and turned away before it says a line', LIMITS, async (t) => {
  const { port, sent, metrics } = await startIngest(t, RELP, [source({ addresses: ['192.0.2.9'] })])
  const sender = await dial(t, port('relp:'))
  sender.write(1, 'open', OFFERS)
  sender.write(2, 'syslog', '<13>secret')
  if (!sender.socket.closed) await once(sender.socket, 'close')
  assert.match(sender.heard(), /^1 rsp \d+ 500 not a registered sender\n$/)
  assert.deepEqual(
    sent.map(({ topic }) => topic),
    ['health-events'],
  )
  assert.doesNotMatch(JSON.stringify(sent), /secret/)
  assert.match(await metrics.registry.metrics(), /connections_closed_total\{[^}]*reason="not_admitted"[^}]*\} 1/)
})

test('a sender that counts one length and sends another loses the connection, not its neighbour', LIMITS, async (t) => {
  const { port, lines, metrics } = await startIngest(t, RELP)
  const liar = await dial(t, port('relp:'))
  const honest = await dial(t, port('relp:'))
  await liar.open()
  await honest.open()
  liar.socket.write('2 syslog 5 <13>good\n3 syslog 9 <13>short\n')
  honest.write(2, 'syslog', '<13>honest')
  if (!liar.socket.closed) await once(liar.socket, 'close')
  await eventually(() => /^2 rsp 6 200 OK$/m.test(honest.heard()))
  assert.deepEqual(lines(), ['<13>honest'])
  assert.match(await metrics.registry.metrics(), /connections_closed_total\{[^}]*reason="protocol_error"[^}]*\} 1/)
})

test('a stop answers what Kafka has, says goodbye and takes nothing more', LIMITS, async (t) => {
  const { port, lines, stop } = await startIngest(t, RELP)
  const sender = await dial(t, port('relp:'))
  await sender.open()
  sender.write(2, 'syslog', '<13>one')
  await eventually(() => lines().length === 1 || sender.socket.writableLength === 0)
  await eventually(() => /^2 rsp/m.test(sender.heard()))
  assert.equal(await stop(), true)
  await eventually(() => sender.heard().endsWith('2 rsp 6 200 OK\n0 serverclose 0\n'))
})

test('connections of one source are bounded, wherever they come from', LIMITS, async (t) => {
  const { port, metrics } = await startIngest(t, { ...RELP, SYSLOG_INGEST_MAX_CONNECTIONS_PER_SOURCE: '2' })
  const held = [await dial(t, port('relp:')), await dial(t, port('relp:'))]
  for (const sender of held) await sender.open()
  const third = await dial(t, port('relp:'))
  if (!third.socket.closed) await once(third.socket, 'close')
  assert.match(await metrics.registry.metrics(), /connections_closed_total\{[^}]*reason="too_many_of_source"[^}]*\} 1/)
})
