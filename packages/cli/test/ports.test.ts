import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { choosePorts, isPortFree, type PortWish } from '../src/stack/ports.ts'

const kafka: PortWish = { name: 'kafka', defaultPort: 19092, protocols: ['tcp'] }
const syslog: PortWish = { name: 'syslog', defaultPort: 15514, protocols: ['udp', 'tcp'] }
const allFree = async (): Promise<boolean> => true

test('the fixed default port is taken where it is free', async () => {
  const ports = await choosePorts([kafka, syslog], new Map(), allFree)
  assert.deepEqual(Object.fromEntries(ports), { kafka: 19092, syslog: 15514 })
})

test('the next free port is taken where the default one is in use', async () => {
  const ports = await choosePorts([kafka], new Map(), async (port) => port > 19093)
  assert.equal(ports.get('kafka'), 19094)
})

test('a port whose UDP side is in use is not taken for a listener that needs both', async () => {
  const ports = await choosePorts(
    [syslog],
    new Map(),
    async (port, protocol) => !(port === 15514 && protocol === 'udp'),
  )
  assert.equal(ports.get('syslog'), 15515)
})

test('a port given by name that is in use is refused in one sentence that names it', async () => {
  await assert.rejects(
    choosePorts([kafka], new Map([['kafka', 4711]]), async () => false),
    {
      code: 'port_taken',
      message:
        'Port 4711 given for kafka is in use; end what listens there or give another one with --ports kafka=PORT.',
    },
  )
})

test('a port given under a name that nobody has is refused with the names that there are', async () => {
  await assert.rejects(choosePorts([kafka, syslog], new Map([['kafak', 1]]), allFree), {
    code: 'bad_argument',
    message: 'There is no port called "kafak"; known are kafka, syslog.',
  })
})

test('no port is given twice, whatever is in use and whatever defaults meet', async () => {
  const wishes = fc.array(fc.integer({ min: 2000, max: 2010 }), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(wishes, fc.uniqueArray(fc.integer({ min: 2000, max: 2020 })), async (defaults, taken) => {
      const asked = defaults.map(
        (defaultPort, index): PortWish => ({ name: `p${index}`, defaultPort, protocols: ['tcp'] }),
      )
      const ports = [...(await choosePorts(asked, new Map(), async (port) => !taken.includes(port))).values()]
      assert.equal(new Set(ports).size, asked.length)
      assert.ok(ports.every((port) => !taken.includes(port)))
    }),
  )
})

test('a port that another process listens on, by TCP or UDP, is seen as in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const tcpPort = (server.address() as { port: number }).port
  assert.equal(await isPortFree(tcpPort, 'tcp'), false)
  server.close()
  await once(server, 'close')
  assert.equal(await isPortFree(tcpPort, 'tcp'), true)

  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  assert.equal(await isPortFree(socket.address().port, 'udp'), false)
  socket.close()
})
