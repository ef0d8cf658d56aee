/** Ports as ranges in order, both ends included; none touches the next. */
export type PortRanges = readonly (readonly [from: number, to: number])[]

export const lastPort = 65_535
export const allPorts: PortRanges = [[0, lastPort]]

/** Ports in both. */
export function intersection(a: PortRanges, b: PortRanges): PortRanges {
  return a.flatMap(([from, to]) =>
    b.flatMap(([otherFrom, otherTo]): [number, number][] => {
      const low = Math.max(from, otherFrom)
      const high = Math.min(to, otherTo)
      return low <= high ? [[low, high]] : []
    }),
  )
}

/** Ports in one of them. */
export function union(a: PortRanges, b: PortRanges): PortRanges {
  const joined: [number, number][] = []
  for (const [from, to] of [...a, ...b].sort((p, q) => p[0] - q[0])) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}

/** All other ports. */
export function complement(ranges: PortRanges): PortRanges {
  const rest: [number, number][] = []
  let next = 0
  for (const [from, to] of ranges) {
    if (from > next) rest.push([next, from - 1])
    next = to + 1
  }
  if (next <= lastPort) rest.push([next, lastPort])
  return rest
}
