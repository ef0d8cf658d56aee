import type { Socket } from 'node:net'
import { isInRange, parseAddress, parseRange } from '../address.ts'
import { proxyHeader } from '../proxy-protocol.ts'
import type { Peer } from './connections.ts'

const HEADER_TIMEOUT_MS = 5_000

type Read = (socket: Socket, then: (sender: Peer | 'bad' | 'gone') => void) => void

/**
 * Takes the proxies that are believed (addresses, CIDRs); gives a function that tells for a peer how the true sender of
 * its connection is to be read, or null where the peer speaks for itself. From a believed proxy the header must come
 * first; from anyone else it is text like any other (proxy-protocol.txt, section 5).
 */
export function proxyReader(proxies: readonly string[]): (peer: Peer) => Read | null {
  const ranges = proxies.map(parseRange).filter((range) => range !== null)
  return (peer) => {
    if (ranges.length === 0) return null
    const address = parseAddress(peer.address)
    if (address === null || !ranges.some((range) => isInRange(address, range))) return null
    return (socket, then) => readHeader(socket, peer, then)
  }
}

function readHeader(socket: Socket, proxy: Peer, then: (sender: Peer | 'bad' | 'gone') => void): void {
  let octets: Buffer = Buffer.alloc(0)
  const finish = (sender: Peer | 'bad' | 'gone'): void => {
    clearTimeout(timer)
    socket.off('data', take).off('close', gone).off('error', ignore)
    then(sender)
  }
  const gone = () => finish('gone')
  // 'close' follows.
  const ignore = () => {}
  const take = (chunk: Buffer): void => {
    octets = octets.length === 0 ? chunk : Buffer.concat([octets, chunk])
    const header = proxyHeader(octets)
    if (header.kind === 'more') return
    socket.pause()
    if (header.kind === 'bad') {
      finish('bad')
      return
    }
    if (octets.length > header.bytes) socket.unshift(octets.subarray(header.bytes))
    finish(header.peer ?? proxy)
  }
  const timer = setTimeout(() => finish('bad'), HEADER_TIMEOUT_MS)
  socket.on('data', take).on('close', gone).on('error', ignore)
}
