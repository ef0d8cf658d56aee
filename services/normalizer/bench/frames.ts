import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const samples = join(import.meta.dirname, '../test/samples')
/** Material that is not part of the project; used where it is there. */
const corpora = join(import.meta.dirname, '../../../../shared/corpora')

/** Frames by device. */
export interface Corpus {
  name: string
  devices: Map<string, Buffer[]>
}

/** Our own samples, one frame a file. */
export function sampleFrames(folder = samples): Corpus {
  const devices = new Map<string, Buffer[]>()
  for (const name of readdirSync(folder).sort()) {
    const frames = globSync('*.log', { cwd: join(folder, name) })
      .sort()
      .map((file) => readFileSync(join(folder, name, file)))
    if (frames.length > 0) devices.set(name, frames)
  }
  return { name: 'our samples', devices }
}

/** Lines of a folder of corpora (`<device>/events.ndjson`); null where it is not there. */
export function corpusFrames(folder = corpora): Corpus | null {
  if (!existsSync(folder)) return null
  const devices = new Map<string, Buffer[]>()
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name, 'events.ndjson')
    if (!existsSync(file)) continue
    const lines = readFileSync(file, 'utf8').split('\n')
    devices.set(name, lines.filter((line) => line !== '').map(octetsOf))
  }
  return { name: 'lines of many devices', devices }
}

function octetsOf(line: string): Buffer {
  const { message = '', message_b64 } = JSON.parse(line) as { message?: string; message_b64?: string }
  return message_b64 === undefined ? Buffer.from(message) : Buffer.from(message_b64, 'base64')
}
