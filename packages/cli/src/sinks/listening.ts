import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits until the port takes connections; throws with `why` when the process has ended or does not listen within a minute. */
export async function untilListening(port: number, alive: () => boolean, why: () => string): Promise<void> {
  for (let tries = 0; tries < 1_200; tries++) {
    if (!alive()) throw new Error(why())
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await pause(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(why())
}
