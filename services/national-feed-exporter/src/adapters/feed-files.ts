import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { RegistryConstituent, RegistrySource, RuleSet } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { FoundFile } from '../feeds/tw-nccst-1.3/audit.ts'
import { foundFile } from './ftps-reader.ts'

const MAX_INPUT_BYTES = 256 * 1024 * 1024

/** Reads a text file of bounded size. Throws `TocsinError('unreadable_file')` with its path. */
export function readText(path: string): string {
  return readOctets(path).toString('utf8')
}

/** Reads a file of bounded size. Throws `TocsinError('unreadable_file')` with its path. */
export function readOctets(path: string): Buffer {
  try {
    if (statSync(path).size > MAX_INPUT_BYTES) throw new RangeError(`it has more than ${MAX_INPUT_BYTES} bytes`)
    return readFileSync(path)
  } catch (error) {
    throw new TocsinError('unreadable_file', `${path} cannot be read: ${(error as Error).message}.`, error)
  }
}

/** What `feed build` and `feed describe` read besides detections: the registry and rule sets as records. */
export interface Registry {
  constituents?: readonly RegistryConstituent[]
  sources?: readonly RegistrySource[]
  ruleSets?: readonly RuleSet[]
}

/** Reads a registry file (JSON). Throws `TocsinError('unreadable_file')`. */
export function readRegistry(path: string): Registry {
  try {
    return JSON.parse(readText(path)) as Registry
  } catch (error) {
    if (error instanceof TocsinError) throw error
    throw new TocsinError('unreadable_file', `${path} is no JSON.`, error)
  }
}

/** Reads one JSON value a line, from a file or, for `-`, from a stream. Throws `unreadable_file` with the line's number. */
export async function readLines<Value>(path: string, stdin: Readable): Promise<Value[]> {
  const text = path === '-' ? await textOf(stdin) : readText(path)
  return text
    .split('\n')
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, index }) => {
      try {
        return JSON.parse(line) as Value
      } catch (error) {
        throw new TocsinError('unreadable_file', `${path}:${index + 1} is no JSON.`, error)
      }
    })
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MAX_INPUT_BYTES)
      throw new TocsinError('unreadable_file', `The input has more than ${MAX_INPUT_BYTES} bytes.`)
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Writes a text file under a folder, with its sub-folders. */
export function writeUnder(dir: string, path: string, content: string): void {
  writeOctets(dir, path, Buffer.from(content))
}

/** Writes a file under a folder, with its sub-folders. */
export function writeOctets(dir: string, path: string, content: Buffer): void {
  const target = join(dir, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, content)
}

/** Every file of a folder with that ending (empty: any): name, size, hash. */
export function foundFiles(dir: string, ending: string): FoundFile[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => {
        const content = readFileSync(join(dir, name))
        return foundFile(name, content)
      })
  } catch (error) {
    throw new TocsinError('unreadable_file', `${dir} cannot be read: ${(error as Error).message}.`, error)
  }
}
