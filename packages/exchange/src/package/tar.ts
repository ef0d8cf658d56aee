/** One file of a package. */
export interface PackageFile {
  name: string
  content: Buffer
}

const BLOCK_OCTETS = 512
const MAX_FILES = 1_000

/** A tar archive (POSIX ustar) without owner, times or rights of anybody: the same files give the same octets. */
export function tarOf(files: readonly PackageFile[]): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    headerOf(name, content.length),
    content,
    Buffer.alloc((BLOCK_OCTETS - (content.length % BLOCK_OCTETS)) % BLOCK_OCTETS),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_OCTETS)])
}

function headerOf(name: string, size: number): Buffer {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) throw new RangeError(`The name ${name} does not fit a package.`)
  const header = Buffer.alloc(BLOCK_OCTETS)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(0, 12), 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, octet) => total + octet, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Reads an archive that `tarOf` wrote. Throws RangeError where it is another one, or where a single octet of it is not as it was written. */
export function filesOfTar(octets: Buffer): PackageFile[] {
  const files: PackageFile[] = []
  for (let at = 0; octets[at] !== undefined && octets[at] !== 0; ) {
    const name = octets.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(octets.toString('latin1', at + 124, at + 135), 8)
    const from = at + BLOCK_OCTETS
    if (!Number.isSafeInteger(size) || from + size > octets.length || files.length >= MAX_FILES)
      throw new RangeError('The package is cut off, or is none.')
    files.push({ name, content: octets.subarray(from, from + size) })
    at = from + Math.ceil(size / BLOCK_OCTETS) * BLOCK_OCTETS
  }
  // What lies between the files is compared too: there is one way only to write a package.
  if (!tarOf(files).equals(octets)) throw new RangeError('The package was altered between its files.')
  return files
}
