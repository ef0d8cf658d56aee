// The other end of the socket, in a process of its own so that its CPU time is not counted: `node send-lines.ts PORT LINES [mixed|udp]`,
// once for each line on standard input. `udp` sends datagrams, a number of them a second where the input line is one.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { lineOf, mixedLineOf } from './lines.ts'

const [port, lines] = process.argv.slice(2).map(Number) as [number, number]
const kind = process.argv[4] ?? 'same'
const CHUNK_LINES = 500
const DISTINCT_LINES = 20_000

async function overTcp(): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  const textOf = kind === 'mixed' ? mixedLineOf : lineOf
  for (let at = 0; at < Math.min(lines, DISTINCT_LINES); at += CHUNK_LINES)
    chunks.push(Buffer.from(Array.from({ length: CHUNK_LINES }, (_, n) => textOf(at + n)).join('')))
  process.stdout.write('ready\n')
  for await (const _ of createInterface({ input: process.stdin })) {
    for (let sent = 0, chunk = 0; sent < lines; sent += CHUNK_LINES, chunk++) {
      const octets = chunks[chunk % chunks.length] as Buffer
      if (!socket.write(octets)) await once(socket, 'drain')
    }
  }
  socket.end()
}

async function overUdp(): Promise<void> {
  const socket = createSocket('udp4')
  const datagrams = Array.from({ length: 1_000 }, (_, n) => Buffer.from(mixedLineOf(n).trimEnd()))
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  process.stdout.write('ready\n')
  for await (const line of createInterface({ input: process.stdin })) {
    const perSecond = Number(line)
    const begun = performance.now()
    for (let sent = 0; sent < lines; ) {
      const due = Math.min(lines, Math.ceil(((performance.now() - begun) / 1_000) * perSecond))
      for (; sent < due; sent++) socket.send(datagrams[sent % datagrams.length] as Buffer)
      await pause(1)
    }
    process.stdout.write('sent\n')
  }
  socket.close()
}

await (kind === 'udp' ? overUdp() : overTcp())
