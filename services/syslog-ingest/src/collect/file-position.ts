import { crc32 } from 'node:zlib'

/** Octets at the head of a file that tell it from another one with the same inode. */
export const HEAD_BYTES = 256

/** How far a file was read: which file, up to where, and what it begins with. */
export interface FilePosition {
  inode: string
  /** Octets up to the end of the last whole line. */
  offset: number
  /** CRC-32 of the first `min(256, offset)` octets. */
  head: number
}

/** Takes a position; gives its text in the store. */
export function positionText({ inode, offset, head }: FilePosition): string {
  return `${inode} ${offset} ${head}`
}

/** Takes the text of a position; gives it, or null where there is none. */
export function positionFrom(text: string | undefined): FilePosition | null {
  const [, inode, offset, head] = /^(\d{1,20}) (\d{1,16}) (\d{1,10})$/.exec(text ?? '') ?? []
  return inode === undefined ? null : { inode, offset: Number(offset), head: Number(head) }
}

/** Takes the first octets of a file and an offset in it; gives the number that a position keeps of them. */
export function headOf(octets: Buffer, offset: number): number {
  return crc32(octets.subarray(0, Math.min(HEAD_BYTES, offset)))
}
