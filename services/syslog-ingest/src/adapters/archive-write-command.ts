import { createPublicKey, type KeyObject } from 'node:crypto'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { RawBlock } from '@tocsin/events'
import { type Command, type CommandIo, messageOf, readSigningKey, TocsinError } from '@tocsin/runtime'
import { BlocksCheck } from '../evidence/archive-check.ts'
import { type ArchiveFile, signManifest } from '../evidence/archive-manifest.ts'
import { blockFromLine } from '../evidence/block-text.ts'
import { checkpointFileOf, type SignedTree, signedTrees, treeOf } from '../evidence/pack.ts'
import { type Archive, openArchive } from './archive.ts'
import { filesOf, instantFrom, used } from './archive-options.ts'
import { BlockSpool } from './block-spool.ts'
import { allCheckpoints, eachBlock, withKafka } from './evidence-commands.ts'

/** Blocks younger than this may still get their signed root. */
const SETTLED_MS = 2 * 3_600_000

/** `tocsin archive`: once, or again and again until the stop. */
export const archive: Command = {
  name: 'archive',
  summary: 'write raw blocks that Kafka will drop into a folder or an object store, with a signed manifest',
  usage: 'archive --to DIR|s3://BUCKET/PREFIX --key FILE [--until TIME | --every MINUTES]',
  examples: [
    'tocsin archive --to /archive --key archive-key.pem',
    'tocsin archive --to s3://raw-blocks/centre --key archive-key.pem --every 60',
  ],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        to: { type: 'string' },
        key: { type: 'string' },
        until: { type: 'string' },
        every: { type: 'string' },
      },
    })
    const { to, key } = values
    if (to === undefined || key === undefined) return used(io, 'Say where to and who signs: --to DIR --key FILE.')
    const everyMinutes = values.every === undefined ? null : Number(values.every)
    if (everyMinutes !== null && !(everyMinutes >= 1 && everyMinutes <= 1_440))
      return used(io, 'How often is a number of minutes from 1 to 1440: --every 60.')
    const until = instantFrom(values.until, '--until')
    const once = () => archiveOnce(to, readSigningKey(key), until, io)
    if (everyMinutes === null) return once()
    for (;;) {
      // One run that fails is told; what it did not write, the next one does.
      await once().catch((error: unknown) => io.stderr.write(`${messageOf(error)}\n`))
      if (await isStopped(everyMinutes * 60_000, io.signal)) return 0
    }
  },
}

/** Waits; true when the stop came first. */
async function isStopped(waitMs: number, signal: AbortSignal): Promise<boolean> {
  return pause(waitMs, signal.aborted, { signal }).catch(() => true)
}

/** Writes what is settled and not in the archive yet. */
function archiveOnce(to: string, privateKey: KeyObject, until: number | null, io: CommandIo): Promise<number> {
  return withKafka(io, async (kafka) => {
    const now = kafka.clock.now()
    const folder = openArchive(to, io.env)
    const { files, previous } = await filesOf(folder, [createPublicKey(privateKey)])
    const trees = signedTrees(await allCheckpoints(kafka))
    const spool = new BlockSpool(to.startsWith('s3://') ? tmpdir() : to)
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
        const file = await archived(folder, spool, group, tree)
        if (file === null) incomplete.push(group)
        else added.push(file)
      }
      if (added.length > 0) {
        const createdAt = new Date(now).toISOString()
        const manifest = { format: 'tocsin-archive-1', createdAt, previous, added, removed: [] } as const
        await folder.addManifest(signManifest({ ...manifest, removed: [] }, privateKey), now)
      }
      const blocks = added.reduce((sum, file) => sum + file.blocks, 0)
      io.stdout.write(`${JSON.stringify({ files: added.length, blocks, incomplete })}\n`)
      return 0
    } finally {
      spool.close()
    }
  })
}

/** Writes one group of blocks; null where a tree is not whole (its tail is younger than asked for, or Kafka dropped its head). */
async function archived(
  folder: Archive,
  spool: BlockSpool,
  group: string,
  tree: SignedTree | undefined,
): Promise<ArchiveFile | null> {
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
  return { ...described, ...(await folder.addBlocks(path, spool.members(group))) }
}
