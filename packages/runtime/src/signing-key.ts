import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { TocsinError } from './errors.ts'

/** Name of a public key: first 16 hex characters of the SHA-256 of its SPKI. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
}

/** Reads an Ed25519 private key (PKCS #8, PEM). Throws `bad_signing_key`, which never says what is in the file. */
export function readSigningKey(file: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(readFileSync(file))
  } catch (error) {
    throw new TocsinError(
      'bad_signing_key',
      `The signing key ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no PEM private key'}): make one with \`tocsin evidence key --out ${file}\`.`,
    )
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new TocsinError(
    'bad_signing_key',
    `The signing key ${file} is ${key.asymmetricKeyType}: we sign with Ed25519; make one with \`tocsin evidence key\`.`,
  )
}

/** Makes a key pair: `file` with the private half (0600), `file.pub` with the public one. An existing file is never replaced. */
export function makeSigningKey(file: string): { publicFile: string; publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const publicFile = `${file}.pub`
  try {
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
    writeFileSync(publicFile, publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644, flag: 'wx' })
  } catch (error) {
    throw new TocsinError(
      'key_not_written',
      `The key ${file} was not written (${(error as NodeJS.ErrnoException).code ?? 'error'}): name a new file in a folder that you may write; keys are never replaced.`,
      error,
    )
  }
  return { publicFile, publicKey }
}
