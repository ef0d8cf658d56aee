import type { StageBench } from '@tocsin/bench/figures'
import { measure, sideBySide } from '@tocsin/bench/measure'
import type { Event } from '@tocsin/events'
import { createCodec, schemaOf } from '../src/index.ts'

/** Every second nullable text is there: about what a firewall or a login line fills. */
function filledEvent(n: number): Event {
  const event: Record<string, unknown> = {}
  for (const [index, { name, type }] of schemaOf('event').fields.entries()) event[name] = valueOf(type, index, n)
  event['original'] = '<38>Mar  1 00:00:00 web-1 sshd[811]: Failed password for root from 192.0.2.7 port 4711 ssh2'
  event['extra'] = { 'process.session': String(n), 'network.bytes': '812', 'observer.zone': 'outer' }
  return event as unknown as Event
}

function valueOf(type: unknown, index: number, n: number): unknown {
  if (Array.isArray(type)) return index % 2 === 0 ? null : valueOf(type[1], index, n)
  if (typeof type === 'object' && type !== null) {
    const { type: kind } = type as { type: string }
    if (kind === 'array') return ['authentication']
    if (kind === 'map') return {}
    return 1_772_323_200_000 + n
  }
  switch (type) {
    case 'string':
      return `value-${index}-${n % 100}`
    case 'boolean':
      return false
    case 'double':
      return index / 7
    default:
      return index + (n % 1_000)
  }
}

/** An event to octets and back; the peer is JSON, which most pipelines use. */
export const bench: StageBench = {
  async run({ quick }) {
    const events = Array.from({ length: 2_000 }, (_, n) => filledEvent(n))
    const codec = createCodec<Event>(schemaOf('event'), 1)
    const framed = events.map((event) => Buffer.from(codec.encode(event)))
    const texts = events.map((event) => Buffer.from(JSON.stringify(event)))
    const sizes = `${Math.round(octets(framed) / events.length)} octets against ${Math.round(octets(texts) / events.length)}`
    let seen = 0
    const rounds = { events: events.length, rounds: quick ? 10 : 60, warmUpRounds: quick ? 5 : 10 }
    const [both = 0, json = 0] = await sideBySide(
      [
        () => {
          for (const event of events) seen += codec.decode(codec.encode(event)).receivedAt
        },
        () => {
          for (const event of events)
            seen += (JSON.parse(Buffer.from(JSON.stringify(event)).toString()) as Event).receivedAt
        },
      ],
      rounds,
    )
    const encode = await measure(() => {
      for (const event of events) seen += codec.encode(event).length
    }, rounds)
    const decode = await measure(() => {
      for (const octets of framed) seen += codec.decode(octets).receivedAt
    }, rounds)
    if (seen === 0) throw new Error('Nothing was decoded.')
    const fields = schemaOf('event').fields.length
    const what = `an event of ${fields} fields, ${sizes}`
    return {
      figures: [
        {
          stage: 'codec',
          value: both,
          budget: null,
          what: `encode and decode ${what}`,
          peer: 'JSON.stringify + parse',
          peerValue: json,
        },
        { stage: 'codec/encode', value: encode, budget: null, peer: null, peerValue: null, what: 'encode alone' },
        { stage: 'codec/decode', value: decode, budget: null, peer: null, peerValue: null, what: 'decode alone' },
      ],
      skipped: [],
    }
  },
}

const octets = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0)
