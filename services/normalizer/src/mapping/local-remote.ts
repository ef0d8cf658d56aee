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

/**
 * A device that names both a local and a remote end speaks of its own connection: the local end is the source, unless the line says that it came in.
 * Where only a remote end is named it is the peer that speaks to us, which the dictionary knows. Gives the pairs under names of one meaning.
 */
export function nameEnds(pairs: readonly Pair[]): readonly Pair[] {
  let local = false
  let remote = false
  let isInbound = false
  for (const [key, value] of pairs) {
    const first = key.charCodeAt(0) | 32
    if (first !== 108 && first !== 114 && first !== 100) continue
    const name = plain(key)
    if (locals[name] === 'srcip') local = true
    else if (remotes[name] === 'dstip') remote = true
    else if ((name === 'direction' || name === 'connectiondirection') && inbound.test(value)) isInbound = true
  }
  if (!local || !remote) return pairs
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
