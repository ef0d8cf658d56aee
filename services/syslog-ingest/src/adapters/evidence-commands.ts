import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EvidenceCheckpoint, Incident, RawBlock } from '@tocsin/events'
import { type Command, type CommandIo, keyIdOf, makeSigningKey, TocsinError } from '@tocsin/runtime'
import type { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type ArchiveFile, readManifests } from '../evidence/archive-manifest.ts'
import { EvidenceCheck } from '../evidence/check.ts'
import { LeafCollector } from '../evidence/collect-leaves.ts'
import { buildPack, checkpointFileOf, frameOf, signedTrees, treeOf, type WantedEvent } from '../evidence/pack.ts'
import { type Archive, openArchive } from './archive.ts'
import { publicKeys, used } from './archive-options.ts'
import { readHeld, verifyPack } from './verify-evidence.ts'

const VERIFIER = join(import.meta.dirname, 'verify-evidence.ts')
const MAX_EVENTS = 10_000

/** Kafka as a command has it. */
export type CommandKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

/** Gives every raw block that Kafka holds, in order of its partition. */
export async function eachBlock(kafka: CommandKafka, give: (block: RawBlock) => void): Promise<void> {
  const following = await kafka.follow(['raw-blocks'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) give(value)
  })
  await following.caughtUp
  await following.close()
}

/** Every checkpoint that was published. */
export async function allCheckpoints(kafka: CommandKafka): Promise<EvidenceCheckpoint[]> {
  const checkpoints = new Map<string, EvidenceCheckpoint>()
  const following = await kafka.follow(['evidence-checkpoints'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) checkpoints.set(value.checkpointId, value)
  })
  await following.caughtUp
  await following.close()
  return [...checkpoints.values()]
}

/** Opens Kafka for a command and closes it behind. */
export async function withKafka(io: CommandIo, work: (kafka: CommandKafka) => Promise<number>): Promise<number> {
  const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
  const kafka = await openKafkaForCommand(io.env, 'tocsin-evidence')
  try {
    return await work(kafka)
  } finally {
    await kafka.close()
  }
}

const key: Command = {
  name: 'evidence key',
  summary: 'make the Ed25519 key pair that signs checkpoints or archives',
  usage: 'evidence key --out FILE',
  examples: ['tocsin evidence key --out /etc/tocsin/checkpoint-key.pem'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { out: { type: 'string' } } })
    if (values.out === undefined) return used(io, 'Name the file: --out FILE.')
    const { publicFile, publicKey } = makeSigningKey(values.out)
    io.stdout.write(`${JSON.stringify({ privateKey: values.out, publicKey: publicFile, keyId: keyIdOf(publicKey) })}\n`)
    return 0
  },
}

const pack: Command = {
  name: 'evidence pack',
  summary: 'the original records of an incident with proofs that anyone can check',
  usage: 'evidence pack CASE|--event ID… --out DIR [--archive DIR|s3://BUCKET/PREFIX]',
  examples: [
    'tocsin evidence pack KZ-2026-0-000007 --out evidence',
    'tocsin evidence pack --event 019c… --out evidence',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        event: { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
        archive: { type: 'string' },
      },
      allowPositionals: true,
    })
    const [caseName] = positionals
    if (values.out === undefined || (caseName === undefined && values.event.length === 0))
      return used(io, 'Say what to pack and where: tocsin evidence pack CASE --out DIR, or --event ID instead of CASE.')
    const folder = values.out
    return withKafka(io, async (kafka) => {
      const incident = caseName === undefined ? undefined : await caseOf(kafka, caseName)
      const wanted = [
        ...(incident?.rawRefs ?? []).map(({ eventId, blockId }) => ({ eventId, blockId })),
        ...values.event.map((eventId) => ({ eventId, blockId: null })),
      ]
      if (wanted.length === 0)
        throw new TocsinError('nothing_to_pack', `The case ${caseName} names no original records.`)
      if (wanted.length > MAX_EVENTS)
        throw new TocsinError('nothing_to_pack', `A pack holds at most ${MAX_EVENTS} events; ask for fewer.`)
      const about = incident === undefined ? {} : aboutOf(incident)
      const made = await collectPack(
        kafka,
        values.archive === undefined ? null : openArchive(values.archive, io.env),
        wanted,
        about,
      )
      mkdirSync(folder, { recursive: true, mode: 0o750 })
      writeFileSync(join(folder, 'pack.json'), `${JSON.stringify(made, null, 1)}\n`, { mode: 0o640 })
      copyFileSync(VERIFIER, join(folder, 'verify-evidence.ts'))
      const { events, blocks, checkpoints, missing } = made
      const counts = { events: events.length, blocks: blocks.length, checkpoints: checkpoints.length }
      io.stdout.write(`${JSON.stringify({ pack: join(folder, 'pack.json'), ...counts, missing })}\n`)
      return missing.length === 0 ? 0 : 1
    })
  },
}

async function caseOf(kafka: CommandKafka, name: string): Promise<Incident> {
  const incidents = await kafka.table('incidents')
  const found = [...incidents.values()].filter(({ caseId, number }) => number === name || caseId.startsWith(name))
  if (found.length === 1 && found[0] !== undefined) return found[0]
  throw new TocsinError('unknown_case', `${found.length} cases are named ${name}: look at \`tocsin incident list\`.`)
}

function aboutOf({ caseId, number, constituent, rawRefs, detectionIds }: Incident): Record<string, string> {
  return { caseId, number, constituent, records: String(rawRefs.length), detections: detectionIds.join(' ') }
}

/**
 * Reads what is kept twice: for the blocks of the events, then for the leaves of their trees. Memory holds these and nothing
 * else. An event's id begins with its receive time, so of an archive only files of that time are opened.
 */
async function collectPack(
  kafka: CommandKafka,
  archive: Archive | null,
  wanted: readonly WantedEvent[],
  about: Record<string, string>,
) {
  const each = async (give: (block: RawBlock) => void): Promise<void> => {
    await eachBlock(kafka, give)
    if (archive === null) return
    const times = wanted.map(({ eventId }) => Number.parseInt(eventId.slice(0, 12), 16))
    // A block ends a little after its first frame came.
    const holds = ({ from, until }: ArchiveFile): boolean =>
      times.some((time) => from - 60_000 <= time && time <= until)
    for (const { path } of readManifests(await archive.manifests(), []).files.filter(holds))
      for await (const block of archive.blocks(path)) give(block)
  }
  const trees = signedTrees(await allCheckpoints(kafka))
  const blocks = new Map<string, RawBlock>()
  const ids = new Set(wanted.flatMap(({ blockId }) => (blockId === null ? [] : [blockId])))
  const unplaced = wanted.filter(({ blockId }) => blockId === null)
  await each((block) => {
    if (ids.has(block.blockId) || unplaced.some(({ eventId }) => frameOf(block, eventId) >= 0))
      blocks.set(block.blockId, block)
  })
  const needed = new Set([...blocks.values()].flatMap((block) => treeOf(trees, block) ?? []))
  const leaves = new LeafCollector([...needed])
  if (needed.size > 0) await each((block) => leaves.take(block))
  return buildPack(wanted, [...blocks.values()], trees, (tree) => leaves.leavesOf(tree), about, kafka.clock.now())
}

const verify: Command = {
  name: 'evidence verify',
  summary: 'check a pack with a public key, without any server',
  usage: 'evidence verify PACK --key FILE… [--held FILE…]',
  examples: [
    'tocsin evidence verify evidence/pack.json --key checkpoint-key.pem.pub',
    'tocsin evidence verify evidence/pack.json --key centre.pub --held checkpoints.ndjson',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        key: { type: 'string', multiple: true, default: [] },
        held: { type: 'string', multiple: true, default: [] },
      },
      allowPositionals: true,
    })
    const [file] = positionals
    if (file === undefined || values.key.length === 0)
      return used(io, 'Say which pack and whose key: tocsin evidence verify PACK --key FILE.')
    const keys = values.key.map((name) => readFileSync(name, 'utf8'))
    const held = values.held.flatMap((name) => readHeld(readFileSync(name, 'utf8')))
    const { problems, proven } = verifyPack(readFileSync(file, 'utf8'), keys, held)
    for (const line of proven) io.stdout.write(`proven   ${line}\n`)
    for (const line of problems) io.stdout.write(`PROBLEM  ${line}\n`)
    io.stdout.write(problems.length === 0 ? `All ${proven.length} records hold.\n` : `${problems.length} problems.\n`)
    return problems.length === 0 ? 0 : 1
  },
}

const checkpoints: Command = {
  name: 'evidence checkpoints',
  summary: 'print the signed checkpoints, to be kept elsewhere',
  usage: 'evidence checkpoints',
  examples: ['tocsin evidence checkpoints > checkpoints.ndjson'],
  run: (_args, io) =>
    withKafka(io, async (kafka) => {
      const all = (await allCheckpoints(kafka)).sort((a, b) => a.at - b.at)
      for (const one of all) io.stdout.write(`${JSON.stringify(checkpointFileOf(one))}\n`)
      return 0
    }),
}

const check: Command = {
  name: 'evidence check',
  summary: 'check everything that Kafka keeps against the signed checkpoints',
  usage: 'evidence check --key FILE… [--json]',
  examples: ['tocsin evidence check --key checkpoint-key.pem.pub'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { key: { type: 'string', multiple: true, default: [] }, json: { type: 'boolean', default: false } },
    })
    if (values.key.length === 0) return used(io, 'Say whose key: --key FILE, the public half.')
    const keys = publicKeys(values.key)
    return withKafka(io, async (kafka) => {
      const found = new EvidenceCheck()
      // Checkpoints first: what is written while the check runs is then not missed by it.
      const all = await allCheckpoints(kafka)
      const following = await kafka.follow(['audit-entries'], { from: 'beginning' }, ({ value }) => {
        if (value !== null) found.auditEntry(value)
      })
      await eachBlock(kafka, (block) => found.block(block))
      await following.caughtUp
      await following.close()
      const result = found.finish(all, keys)
      if (values.json) io.stdout.write(`${JSON.stringify(result)}\n`)
      else {
        for (const problem of result.problems) io.stdout.write(`PROBLEM  ${problem}\n`)
        const { blocks, chains, agreed, notKept, auditHeads } = result
        io.stdout.write(
          `${blocks} blocks of ${chains} chains; ${agreed} checkpoints agree, ${notKept} reach back before what is kept; ${auditHeads} heads of audit chains; ${result.problems.length} problems\n`,
        )
      }
      return result.problems.length === 0 ? 0 : 1
    })
  },
}

/** Commands of the evidence. */
export const evidenceCommands: Command[] = [key, pack, verify, checkpoints, check]
