import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadPack, type Pack } from '@tocsin/obligations'
import { type Command, readSigningKey, TocsinError } from '@tocsin/runtime'
import { BlocksCheck } from '../evidence/archive-check.ts'
import { type ArchiveFile, readManifests, signManifest } from '../evidence/archive-manifest.ts'
import { blockToLine } from '../evidence/block-text.ts'
import { floorFault } from '../evidence/retention-floor.ts'
import { type Archive, openArchive } from './archive.ts'
import { filesOf, instantFrom, publicKeys, used } from './archive-options.ts'
import { archive } from './archive-write-command.ts'
import { withKafka } from './evidence-commands.ts'

const PACKS = join(import.meta.dirname, '../../../../regulations')
const restore: Command = {
  name: 'archive restore',
  summary: 'print the raw blocks of a span from an archive, checked',
  usage:
    'archive restore --dir DIR|s3://BUCKET/PREFIX --key FILE… --from TIME --until TIME [--constituent ID] [--source ID]',
  examples: [
    'tocsin archive restore --dir /archive --key archive-key.pem.pub --from 2026-11-01T00:00:00Z --until 2026-11-02T00:00:00Z > blocks.ndjson',
  ],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        key: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        until: { type: 'string' },
        constituent: { type: 'string' },
        source: { type: 'string' },
      },
    })
    const [from, until] = [instantFrom(values.from, '--from'), instantFrom(values.until, '--until')]
    if (values.dir === undefined || values.key.length === 0 || from === null || until === null)
      return used(io, 'Say what to restore: --dir DIR --key FILE --from TIME --until TIME.')
    const keys = publicKeys(values.key)
    const folder = openArchive(values.dir, io.env)
    const wanted = (await filesOf(folder, keys)).files.filter((file) => file.from < until && file.until >= from)
    let count = 0
    for (const file of wanted.sort((a, b) => a.from - b.from)) {
      const fault = await faultOf(folder, file, keys)
      if (fault !== null) throw new TocsinError('archive_broken', `The archive does not hold: ${fault}.`)
      for await (const block of folder.blocks(file.path)) {
        if (block.receivedAt < from || block.receivedAt >= until) continue
        if (values.constituent !== undefined && block.constituent !== values.constituent) continue
        if (values.source !== undefined && block.sourceId !== values.source) continue
        io.stdout.write(`${blockToLine(block)}\n`)
        count += 1
      }
    }
    io.stderr.write(`${count} blocks of ${wanted.length} files\n`)
    return 0
  },
}

/** Says why a file is not what its manifest and the signed root of its tree say; null when it is. */
async function faultOf(folder: Archive, file: ArchiveFile, keys: readonly KeyObject[]): Promise<string | null> {
  const outside = await folder.fileFault(file)
  if (outside !== null) return outside
  const check = new BlocksCheck()
  for await (const block of folder.blocks(file.path)) check.take(block)
  return check.fault(file, keys)
}

const verify: Command = {
  name: 'archive verify',
  summary: 'check manifests, files, chains and roots of an archive',
  usage: 'archive verify --dir DIR|s3://BUCKET/PREFIX --key FILE…',
  examples: ['tocsin archive verify --dir /archive --key archive-key.pem.pub --key checkpoint-key.pem.pub'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { dir: { type: 'string' }, key: { type: 'string', multiple: true, default: [] } },
    })
    if (values.dir === undefined || values.key.length === 0)
      return used(io, 'Say which archive and whose key: --dir DIR --key FILE.')
    const keys = publicKeys(values.key)
    const folder = openArchive(values.dir, io.env)
    const { files, problems } = readManifests(await folder.manifests(), keys)
    for (const file of files) {
      const fault = await faultOf(folder, file, keys)
      if (fault !== null) problems.push(fault)
    }
    for (const problem of problems) io.stdout.write(`PROBLEM  ${problem}\n`)
    const blocks = files.reduce((sum, file) => sum + file.blocks, 0)
    io.stdout.write(`${files.length} files, ${blocks} blocks, ${problems.length} problems\n`)
    return problems.length === 0 ? 0 : 1
  },
}

const prune: Command = {
  name: 'archive prune',
  summary: 'remove archived blocks older than a time; refused below the floor of the law',
  usage: 'archive prune --dir DIR|s3://BUCKET/PREFIX --key FILE --before TIME [--packs DIR]',
  examples: ['tocsin archive prune --dir /archive --key archive-key.pem --before 2026-01-01T00:00:00Z'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        key: { type: 'string' },
        before: { type: 'string' },
        packs: { type: 'string', default: PACKS },
      },
    })
    const before = instantFrom(values.before, '--before')
    const { dir, key } = values
    if (dir === undefined || key === undefined || before === null)
      return used(io, 'Say which archive, who signs and what may go: --dir DIR --key FILE --before TIME.')
    const privateKey = readSigningKey(key)
    return withKafka(io, async (kafka) => {
      const now = kafka.clock.now()
      const folder = openArchive(dir, io.env)
      const { files, previous } = await filesOf(folder, [createPublicKey(privateKey)])
      const constituents = await kafka.table('registry-constituents')
      const packs = new Map<string, Pack | undefined>()
      const packOf = (constituent: string): Pack | undefined => {
        const id = constituents.get(constituent)?.pack
        if (id === undefined) return undefined
        if (!packs.has(id)) packs.set(id, packAt(join(values.packs, basename(id), 'pack.yaml')))
        return packs.get(id)
      }
      const going = files.filter(({ until }) => until < before)
      const faults = going.flatMap((file) => floorFault(file, packOf, now) ?? [])
      if (faults.length > 0)
        throw new TocsinError(
          'below_retention_floor',
          `Nothing was removed: ${faults.slice(0, 3).join('; ')}${faults.length > 3 ? ` and ${faults.length - 3} more` : ''}.`,
        )
      if (going.length > 0) {
        const removed = going.map(({ path, sha256 }) => ({ path, sha256 }))
        const createdAt = new Date(now).toISOString()
        // The manifest first: what is gone has been explained before it went.
        const manifest = { format: 'tocsin-archive-1' as const, createdAt, previous, added: [], removed }
        await folder.addManifest(signManifest(manifest, privateKey), now)
        for (const { path } of going) await folder.remove(path)
      }
      io.stdout.write(`${JSON.stringify({ removed: going.length, kept: files.length - going.length })}\n`)
      return 0
    })
  },
}

function packAt(path: string): Pack | undefined {
  try {
    const loaded = loadPack(readFileSync(path, 'utf8'), path)
    return loaded.ok ? loaded.pack : undefined
  } catch {
    return undefined
  }
}

/** Commands of the archive. */
export const archiveCommands: Command[] = [archive, restore, verify, prune]
