// Manifests, files and the floor of the law, without Kafka.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { RawBlock } from '@tocsin/events'
import { loadPack, type Pack } from '@tocsin/obligations'
import { type Archive, openArchive } from '../src/adapters/archive.ts'
import { HashChain } from '../src/chain.ts'
import { BlocksCheck } from '../src/evidence/archive-check.ts'
import { type ArchiveFile, readManifests, signManifest } from '../src/evidence/archive-manifest.ts'
import { blockFromLine, blockToLine } from '../src/evidence/block-text.ts'
import { floorFault, keepFrom } from '../src/evidence/retention-floor.ts'
import { makeArchive, manifestOf, privateKey, publicKey, START, treeOf } from './archive-under-test.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** An archive of one tree in a folder. */
async function archived(root: string) {
  const folder = openArchive(root, {})
  return { folder, ...(await makeArchive(folder)) }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function faultOf(folder: Archive, file: ArchiveFile): Promise<string | null> {
  const outside = await folder.fileFault(file)
  if (outside !== null) return outside
  const check = new BlocksCheck()
  for await (const block of folder.blocks(file.path)) check.take(block)
  return check.fault(file, [publicKey])
}

test('blocks go into an archive and come back octet for octet, in chain order, under their signed root', async (t) => {
  const { folder, file, blocks } = await archived(folderOf(t))
  assert.deepEqual(await all(folder.blocks(file.path)), blocks)
  assert.equal(await faultOf(folder, file), null)
  assert.deepEqual([file.blocks, file.constituents, file.until], [8, ['body-a', 'body-b'], START + 7])
  assert.deepEqual(readManifests(await folder.manifests(), [publicKey]).problems, [])
})

test('SEC-S3 an altered file, a file of other blocks, an altered manifest and one that was taken out are found', async (t) => {
  const root = folderOf(t)
  const { folder, file } = await archived(root)
  await folder.addManifest(
    signManifest(manifestOf({ previous: readManifests(await folder.manifests(), [publicKey]).previous }), privateKey),
    START,
  )
  assert.deepEqual(readManifests(await folder.manifests(), [publicKey]).problems, [])
  assert.match((await faultOf(folder, { ...file, lastSeq: 9 })) ?? '', /does not hold the blocks/)
  const place = join(root, file.path)
  const octets = readFileSync(place)
  octets[40] = (octets[40] ?? 0) ^ 1
  writeFileSync(place, octets)
  assert.match((await faultOf(folder, file)) ?? '', /was altered: its SHA-256/)
  const signed = await folder.manifests()
  assert.match(readManifests(signed.slice(1), [publicKey]).problems.join(), /does not follow the manifest before it/)
  const changed = signed.map((one) => ({
    ...one,
    octets: Buffer.from(one.octets.toString().replace('body-b', 'body-c')),
  }))
  assert.match(readManifests(changed, [publicKey]).problems[0] ?? '', /was altered: its signature does not hold/)
  const other = generateKeyPairSync('ed25519').publicKey
  assert.match(readManifests(signed, [other]).problems[0] ?? '', /which was not given/)
})

test('blocks that were exchanged inside a well-made file do not give the signed root', async (t) => {
  const { file, blocks } = await archived(folderOf(t))
  const forged = new HashChain('ingest-1')
  const check = new BlocksCheck()
  for (const block of blocks) {
    const frames = block.frames.map((frame) => ({ ...frame, octets: Buffer.from('forged') }))
    check.take({ ...block, frames, ...forged.append(frames) })
  }
  assert.match(check.fault(file, [publicKey]) ?? '', /do not give the signed root/)
})

test('a manifest whose clock stepped back still comes after the one before it', async (t) => {
  const { folder } = await archived(folderOf(t))
  await folder.addManifest(signManifest(manifestOf(), privateKey), START - 3_600_000)
  const names = (await folder.manifests()).map(({ name }) => name)
  assert.deepEqual(names, names.toSorted())
  assert.equal(names.length, 2)
})

test('a line of an archive that is none is refused, whatever it holds', () => {
  const [block] = treeOf(1).blocks
  const line = blockToLine(block as RawBlock)
  assert.deepEqual(blockFromLine(line), block)
  for (const bad of [
    '',
    '{}',
    '[]',
    'null',
    line.replace('"chainSeq":1', '"chainSeq":"1"'),
    line.replace(/"blockHash":"../, '"blockHash":"'),
  ])
    assert.throws(() => blockFromLine(bad))
})

const packOf = (id: string): Pack => {
  const path = join(import.meta.dirname, `../../../regulations/${id}/pack.yaml`)
  const loaded = loadPack(readFileSync(path, 'utf8'), path)
  assert.ok(loaded.ok)
  return loaded.pack
}

test('thirty working days (VN-5.3h) are kept: weekends and the days of Tết do not count', () => {
  const pack = packOf('vn-circular-31')
  const at = (text: string) => keepFrom(pack, Date.parse(text))
  const daysKept = (text: string) => Math.round((Date.parse(text) - at(text)) / 86_400_000)
  assert.equal(daysKept('2026-12-01T00:00:00+07:00'), 42, 'six weeks without a holiday')
  assert.ok(daysKept('2026-03-10T00:00:00+07:00') > 45, 'with Tết, longer')
})

test('a file may go only when the floor of every body in it has passed, to the day', () => {
  const file = { path: 'f', until: START, constituents: ['kz', 'tw'] }
  const packs = new Map([
    ['kz', packOf('kz-order-199')],
    ['tw', packOf('tw-soc-1.3')],
  ])
  const packFor = (id: string) => packs.get(id)
  const after = (days: number) => START + days * 86_400_000
  assert.match(floorFault(file, packFor, after(59)) ?? '', /of kz up to .*kz-order-199 \(KZ-2.8\) wants all since/)
  assert.match(floorFault(file, packFor, after(100)) ?? '', /of tw/)
  assert.match(floorFault(file, packFor, after(180)) ?? '', /of tw/, 'the day on which it falls is kept whole')
  assert.equal(floorFault(file, packFor, after(182)), null)
  assert.match(floorFault({ ...file, constituents: ['nobody'] }, packFor, after(999)) ?? '', /whose law is not known/)
})
