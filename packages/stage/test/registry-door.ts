import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A door in front of the real registry: shut, nobody answers at its address; open, everything passes, late if asked. */
export interface RegistryDoor {
  url: string
  open(delayMs?: number): Promise<void>
  shut(): Promise<void>
  /** Requests that passed. */
  passed: number
}

/** Makes a door to `registryUrl`, shut; its port stays the same. */
export async function registryDoor(registryUrl: string): Promise<RegistryDoor> {
  const target = new URL(registryUrl)
  let server: Server | null = null
  const listen = async (port: number, delayMs: number): Promise<number> => {
    server = createServer((incoming, outgoing) => {
      door.passed++
      const forward = () => {
        const { host: _host, ...headers } = incoming.headers
        const onward = request(
          { host: target.hostname, port: target.port, path: incoming.url, method: incoming.method, headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
            answer.pipe(outgoing)
          },
        )
        onward.on('error', () => outgoing.destroy())
        incoming.pipe(onward)
      }
      setTimeout(forward, delayMs)
    })
    await new Promise<void>((resolve, reject) => {
      server?.once('error', reject)
      server?.listen(port, '127.0.0.1', resolve)
    })
    return (server.address() as AddressInfo).port
  }
  const close = async (): Promise<void> => {
    const closing = server
    server = null
    if (closing === null) return
    closing.closeAllConnections()
    await new Promise((resolve) => closing.close(resolve))
  }
  const port = await listen(0, 0)
  const door: RegistryDoor = {
    url: `http://127.0.0.1:${port}${target.pathname}`,
    passed: 0,
    open: async (delayMs = 0) => {
      await close()
      await listen(port, delayMs)
    },
    shut: close,
  }
  await close()
  return door
}
