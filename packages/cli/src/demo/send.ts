import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { StoryLine } from './line.ts'

/** Addresses of the receiving end. */
export interface Door {
  udpPort: number
  tcpPort: number
  tlsPort: number
  /** Certificate that the TLS listener must show, PEM. */
  tlsCertificate: Buffer
}

const HOST = '127.0.0.1'
/** Datagrams sent at once before the receiver gets a turn: UDP has no back-pressure, and the story must lose nothing. */
const UDP_BURST = 20

/** Sends lines in order, each from the address of its source; resolves when all are handed to the sockets and closed. */
export async function sendLines(door: Door, lines: readonly StoryLine[]): Promise<void> {
  const bySender = Map.groupBy(lines, (line) => `${line.from}/${line.transport}`)
  await Promise.all(
    [...bySender.values()].map((own) =>
      own[0]?.transport === 'udp' ? sendDatagrams(door, own) : sendStream(door, own),
    ),
  )
}

async function sendDatagrams(door: Door, lines: readonly StoryLine[]): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, lines[0]?.from)
  await once(socket, 'listening')
  for (const [index, line] of lines.entries()) {
    await new Promise<void>((resolve, reject) => {
      socket.send(line.text, door.udpPort, HOST, (error) => (error === null ? resolve() : reject(error)))
    })
    if (index % UDP_BURST === UDP_BURST - 1) await pause(5)
  }
  socket.close()
}

async function sendStream(door: Door, lines: readonly StoryLine[]): Promise<void> {
  const [first] = lines
  if (first === undefined) return
  const socket = await open(door, first)
  const frames = lines.map(({ transport, text }) =>
    transport === 'tcp-octet-counting' ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`,
  )
  if (!socket.write(frames.join(''))) await once(socket, 'drain')
  socket.end()
  await once(socket, 'close')
}

async function open(door: Door, { from, transport }: StoryLine): Promise<Socket> {
  if (transport !== 'tls') {
    const socket = connect({ host: HOST, port: door.tcpPort, localAddress: from })
    await once(socket, 'connect')
    return socket
  }
  const plain = connect({ host: HOST, port: door.tlsPort, localAddress: from })
  await once(plain, 'connect')
  const socket = connectTls({ socket: plain, ca: door.tlsCertificate, servername: 'localhost' })
  await once(socket, 'secureConnect')
  socket.resume()
  return socket
}
