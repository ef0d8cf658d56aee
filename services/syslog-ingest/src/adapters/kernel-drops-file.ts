import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parseUdpTable } from '../kernel-drops.ts'

const TABLES = ['/proc/net/udp', '/proc/net/udp6']

/**
 * Gives a reader of the kernel's drop counter for this process's UDP sockets on `port`, or null where the system has no
 * such table. Sockets are told by inode, because several processes may share the port (SO_REUSEPORT).
 */
export function kernelDropsReader(port: number): (() => number) | null {
  const own = ownSocketInodes()
  const mine = () => readTables().filter((socket) => socket.port === port && own.has(socket.inode))
  if (mine().length === 0) return null
  return () => mine().reduce((sum, socket) => sum + socket.drops, 0)
}

function readTables() {
  return TABLES.flatMap((path) => {
    try {
      return parseUdpTable(readFileSync(path, 'utf8'))
    } catch {
      return []
    }
  })
}

function ownSocketInodes(): Set<number> {
  const inodes = new Set<number>()
  try {
    for (const fd of readdirSync('/proc/self/fd')) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${fd}`))?.[1]
      if (inode !== undefined) inodes.add(Number(inode))
    }
  } catch {
    // No /proc: the counters are not to be had on this system.
  }
  return inodes
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
