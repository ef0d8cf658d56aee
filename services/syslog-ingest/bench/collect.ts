import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { createLog, Health, Metrics, systemClock } from '@tocsin/runtime'
import { Collector } from '../src/adapters/collect/collector.ts'
import { readCollectConfig } from '../src/collect/config-file.ts'

function configOf(folder: string): string {
  return `
collector: bench
circuit: inner
store: { folder: '${folder}', maxMib: 4096 }
listen: { host: 127.0.0.1, tcp: 0, allow: [127.0.0.0/8] }
centre: { addresses: ['127.0.0.1:1'], plaintext: true }
admin: { port: 0 }
`
}

async function figureOf(lines: number): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-collect-'))
  const collector = await Collector.start({
    config: readCollectConfig(configOf(join(folder, 'store')), 'bench.yaml'),
    clock: systemClock,
    log: createLog('collect', 0, 'silent'),
    metrics: new Metrics('collect', 0),
    health: new Health(),
    monotonicMs: () => performance.now(),
    retryMs: [1_000, 5_000],
  })
  const sender = spawn(
    process.execPath,
    [join(import.meta.dirname, 'send-lines.ts'), String(collector.port('tcp')), String(lines), 'mixed'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  try {
    await once(sender.stdout, 'data')
    const run = async (): Promise<{ micros: number; ms: number }> => {
      const [before, from, startMs] = [process.cpuUsage(), collector.store.storedSeq, performance.now()]
      sender.stdin.write('go\n')
      while (collector.store.storedSeq < from + lines) await pause(5)
      const used = process.cpuUsage(before)
      return { micros: (used.user + used.system) / lines, ms: performance.now() - startMs }
    }
    await run()
    const best = [await run(), await run(), await run()].reduce((a, b) => (a.micros <= b.micros ? a : b))
    const perSecond = Math.round((lines / best.ms) * 1_000).toLocaleString('en')
    const mib = Math.round(process.memoryUsage().rss / (1 << 20))
    const what = `a line over TCP onto the collector's disk, the centre away: ${perSecond} lines a second by the clock, ${mib} MiB resident with ${(4 * lines).toLocaleString('en')} lines kept`
    return { stage: 'collect', value: best.micros, budget: null, peer: null, peerValue: null, what }
  } finally {
    sender.kill()
    await collector.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `tocsin bench collect`: a line that is received, numbered and on the collector's disk. */
export const bench: StageBench = {
  run: async ({ quick }) => ({ figures: [await figureOf(quick ? 50_000 : 500_000)], skipped: [] }),
}
