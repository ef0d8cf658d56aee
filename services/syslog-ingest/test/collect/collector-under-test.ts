import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { type Clock, createLog, Health, Metrics } from '@tocsin/runtime'
import { Collector } from '../../src/adapters/collect/collector.ts'
import { readCollectConfig } from '../../src/collect/config-file.ts'
import { eventually } from '../ingest-under-test.ts'
import { source } from '../registry-records.ts'

/** The collector as the centre's registry knows it, by its address on this machine. */
export const collectorSource = source({
  sourceId: 'collector-a',
  addresses: ['127.0.0.0/8'],
  formatHint: 'tocsin-collect',
})

/** A configuration that listens on free ports of this machine and forwards to `centre`. */
export function configText(folder: string, centre: string, more = ''): string {
  return `
collector: inner-1
circuit: inner
store: { folder: '${folder}', maxMib: 64, segmentMib: 0.05 }
listen: { host: 127.0.0.1, udp: 0, tcp: 0, relp: 0, allow: [127.0.0.0/8] }
centre: { addresses: ['${centre}'], plaintext: true }
admin: { port: 0 }
${more}`
}

/** A collector in this process; `again` starts it anew on its folder. */
export async function startCollector(t: TestContext, text: string, clock: Clock) {
  const config = readCollectConfig(text, 'collect.yaml')
  const parts = () => ({
    config,
    clock,
    log: createLog('collect', 0, 'silent'),
    metrics: new Metrics('collect', 0),
    health: new Health(),
    monotonicMs: () => performance.now(),
    retryMs: [20, 40] as const,
  })
  const collector = await Collector.start(parts())
  t.after(() => collector.stop())
  return collector
}

/** Sends lines over TCP and waits until they are on the collector's disk. */
export async function sendLines(collector: Collector, lines: readonly string[], from = '127.0.0.1'): Promise<void> {
  const before = collector.store.storedSeq
  const socket = connect({ port: collector.port('tcp'), host: '127.0.0.1', localAddress: from })
  await once(socket, 'connect')
  socket.end(lines.map((line) => `${line}\n`).join(''))
  await eventually(() => collector.store.storedSeq === before + lines.length)
}

export async function sendDatagram(port: number, line: string): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.send(line, port, '127.0.0.1', () => resolve()))
  socket.close()
}

/** A wire to the centre that can be cut: passes connections on while `up`, breaks all when it goes down. */
export async function openWire(t: TestContext, to: () => number) {
  const open = new Set<Socket>()
  const state = { up: true, connections: 0 }
  const server = createServer((inner) => {
    state.connections += 1
    inner.on('error', () => {})
    if (!state.up) {
      inner.destroy()
      return
    }
    const outer = connect({ port: to(), host: '127.0.0.1' })
    for (const socket of [inner, outer]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        inner.destroy()
        outer.destroy()
      })
    }
    inner.pipe(outer)
    outer.pipe(inner)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    state.up = false
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    state,
    cut: () => {
      state.up = false
      for (const socket of open) socket.destroy()
    },
    /** Breaks what is there, lets new connections through. */
    blink: () => {
      for (const socket of open) socket.destroy()
    },
    mend: () => {
      state.up = true
    },
  }
}
