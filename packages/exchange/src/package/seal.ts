import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { filesOfTar, type PackageFile, tarOf } from './tar.ts'

export const SUMS = 'SHA256SUMS'
export const SIGNATURE = 'SHA256SUMS.sig'

/**
 * Takes files and an Ed25519 key; gives one signed package: a tar archive with the files, their SHA-256 as `sha256sum` writes them, and
 * the signature of that list in base64. Whoever has tar, sha256sum and openssl can check it without us.
 */
export function sealPackage(files: readonly PackageFile[], privateKey: KeyObject): Buffer {
  const sums = Buffer.from(files.map(({ name, content }) => `${sha256Of(content)}  ${name}\n`).join(''))
  const signature = `${sign(null, sums, privateKey).toString('base64')}\n`
  return tarOf([...files, { name: SUMS, content: sums }, { name: SIGNATURE, content: Buffer.from(signature) }])
}

/** Takes a package and the public keys that are trusted; gives its files. Throws RangeError saying what does not hold. */
export function openPackage(octets: Buffer, publicKeys: readonly KeyObject[]): PackageFile[] {
  const all = filesOfTar(octets)
  const [signature, sums] = [all.at(-1), all.at(-2)]
  if (signature?.name !== SIGNATURE || sums?.name !== SUMS) throw new RangeError('The package is not signed.')
  const value = Buffer.from(signature.content.toString('latin1'), 'base64')
  if (signature.content.toString('latin1') !== `${value.toString('base64')}\n`)
    throw new RangeError('The signature was altered.')
  if (!publicKeys.some((key) => verify(null, sums.content, key, value)))
    throw new RangeError(
      'The list of hashes is not signed by a key that was given: it was altered, or it is by somebody else.',
    )
  const files = all.slice(0, -2)
  const listed = files.map(({ name, content }) => `${sha256Of(content)}  ${name}\n`)
  const signed = sums.content.toString()
  const altered = files.find((_, index) => !signed.includes(listed[index] ?? ''))
  if (altered !== undefined) throw new RangeError(`The file ${altered.name} was altered.`)
  if (listed.join('') !== signed) throw new RangeError('Files are missing, or stand in another order.')
  return files
}

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
