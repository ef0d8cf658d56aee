import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { StackError } from './stack-error.ts'

/** A port that something will listen on: its name on the command line, the port wanted, and who binds it. */
export interface PortWish {
  name: string
  defaultPort: number
  protocols: readonly ('tcp' | 'udp')[]
}

export type PortCheck = (port: number, protocol: 'tcp' | 'udp') => Promise<boolean>

const scanned = 500

/**
 * Gives every wish a port: the one named in `given`, which must be free, else the default one, else the next free one above it.
 * Throws `port_taken` for a given port that is in use and `bad_argument` for a given name nobody wishes.
 */
export async function choosePorts(
  wishes: readonly PortWish[],
  given: ReadonlyMap<string, number>,
  isFree: PortCheck = isPortFree,
): Promise<Map<string, number>> {
  const chosen = new Map<string, number>()
  const names = new Set(wishes.map((wish) => wish.name))
  const strange = [...given.keys()].find((name) => !names.has(name))
  if (strange !== undefined) {
    throw new StackError('bad_argument', `There is no port called "${strange}"; known are ${[...names].join(', ')}.`)
  }
  const free = async (wish: PortWish, port: number): Promise<boolean> => {
    if ([...chosen.values()].includes(port)) return false
    for (const protocol of wish.protocols) if (!(await isFree(port, protocol))) return false
    return true
  }
  for (const wish of wishes) {
    const port = given.get(wish.name)
    if (port === undefined) continue
    if (!(await free(wish, port))) {
      throw new StackError(
        'port_taken',
        `Port ${port} given for ${wish.name} is in use; end what listens there or give another one with --ports ${wish.name}=PORT.`,
      )
    }
    chosen.set(wish.name, port)
  }
  for (const wish of wishes) {
    if (!chosen.has(wish.name)) chosen.set(wish.name, await firstFree(wish, (port) => free(wish, port)))
  }
  return chosen
}

/** The same wishes far from the fixed ports, spread by `seed`, so that stacks of several test runs do not meet. */
export function movedPorts(wishes: readonly PortWish[], seed: number): PortWish[] {
  const base = 20_000 + ((seed * 37) % 10_000)
  return wishes.map((wish, index) => ({ ...wish, defaultPort: base + index }))
}

async function firstFree(wish: PortWish, isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let port = wish.defaultPort; port < wish.defaultPort + scanned; port += 1) if (await isFree(port)) return port
  throw new StackError(
    'port_taken',
    `None of the ${scanned} ports from ${wish.defaultPort} is free for ${wish.name}; give one with --ports ${wish.name}=PORT.`,
  )
}

/** True when a port can be bound on loopback now. */
export function isPortFree(port: number, protocol: 'tcp' | 'udp'): Promise<boolean> {
  return new Promise((resolve) => {
    if (protocol === 'udp') {
      const socket = createSocket('udp4')
      socket.once('error', () => resolve(false))
      socket.bind({ port, address: '127.0.0.1' }, () => socket.close(() => resolve(true)))
      return
    }
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)))
  })
}
