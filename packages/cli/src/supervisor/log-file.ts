import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname } from 'node:path'

const tailBytes = 64 * 1024
const maxLogBytes = 64 * 1024 * 1024

/** Opens a child's log for appending; the child writes to it directly, so it outlives its supervisor. The caller closes the descriptor. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  boundLog(file)
  return openSync(file, 'a')
}

/** Keeps a log below 64 MB: the old part moves to `<file>.1`. Safe while a child appends. */
export function boundLog(file: string): void {
  if (!existsSync(file) || statSync(file).size < maxLogBytes) return
  copyFileSync(file, `${file}.1`)
  truncateSync(file, 0)
}

/** The size of a log now, to know where the lines of the next start begin. */
export function logSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}

/** The last `count` lines written after offset `from`, without control characters, each at most 400 characters. */
export function lastLines(file: string, count: number, from = 0): string[] {
  if (!existsSync(file)) return []
  const descriptor = openSync(file, 'r')
  try {
    const size = fstatSync(descriptor).size
    const start = Math.max(0, Math.min(from, size), size - tailBytes)
    const buffer = Buffer.alloc(size - start)
    readSync(descriptor, buffer, 0, buffer.length, start)
    return buffer
      .toString('utf8')
      .split('\n')
      .map(printable)
      .filter((line) => line.trim() !== '')
      .slice(-count)
  } finally {
    closeSync(descriptor)
  }
}

/** Source text may hold terminal codes; what we print of a log must not act on the reader's terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ').slice(0, 400)
}
