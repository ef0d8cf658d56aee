/** One UDP socket of the kernel's table. */
export interface UdpSocket {
  port: number
  inode: number
  /** Datagrams dropped since the socket was opened: its receive buffer was full, or a checksum was wrong. */
  drops: number
}

/** Takes the text of /proc/net/udp or /proc/net/udp6 (proc(5)); gives its sockets. Lines that do not fit are left out. */
export function parseUdpTable(text: string): UdpSocket[] {
  const sockets: UdpSocket[] = []
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/)
    const port = Number.parseInt(columns[1]?.split(':')[1] ?? '', 16)
    const inode = Number(columns[9])
    const drops = Number(columns[12])
    if (Number.isInteger(port) && Number.isInteger(inode) && Number.isInteger(drops))
      sockets.push({ port, inode, drops })
  }
  return sockets
}
