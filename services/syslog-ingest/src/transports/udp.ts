import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { kernelDropsReader } from '../adapters/kernel-drops-file.ts'
import { addressText } from '../address.ts'
import type { Session } from '../session.ts'
import type { Transport, TransportContext } from './transport.ts'

/** Peers remembered; beyond it they are forgotten and decided anew. */
const SESSIONS_MAX = 65_536
/** Time to read what the kernel already holds when we stop. */
const LAST_READ_MS = 50

/**
 * Syslog over UDP (RFC 5426): one datagram, one frame. Several processes share the port (`reusePort`), the receive
 * buffer is asked for and what the system gave is looked at, and the kernel's own losses are counted.
 */
export const udp: Transport = {
  name: 'udp',
  secure: false,
  port: (config) => config.udpPort,
  async open(port, context) {
    const socket = createSocket({ type: isIPv6(context.host) ? 'udp6' : 'udp4', reusePort: true })
    socket.bind({ port, address: context.host })
    await once(socket, 'listening')
    const bound = socket.address().port
    const name = `udp:${bound}`
    checkReceiveBuffer(socket, name, context)
    receive(socket, name, context)
    const kernelDrops = kernelDropsReader(bound)
    return {
      name,
      address: context.host,
      port: bound,
      connections: () => 0,
      kernelDrops: () => kernelDrops?.() ?? null,
      async close() {
        await pause(LAST_READ_MS)
        const closed = once(socket, 'close')
        socket.close()
        await closed
      },
    }
  },
}

function receive(socket: Socket, listener: string, { intake, log, config }: TransportContext): void {
  const sessions = new Map<string, Session>()
  socket.on('message', (octets, peer) => {
    if (octets.length === 0) return
    let session = sessions.get(peer.address)
    if (session === undefined) {
      if (sessions.size >= SESSIONS_MAX) sessions.clear()
      const address = addressText(peer.address)
      session = intake.session({ listener, transport: 'udp', address, certificateSubject: null })
      sessions.set(peer.address, session)
    }
    const cutBytes = Math.max(0, octets.length - config.maxFrameBytes)
    const kept = cutBytes === 0 ? octets : octets.subarray(0, config.maxFrameBytes)
    intake.frame(session, kept, cutBytes, 'datagram', peer.port)
  })
  socket.on('error', (error) => log.error({ listener, err: error, code: 'listener_error' }, 'The UDP listener failed.'))
}

function checkReceiveBuffer(socket: Socket, listener: string, { config, log, receiveBuffer }: TransportContext): void {
  const wanted = config.udpReceiveBufferBytes
  try {
    socket.setRecvBufferSize(wanted)
  } catch {
    // What the system gives instead is looked at below.
  }
  // Linux doubles what is asked for, for its own bookkeeping (socket(7), SO_RCVBUF).
  const given = Math.floor(socket.getRecvBufferSize() / 2)
  receiveBuffer(listener, given)
  if (given < wanted) {
    log.warn(
      { listener, wanted, given, code: 'udp_receive_buffer_small' },
      `The system gives ${given} of ${wanted} octets of receive buffer to ${listener}: raise net.core.rmem_max, or bursts are lost.`,
    )
  }
}
