import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, isIPv6, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { framed, type Target } from '../generator/plan.ts'

/** One sender with a socket of its own. */
export interface SyslogSender {
  /** Sends lines, slowed down by the receiver where the transport can. Throws `send_failed`. */
  send(lines: readonly Buffer[]): Promise<void>
  /** Resolves when the receiver has all octets (streams) or they have left (UDP). */
  close(): Promise<void>
}

/** Opens a sender from `fromAddress` (null: the system's choice). Throws `send_failed`. */
export async function openSender(target: Target, fromAddress: string | null): Promise<SyslogSender> {
  try {
    return target.transport === 'udp' ? await openUdp(target, fromAddress) : await openStream(target, fromAddress)
  } catch (error) {
    throw failed(target, error)
  }
}

function failed({ transport, host, port }: Target, error: unknown): TocsinError {
  return new TocsinError(
    'send_failed',
    `Sending to ${transport}://${host}:${port} failed: ${messageOf(error)}; is the listener up (\`tocsin status\`)?`,
    error,
  )
}

async function openUdp(target: Target, fromAddress: string | null): Promise<SyslogSender> {
  const socket = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4')
  if (fromAddress !== null) {
    socket.bind({ address: fromAddress, port: 0 })
    await once(socket, 'listening')
  }
  socket.connect(target.port, target.host)
  await once(socket, 'connect')
  // A refusal by the host comes back with a later send; UDP promises nothing, so the sender goes on.
  socket.on('error', () => {})
  return {
    send: async (lines) => {
      await Promise.all(lines.map((line) => new Promise<void>((resolve) => socket.send(line, () => resolve()))))
    },
    close: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

async function openStream(target: Target, fromAddress: string | null): Promise<SyslogSender> {
  const { host, port, framing, transport } = target
  const local = fromAddress === null ? {} : { localAddress: fromAddress }
  const pem = (file: string | null) => (file === null ? undefined : readFileSync(file))
  const socket: Socket =
    transport === 'tcp'
      ? connectTcp({ host, port, ...local })
      : connectTls({
          host,
          port,
          ...local,
          ca: pem(target.caFile),
          cert: pem(target.certFile),
          key: pem(target.keyFile),
          rejectUnauthorized: !target.insecure,
        })
  await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect')
  let failure: unknown = null
  socket.on('error', (error) => {
    failure = error
  })
  // A syslog receiver says nothing; what it says nevertheless is read away so that the end is seen.
  socket.resume()
  const check = () => {
    if (failure !== null || socket.destroyed)
      throw failed(target, failure ?? new Error('the receiver closed the connection'))
  }
  return {
    send: async (lines) => {
      check()
      const octets = Buffer.concat(lines.map((line) => framed(line, framing)))
      if (!socket.write(octets)) await drained(socket)
      check()
    },
    close: async () => {
      check()
      const closed = once(socket, 'close')
      socket.end()
      await closed
      if (failure !== null) throw failed(target, failure)
    },
  }
}

/** Resolves when more may be written, or when the connection is gone: the next look tells which. */
async function drained(socket: Socket): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => {})
  over.abort()
}
