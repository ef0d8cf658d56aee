import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { FullStack } from '../support/full-stack.ts'

/** A way in through the door. */
export type Way = 'udp' | 'tcp by lines' | 'tcp by octet counts' | 'tls'

/** The octets of one frame in a stream (RFC 6587). */
export function framed(frame: Buffer, way: Way): Buffer {
  if (way === 'tcp by lines') return Buffer.concat([frame, Buffer.of(0x0a)])
  return Buffer.concat([Buffer.from(`${frame.length} `), frame])
}

/** Sends frames from a loopback address, which tells the sources of the embedded stack apart; ends when all are handed over. */
export async function send(
  stack: FullStack,
  way: Way,
  from: string,
  frames: readonly (string | Buffer)[],
): Promise<void> {
  const octets = frames.map((frame) => Buffer.from(frame))
  if (way === 'udp') return sendDatagrams(stack.port('syslog'), from, octets)
  const port = stack.port(way === 'tls' ? 'syslog-tls' : 'syslog')
  const plain = connect({ host: '127.0.0.1', port, localAddress: from })
  await once(plain, 'connect')
  const stream = way === 'tls' ? connectTls({ socket: plain, ca: certificate(stack), servername: 'localhost' }) : plain
  if (way === 'tls') await once(stream, 'secureConnect')
  stream.resume()
  const closed = once(stream, 'close')
  for (const frame of octets) if (!stream.write(framed(frame, way))) await once(stream, 'drain')
  stream.end()
  await closed
}

function certificate(stack: FullStack): Buffer {
  return readFileSync(join(stack.dataFolder, 'data/syslog-ingest/syslog-ingest/tls/cert.pem'))
}

async function sendDatagrams(port: number, from: string, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, from)
  await once(socket, 'listening')
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
    })
  }
  socket.close()
}
