import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { kernelDropsReader } from '../src/adapters/kernel-drops-file.ts'
import { parseUdpTable } from '../src/kernel-drops.ts'

test('port, inode and drops are read from the table of the kernel', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  110: 0100007F:3C9A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 123456 2 0000000000000000 42
  broken line
`
  assert.deepEqual(parseUdpTable(table), [{ port: 15_514, inode: 123_456, drops: 42 }])
})

test('the drops of a full socket of this process are seen', { skip: !existsSync('/proc/net/udp') }, async (t) => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_096 })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const sender = createSocket('udp4')
  t.after(() => {
    socket.close()
    sender.close()
  })
  const { port } = socket.address()
  const drops = kernelDropsReader(port)
  assert.equal(drops?.(), 0)
  // libuv sends at once and this process does not read meanwhile, so the small buffer runs over.
  const sent = Array.from(
    { length: 2_000 },
    () => new Promise((resolve) => sender.send(Buffer.alloc(1_000), port, '127.0.0.1', resolve)),
  )
  let received = 0
  socket.on('message', () => {
    received += 1
  })
  await Promise.all(sent)
  for (let tries = 0; tries < 1_000 && received + (drops?.() ?? 0) < 2_000; tries++)
    await new Promise((resolve) => setImmediate(resolve))
  assert.ok((drops?.() ?? 0) > 0)
  assert.equal(received + (drops?.() ?? 0), 2_000)
})

test('a port that is not ours has no counter', () => {
  assert.equal(kernelDropsReader(1), null)
})
