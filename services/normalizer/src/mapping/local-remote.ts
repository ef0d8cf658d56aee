import type { Pair } from '../parser.ts'

/** `LocalAddress` and its like are left out: services write them of the side that serves. */
const locals: Record<string, string> = {
  localip: 'srcip',
  locip: 'srcip',
  localport: 'srcport',
  locport: 'srcport',
}
const remotes: Record<string, string> = {
  remoteip: 'dstip',
  remip: 'dstip',
  remoteport: 'dstport',
  remport: 'dstport',
}
const inbound = /^(?:in|inbound|incoming|ingress|0)$/i

/** Which end of the device's own connection a key names the address of. */
export function endOf(key: string): 'local' | 'remote' | undefined {
  const name = plain(key)
  if (Object.hasOwn(locals, name) && locals[name] === 'srcip') return 'local'
  return Object.hasOwn(remotes, name) && remotes[name] === 'dstip' ? 'remote' : undefined
}

/**
 * A device that names both a local and a remote end speaks of its own connection: the local end is the source, unless the line says that it came in.
 * Where only a remote end is named it is the peer that speaks to us, which the dictionary knows. Gives the pairs under names of one meaning.
 */
export function nameEnds(pairs: readonly Pair[]): readonly Pair[] {
  const isInbound = pairs.some(([key, value]) => /^(?:connection)?direction$/.test(plain(key)) && inbound.test(value))
  return pairs.map((pair) => {
    const name = plain(pair[0])
    const meant = Object.hasOwn(locals, name) ? locals[name] : Object.hasOwn(remotes, name) ? remotes[name] : undefined
    if (meant === undefined) return pair
    return [isInbound ? (meant.startsWith('src') ? `dst${meant.slice(3)}` : `src${meant.slice(3)}`) : meant, pair[1]]
  })
}

function plain(key: string): string {
  const last = key.slice(key.lastIndexOf('.') + 1)
  return last.length > 24 ? '' : last.toLowerCase().replaceAll(/[^a-z]/g, '')
}
