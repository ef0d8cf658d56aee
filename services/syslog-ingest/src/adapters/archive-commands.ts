import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { RawBlock } from '@tocsin/events'
import { loadPack, type Pack } from '@tocsin/obligations'
import { type Command, readSigningKey, TocsinError } from '@tocsin/runtime'
import { BlocksCheck } from '../evidence/archive-check.ts'
import { type ArchiveFile, readManifests, signManifest } from '../evidence/archive-manifest.ts'
import { blockFromLine, blockToLine } from '../evidence/block-text.ts'
import { checkpointFileOf, type SignedTree, signedTrees, treeOf } from '../evidence/pack.ts'
import { floorFault } from '../evidence/retention-floor.ts'
import { ArchiveFolder, BlockSpool } from './archive-folder.ts'
import { allCheckpoints, eachBlock, used, withKafka } from './evidence-commands.ts'

const PACKS = join(import.meta.dirname, '../../../../regulations')
/** Blocks younger than this may still get their signed root. */
const SETTLED_MS = 2 * 3_600_000

function instantFrom(text: string | undefined, option: string): number | null {
  if (text === undefined) return null
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new TocsinError('bad_argument', `${option} is no time: write 2026-11-22T08:00:00Z.`)
  return instant
}

const publicKeys = (files: readonly string[]): KeyObject[] => files.map((file) => createPublicKey(readFileSync(file)))

/** The files of an archive whose manifests hold. Throws `archive_broken`. */
function filesOf(folder: ArchiveFolder, keys: readonly KeyObject[]): { files: ArchiveFile[]; previous: string | null } {
  const { files, previous, problems } = readManifests(folder.manifests(), keys)
  if (problems.length > 0) throw new TocsinError('archive_broken', `The archive does not hold: ${problems.join('; ')}.`)
  return { files, previous }
}

const archive: Command = {
  name: 'archive',
  summary: 'write raw blocks that Kafka will drop into a folder, with a signed manifest',
  usage: 'archive --to DIR --key FILE [--until TIME]',
  examples: ['tocsin archive --to /archive --key archive-key.pem'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { to: { type: 'string' }, key: { type: 'string' }, until: { type: 'string' } },
    })
    const { to, key } = values
    if (to === undefined || key === undefined) return used(io, 'Say where to and who signs: --to DIR --key FILE.')
    const privateKey = readSigningKey(key)
    const until = instantFrom(values.until, '--until')
    return withKafka(io, async (kafka) => {
      const now = kafka.clock.now()
      const folder = new ArchiveFolder(to)
      const { files, previous } = filesOf(folder, [createPublicKey(privateKey)])
      const trees = signedTrees(await allCheckpoints(kafka))
      const spool = new BlockSpool(to)
      try {
        const isArchived = ({ ingestId, chainSeq }: RawBlock): boolean =>
          files.some((one) => one.ingestId === ingestId && one.firstSeq <= chainSeq && chainSeq <= one.lastSeq)
        await eachBlock(kafka, (block) => {
          const tree = treeOf(trees, block)
          const end = Math.min(until ?? now, tree === undefined ? now - SETTLED_MS : now)
          if (block.receivedAt < end && !isArchived(block)) spool.add(tree?.checkpoint.origin ?? block.ingestId, block)
        })
        const added: ArchiveFile[] = []
        const incomplete: string[] = []
        for (const group of spool.groups()) {
          const tree = trees.find(({ checkpoint }) => checkpoint.origin === group)
          const file = archived(folder, spool, group, tree)
          if (file === null) incomplete.push(group)
          else added.push(file)
        }
        if (added.length > 0) {
          const createdAt = new Date(now).toISOString()
          const manifest = { format: 'tocsin-archive-1', createdAt, previous, added, removed: [] } as const
          folder.addManifest(signManifest({ ...manifest, removed: [] }, privateKey), now)
        }
        const blocks = added.reduce((sum, file) => sum + file.blocks, 0)
        io.stdout.write(`${JSON.stringify({ files: added.length, blocks, incomplete })}\n`)
        return 0
      } finally {
        spool.close()
      }
    })
  },
}

/** Writes one group of blocks; null where a tree is not whole (its tail is younger than asked for, or Kafka dropped its head). */
function archived(
  folder: ArchiveFolder,
  spool: BlockSpool,
  group: string,
  tree: SignedTree | undefined,
): ArchiveFile | null {
  if (tree !== undefined && spool.size(group) !== tree.checkpoint.size) return null
  const check = new BlocksCheck()
  for (const member of spool.members(group)) check.take(blockFromLine(gunzipSync(member).toString()))
  const summary = check.summary()
  if (summary === null) return null
  const day = new Date(summary.from).toISOString().slice(0, 10)
  const path = `blocks/${day}/${summary.ingestId}-${summary.firstSeq}-${summary.lastSeq}.ndjson.gz`
  const described = { ...summary, path, tree: tree === undefined ? null : checkpointFileOf(tree.checkpoint) }
  const fault = check.fault(described, [])
  if (fault !== null)
    throw new TocsinError('archive_broken', `Nothing was archived: ${fault}. Run \`tocsin evidence check\`.`)
  return { ...described, ...folder.addBlocks(path, spool.members(group)) }
}

const restore: Command = {
  name: 'archive restore',
  summary: 'print the raw blocks of a span from an archive, checked',
  usage: 'archive restore --dir DIR --key FILE… --from TIME --until TIME [--constituent ID] [--source ID]',
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
    const folder = new ArchiveFolder(values.dir)
    const wanted = filesOf(folder, keys).files.filter((file) => file.from < until && file.until >= from)
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
async function faultOf(folder: ArchiveFolder, file: ArchiveFile, keys: readonly KeyObject[]): Promise<string | null> {
  const outside = await folder.fileFault(file)
  if (outside !== null) return outside
  const check = new BlocksCheck()
  for await (const block of folder.blocks(file.path)) check.take(block)
  return check.fault(file, keys)
}

const verify: Command = {
  name: 'archive verify',
  summary: 'check manifests, files, chains and roots of an archive',
  usage: 'archive verify --dir DIR --key FILE…',
  examples: ['tocsin archive verify --dir /archive --key archive-key.pem.pub --key checkpoint-key.pem.pub'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { dir: { type: 'string' }, key: { type: 'string', multiple: true, default: [] } },
    })
    if (values.dir === undefined || values.key.length === 0)
      return used(io, 'Say which archive and whose key: --dir DIR --key FILE.')
    const keys = publicKeys(values.key)
    const folder = new ArchiveFolder(values.dir)
    const { files, problems } = readManifests(folder.manifests(), keys)
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
  usage: 'archive prune --dir DIR --key FILE --before TIME [--packs DIR]',
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
      const folder = new ArchiveFolder(dir)
      const { files, previous } = filesOf(folder, [createPublicKey(privateKey)])
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
        folder.addManifest(signManifest(manifest, privateKey), now)
        for (const { path } of going) folder.remove(path)
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
