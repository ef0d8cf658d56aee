import { createCodec, schemaOf } from '@tocsin/avro'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { measure } from '@tocsin/bench/measure'
import type { Event, RawBlock } from '@tocsin/events'
import { TaskStores } from '@tocsin/stage'
import { normalizeBlocks } from '../src/normalize-blocks.ts'
import { parsers } from '../src/parsers/index.ts'
import { type Corpus, corpusFrames, sampleFrames } from './frames.ts'

const BUDGET_MICROS = 30
const RECEIVED_AT = Date.UTC(2026, 2, 15)
const FRAMES_PER_BLOCK = 100

/** Blocks as the ingest makes them, lines of all devices mixed. */
function framedBlocks(frames: readonly Buffer[]): Buffer[] {
  const codec = createCodec<RawBlock>(schemaOf('raw-block'), 1)
  const blocks: Buffer[] = []
  for (let at = 0; at < frames.length; at += FRAMES_PER_BLOCK) {
    const block: RawBlock = {
      ...blockHead,
      blockId: `019ced7d-0000-7000-8000-${String(at).padStart(12, '0')}`,
      frames: frames.slice(at, at + FRAMES_PER_BLOCK).map((octets) => ({ octets, ...frameHead })),
    }
    blocks.push(Buffer.from(codec.encode(block)))
  }
  return blocks
}

const frameHead = {
  receivedAt: RECEIVED_AT,
  truncatedBytes: 0,
  framing: 'newline',
  collectorId: null,
  collectorSeq: null,
  possibleRepeat: false,
}
const blockHead = {
  constituent: 'body-a',
  sourceId: 'source-a',
  receivedAt: RECEIVED_AT,
  exercise: false,
  listener: 'tcp:15514',
  transport: 'tcp',
  peerAddress: '192.0.2.1',
  peerPort: null,
  clientCertificate: null,
  ingestId: 'bench',
  chainSeq: 1,
  previousHash: Buffer.alloc(32),
  blockHash: Buffer.alloc(32),
}

async function figureOf({ name, devices }: Corpus, rounds: number, eventsMin: number): Promise<Figure> {
  const lists = [...devices.values()]
  const longest = Math.max(...lists.map(({ length }) => length))
  // In turns, as a mixed stream comes, not device after device.
  const mixed = Array.from({ length: longest }, (_, n) => lists.flatMap((list) => list[n] ?? [])).flat()
  const frames = Array.from({ length: Math.ceil(eventsMin / mixed.length) }, () => mixed).flat()
  const blocks = framedBlocks(frames)
  const read = createCodec<RawBlock>(schemaOf('raw-block'), 1)
  const write = createCodec<Event>(schemaOf('event'), 2)
  const stores = new TaskStores()
  const stage = normalizeBlocks(() => parsers, { get: () => undefined }, 0).create({
    partition: 0,
    store: (name) => stores.store(name),
  })
  let events = 0
  const value = await measure(
    async () => {
      for (const [offset, framed] of blocks.entries()) {
        const record = {
          topic: 'raw-blocks',
          partition: 0,
          offset,
          timestamp: RECEIVED_AT,
          key: 'source-a',
          framed,
        } as const
        const outcome = await stage.process({ ...record, value: read.decode(framed) }, RECEIVED_AT)
        if (outcome.kind !== 'emit') continue
        for (const output of outcome.outputs) {
          write.encode(output.value as Event)
          events++
        }
      }
      stage.endOfBatch?.(RECEIVED_AT)
    },
    { events: frames.length, rounds, warmUpRounds: Math.max(2, rounds / 4) },
  )
  if (events === 0) throw new Error('No event was made.')
  const octets = frames.reduce((sum, { length }) => sum + length, 0) / frames.length
  const what = `${name}: ${devices.size} devices, ${mixed.length} lines of ${octets.toFixed(0)} octets; Avro in and out, no broker`
  return { stage: 'normalize', value, budget: BUDGET_MICROS, peer: null, peerValue: null, what }
}

/** Raw blocks to encoded events, by the stage itself. */
export const bench: StageBench = {
  async run({ quick }) {
    const rounds = quick ? 4 : 12
    const ours = await figureOf(sampleFrames(), rounds, quick ? 4_000 : 20_000)
    const corpus = corpusFrames()
    if (corpus === null) return { figures: [ours], skipped: ['lines of many devices: ../shared/corpora is not here'] }
    return { figures: [await figureOf(corpus, rounds, 1), { ...ours, stage: 'normalize/samples' }], skipped: [] }
  },
}
