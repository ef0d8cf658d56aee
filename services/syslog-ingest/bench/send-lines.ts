// The other end of the socket, in a process of its own so that its CPU time is not counted: `node send-lines.ts PORT LINES`,
// once for each line on standard input.
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { lineOf } from './lines.ts'

const [port, lines] = process.argv.slice(2).map(Number) as [number, number]
const socket = connect(port, '127.0.0.1')
await once(socket, 'connect')
const CHUNK_LINES = 500
const chunks: Buffer[] = []
for (let at = 0; at < lines; at += CHUNK_LINES)
  chunks.push(Buffer.from(Array.from({ length: Math.min(CHUNK_LINES, lines - at) }, (_, n) => lineOf(at + n)).join('')))
process.stdout.write('ready\n')
for await (const _ of createInterface({ input: process.stdin }))
  for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, 'drain')
socket.end()
