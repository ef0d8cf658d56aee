// A pack and its verifier: what holds is proven, and every single alteration is found.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type EvidenceCheckpoint,
  eventIdFrom,
  eventIdFromCollector,
  type RawBlock,
  type RawFrame,
} from '@tocsin/events'
import fc from 'fast-check'
import { verifyPack } from '../src/adapters/verify-evidence.ts'
import { HashChain } from '../src/chain.ts'
import { EvidenceLog } from '../src/evidence/evidence-log.ts'
import { leafOf } from '../src/evidence/leaf.ts'
import { buildPack, checkpointFileOf, type EvidencePack, signedTrees } from '../src/evidence/pack.ts'

const VERIFIER = join(import.meta.dirname, '../src/adapters/verify-evidence.ts')
const START = Date.UTC(2026, 2, 1, 8)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const BLOCKS = 13

function story(octetsOf: (n: number) => string = (n) => `<13>line ${n} \u001b[31m ключ`) {
  const chain = new HashChain('ingest-1')
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, { open: null, previousId: null }, privateKey)
  const blocks = Array.from({ length: BLOCKS }, (_, n): RawBlock => {
    const frame = (text: string, collectorSeq: number | null): RawFrame => ({
      octets: Buffer.from(text),
      receivedAt: START + n * 1_000,
      truncatedBytes: 0,
      framing: 'newline',
      collectorId: collectorSeq === null ? null : 'collector-a',
      collectorSeq,
      possibleRepeat: false,
    })
    const frames = [frame(octetsOf(n), null), frame('other', null), frame('through a collector', 70 + n)]
    return {
      blockId: `block-${n}`,
      constituent: 'body-a',
      sourceId: 'source-a',
      receivedAt: START + n * 1_000,
      exercise: false,
      listener: 'tcp:15514',
      transport: 'tcp',
      peerAddress: '192.0.2.1',
      peerPort: null,
      clientCertificate: null,
      ingestId: 'ingest-1',
      ...chain.append(frames),
      frames,
    }
  })
  for (const block of blocks) log.acknowledge(block)
  return { blocks, checkpoints: log.checkpoints(START + 60_000, true) }
}

const eventAt = (n: number): string => eventIdFrom(`block-${n}`, 0, START + n * 1_000)

function packOf(eventIds: string[], { blocks, checkpoints } = story()): EvidencePack {
  const wanted = eventIds.map((eventId) => ({ eventId, blockId: null }))
  return buildPack(wanted, blocks, signedTrees(checkpoints), () => blocks.map(leafOf), { case: 'KZ-1' }, START)
}

/** Problems of a pack that was changed by `change`. */
function problemsOf(pack: EvidencePack, change: (pack: EvidencePack) => void, held: EvidenceCheckpoint[] = []): string {
  const copy = structuredClone(pack)
  change(copy)
  return verifyPack(JSON.stringify(copy), [PEM], held.map(checkpointFileOf)).problems.join('\n')
}

describe('an evidence pack', () => {
  test('SEC-S3 proves each record, also one that a collector forwarded, and shows it without acting on its octets', () => {
    const ids = [eventAt(0), eventAt(7), eventAt(12), eventIdFromCollector('collector-a', 75, START + 5_000)]
    const { problems, proven } = verifyPack(JSON.stringify(packOf(ids)), [PEM])
    assert.deepEqual(problems, [])
    assert.equal(proven.length, 4)
    assert.match(proven[1] ?? '', /2026-03-01T08:00:07.000Z source-a from 192.0.2.1: "<13>line 7 \\u001b\[31m ключ"/)
  })

  test('SEC-S3 one altered byte of any record, leaf, path, root or signature is found', () => {
    const pack = packOf([eventAt(5)])
    const flip = (text: string, at: number) => {
      const octets = Buffer.from(text, 'base64')
      octets[at % octets.length] = (octets[at % octets.length] ?? 0) ^ 1
      return octets.toString('base64')
    }
    const block = (change: (one: EvidencePack['blocks'][number]) => void) => (copy: EvidencePack) =>
      change(copy.blocks[0] as EvidencePack['blocks'][number])
    for (let at = 0; at < 40; at++) {
      const found = problemsOf(
        pack,
        block((one) => one.frames.splice(0, 1, flip(one.frames[0] ?? '', at))),
      )
      assert.match(found, /its records were altered/)
    }
    const leaf = pack.blocks[0]?.leaf ?? ''
    for (let at = 0; at < leaf.length; at++) {
      const other = leaf[at] === '0' ? '1' : '0'
      const found = problemsOf(
        pack,
        block((one) => Object.assign(one, { leaf: leaf.slice(0, at) + other + leaf.slice(at + 1) })),
      )
      assert.match(found, /its leaf does not lead to the root/, `character ${at}`)
    }
    for (const [index, hash] of (pack.blocks[0]?.proof ?? []).entries()) {
      const wrong = `${hash.startsWith('0') ? '1' : '0'}${hash.slice(1)}`
      assert.match(
        problemsOf(
          pack,
          block((one) => one.proof.splice(index, 1, wrong)),
        ),
        /does not lead to the root/,
      )
    }
    const checkpoint = (change: (one: EvidencePack['checkpoints'][number]) => void) => (copy: EvidencePack) =>
      change(copy.checkpoints[0] as EvidencePack['checkpoints'][number])
    const wrongRoot = checkpoint((one) => Object.assign(one, { text: one.text.replace(/^(.*\n.*\n)./, '$1!') }))
    assert.match(problemsOf(pack, wrongRoot), /it was altered/)
    assert.match(
      problemsOf(
        pack,
        checkpoint((one) => Object.assign(one, { signature: flip(one.signature, 9) })),
      ),
      /altered/,
    )
  })

  test('SEC-S3 a record left out, added, exchanged or moved is found', () => {
    const pack = packOf([eventAt(5), eventAt(6)])
    const [first, second] = pack.blocks
    assert.match(
      problemsOf(pack, (copy) => copy.blocks[0]?.frames.pop()),
      /missing or were added/,
    )
    assert.match(
      problemsOf(pack, (copy) => copy.blocks[0]?.frames.push('AA==')),
      /missing or were added/,
    )
    assert.match(
      problemsOf(pack, (copy) => copy.blocks[0]?.frames.reverse()),
      /records were altered/,
    )
    assert.match(
      problemsOf(pack, (copy) => copy.blocks.reverse()),
      /its id does not belong/,
    )
    const exchanged = (copy: EvidencePack) =>
      Object.assign(copy.blocks[0] as object, { leaf: second?.leaf, frames: second?.frames })
    assert.match(problemsOf(pack, exchanged), /does not lead to the root/)
    assert.match(
      problemsOf(pack, (copy) => Object.assign(copy.blocks[0] as object, { index: 6 })),
      /does not lead/,
    )
    assert.match(
      problemsOf(pack, (copy) => Object.assign(copy.blocks[0] as object, { index: 99 })),
      /does not lead/,
    )
    assert.match(
      problemsOf(pack, (copy) => Object.assign(copy.events[0] as object, { frame: 1 })),
      /id does not belong/,
    )
    assert.notEqual(first?.leaf, second?.leaf)
  })

  test('SEC-S3 a tail that was cut off, or a history that was written anew with the real key, is found by a held checkpoint', () => {
    const whole = story()
    const cut = { blocks: whole.blocks.slice(0, 9), checkpoints: [] as EvidenceCheckpoint[] }
    const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, { open: null, previousId: null }, privateKey)
    for (const block of cut.blocks) log.acknowledge(block)
    cut.checkpoints = log.checkpoints(START + 60_000, true)
    const shorter = packOf([eventAt(5)], cut)
    assert.equal(
      problemsOf(shorter, () => {}),
      '',
      'by itself it looks whole',
    )
    assert.match(
      problemsOf(shorter, () => {}, whole.checkpoints),
      /cut off at 9; 13 blocks were there/,
    )
    const rewritten = packOf(
      [eventAt(5)],
      story((n) => `<13>other story ${n}`),
    )
    assert.equal(
      problemsOf(rewritten, () => {}),
      '',
    )
    assert.match(
      problemsOf(rewritten, () => {}, whole.checkpoints),
      /two different roots/,
    )
  })

  test('SEC-S3 whatever is done to the text of a pack, nothing is proven that was not received', () => {
    const ids = [eventAt(2), eventAt(11)]
    const text = JSON.stringify(packOf(ids))
    const good = new Set(verifyPack(text, [PEM]).proven)
    const edit = fc.record({ at: fc.nat(text.length - 1), cut: fc.nat(3), put: fc.string({ maxLength: 3 }) })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let altered = text
        for (const { at, cut, put } of edits) altered = altered.slice(0, at) + put + altered.slice(at + cut)
        const { problems, proven } = verifyPack(altered, [PEM])
        assert.ok(
          proven.every((line) => good.has(line)),
          altered,
        )
        assert.ok(
          problems.length > 0 ||
            proven.length === ids.length ||
            !altered.includes(ids[0] ?? '') ||
            !altered.includes(ids[1] ?? ''),
        )
      }),
      { numRuns: process.env['TOCSIN_TEST_DOSE'] === 'full' ? 200_000 : 1_500 },
    )
  })

  test('a key that was not given proves nothing, and the pack’s own word is not taken', () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { problems, proven } = verifyPack(JSON.stringify(packOf([eventAt(1)])), [other])
    assert.deepEqual(proven, [])
    assert.match(problems[0] ?? '', /which was not given/)
  })

  test('an event that is not there, or not signed yet, is named and makes the pack fail', () => {
    const { blocks } = story()
    const pack = packOf([eventAt(1), 'ffff'], { blocks, checkpoints: [] })
    assert.deepEqual(
      pack.missing.map(({ reason }) => reason.slice(0, 21)),
      ['no signed root covers', 'its raw block is neit'],
    )
    assert.equal(verifyPack(JSON.stringify(pack), [PEM]).problems.length, 2)
  })
})

describe('the verifier', () => {
  test('is one file that imports nothing but Node’s own modules, and runs alone', (t) => {
    const text = readFileSync(VERIFIER, 'utf8')
    assert.deepEqual(
      [...text.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)].map(([, name]) => name),
      ['node:crypto', 'node:fs'],
    )
    assert.ok(text.split('\n').length < 250)
    const folder = mkdtempSync(join(tmpdir(), 'verifier-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const at = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const verifier = at('verify-evidence.ts', text)
    const pack = at('pack.json', JSON.stringify(packOf([eventAt(3)])))
    const key = at('centre.pub', PEM)
    const held = at(
      'held.ndjson',
      `${JSON.stringify(checkpointFileOf(story().checkpoints[0] as EvidenceCheckpoint))}\n`,
    )
    const good = execFileSync(process.execPath, [verifier, pack, '--key', key, '--held', held], { encoding: 'utf8' })
    assert.match(good, /^proven {3}[0-9a-f]{32} .*\nAll 1 records hold\.\n$/)
    const bad = at('bad.json', readFileSync(pack, 'utf8').replace('"frames":["', '"frames":["A'))
    const result = spawnSync(process.execPath, [verifier, bad, '--key', key], { encoding: 'utf8' })
    assert.equal(result.status, 1)
    assert.match(result.stdout, /PROBLEM {2}block 0: its records were altered/)
  })
})
