// A half-year of 10,000 incidents, rendered in every form: CPU seconds and most memory of this process and of the browser that
// prints for it. `node services/reporter/bench/half-year.ts [--no-pdf]` prints one line of JSON and fails above the limits.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DailyFact, Incident } from '@tocsin/events'
import { reportOutput } from '../src/adapters/report-output.ts'
import { produce } from '../src/produce.ts'
import { orderOf, sourcesOf, vietnam } from '../test/report-world.ts'
import { sideOf, week } from '../test/rich-world.ts'
import { DAY, HOUR, incidentOf } from '../test/world.ts'

const INCIDENTS = 10_000
const LIMITS = { cpuSeconds: 60, megabytes: 1_024 }
const SAMPLE_EVERY_MS = 200
const from = Date.UTC(2025, 11, 31, 17)
const to = Date.UTC(2026, 5, 30, 17)
const CLASSES = ['intrusion-attempts', 'malicious-code', 'information-gathering', 'availability', 'intrusions']

const incidents = Array.from({ length: INCIDENTS }, (_, n): Incident => {
  const at = from + Math.floor(((to - from) * n) / INCIDENTS)
  return incidentOf({
    caseId: `case-${n}`,
    number: `VN-2026-${String(n).padStart(6, '0')}`,
    detectedAt: at,
    occurredFirst: at - (n % 24) * HOUR,
    severity: (n * 7) % 101,
    kind: n % 3 === 0 ? 'event' : 'incident',
    vnKind: ['intrusion', 'risk', 'incident'][n % 3] ?? null,
    nationalClass: ['takeover', 'malware', 'dos', 'other'][n % 4] ?? null,
    rsitClass: CLASSES[n % 5] ?? 'other',
    ruleId: `rule-${n % 120}`,
    systemIds: ['vn-system'],
    closedAt: n % 2 === 0 ? at + DAY : null,
    participants: [
      sideOf({ role: 'target', ip: `192.0.2.${n % 250}` }),
      sideOf({ ip: `198.51.${n % 100}.${n % 250}`, country: 'XA', lon: n % 180, lat: n % 60, asn: 64_496 }),
    ],
    rawRefs: [{ eventId: `e${n}`, blockId: `b${n}`, frameIndex: 0, original: `<86>line ${n}` }],
  })
})
const facts = Array.from(
  { length: 181 * 20 },
  (_, n): DailyFact => ({
    factId: `f${n}`,
    day: new Date(from + 7 * HOUR + Math.floor(n / 20) * DAY).toISOString().slice(0, 10),
    constituent: 'vn-portal',
    pack: 'vn-circular-31',
    name: 'detections',
    dimensions: { class: CLASSES[n % 5] ?? 'other', severity: ['low', 'medium', 'high', 'critical'][n % 4] ?? 'low' },
    value: n % 50,
    updatedAt: 0,
  }),
)

/** Megabytes of this process and all its descendants; what several of them share counts once (proportional set size). */
function memoryMb(pid: number): number {
  try {
    const own = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    )
    return children.reduce((sum, child) => sum + memoryMb(child), own)
  } catch {
    return 0 // It has ended while it was looked at.
  }
}

/** CPU seconds of this process and of the children that have ended: fields 14 to 17 of /proc/self/stat, in ticks of 10 ms. */
function cpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}

const folder = mkdtempSync(join(tmpdir(), 'half-year-'))
const chromium = process.argv.includes('--no-pdf') ? '/nowhere' : '/usr/bin/chromium'
let mostMb = 0
const sampler = setInterval(() => {
  mostMb = Math.max(mostMb, memoryMb(process.pid))
}, SAMPLE_EVERY_MS)
const before = cpuSeconds()
const given = { ...week(), incidents, facts }
const output = reportOutput(folder, chromium, () => {})
const sizes: Record<string, number> = {}
for (const kind of ['vn-six-month', 'vn-provision'] as const) {
  const report = await produce(orderOf(vietnam, kind, from, to), sourcesOf(given), output)
  for (const { path, bytes } of report.files) sizes[`${kind}.${path.split('.').at(-1)}`] = bytes
}
clearInterval(sampler)
rmSync(folder, { recursive: true })
const figure = {
  incidents: INCIDENTS,
  cpuSeconds: Number((cpuSeconds() - before).toFixed(2)),
  megabytes: Math.round(mostMb),
  sizes,
}
process.stdout.write(`${JSON.stringify(figure)}\n`)
if (figure.cpuSeconds > LIMITS.cpuSeconds || figure.megabytes > LIMITS.megabytes) process.exitCode = 1
