import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const TICK_MS = 50
const RETRY_MS = 100

/** What a steady sender did so far. */
export interface SteadySender {
  /** Lines handed to the socket so far; they have the numbers 0 to sent − 1. */
  sent(): number
  /** Number of the first line of each connection. */
  connections: readonly number[]
  /** Stops, and resolves when the last line is handed over and the connection is closed. */
  stop(): Promise<void>
}

/**
 * Sends numbered lines over TCP at a rate, each once, and connects again when the receiver goes away, as a log shipper
 * does. Plain syslog has no answer: what the receiver had not read is lost to the sender, who goes on with the next number.
 */
export function startSteadySender(
  port: number,
  from: string,
  perSecond: number,
  line: (seq: number) => string,
): SteadySender {
  let seq = 0
  let isStopping = false
  const connections: number[] = []
  const perTick = Math.max(1, Math.round((perSecond * TICK_MS) / 1_000))
  const run = async (): Promise<void> => {
    while (!isStopping) {
      const socket = await opened(port, from)
      if (socket === null) {
        await pause(RETRY_MS)
        continue
      }
      connections.push(seq)
      let isOpen = true
      const closed = new Promise<void>((resolve) => {
        socket.once('close', () => {
          isOpen = false
          resolve()
        })
      })
      while (isOpen && !isStopping) {
        let text = ''
        for (let n = 0; n < perTick; n++) text += `${line(seq++)}\n`
        socket.write(text)
        await Promise.race([pause(TICK_MS), closed])
      }
      socket.end()
      socket.resume()
      await closed
    }
  }
  const running = run()
  return {
    sent: () => seq,
    connections,
    async stop() {
      isStopping = true
      await running
    },
  }
}

/** A connection, or null where nobody listens. */
function opened(port: number, from: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from })
    socket.once('connect', () => resolve(socket))
    // Later errors are followed by `close`, to which the sender listens.
    socket.on('error', () => resolve(null))
  })
}
