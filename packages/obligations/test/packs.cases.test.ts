import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { legalKindsOf, loadTimeline, outOfScope, runsOf, type Subject, simulate } from '../src/index.ts'
import { at, pack, packNames, regulations } from './packs.ts'

/** One case of a pack: what goes in, and each line that must come out. Everything is compared whole. */
interface PackCase {
  title: string
  /** Ids of the law that the case proves whole, at most three; they begin the test's name, and conformance counts them. */
  proves?: string[]
  /** Articles whose rule it checks; they are proven elsewhere, through real servers, so conformance does not count this. */
  articles?: string[]
  timeline?: unknown
  /** `2026-03-10T04:00:00Z C1/event started`, with ` → roles` where messages become owed. */
  events?: string[]
  schedule?: { id: string; from: string; to: string; runs: string[] }
  classify?: { detection: Subject; is: string[] }[]
  scope?: { object: Subject; refused: string | null }[]
}

const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z')

function nameOf({ proves = [], articles = [], title }: PackCase): string {
  const start = proves.length === 0 ? '' : `${proves.join(', ')} `
  return `${start}${title}${articles.length === 0 ? '' : ` (${articles.join(', ')})`}`
}

for (const name of packNames) {
  const folder = join(regulations, name, 'cases')
  const law = pack(name)
  describe(name, () => {
    for (const file of readdirSync(folder)) {
      const entry = parse(readFileSync(join(folder, file), 'utf8'), { schema: 'core' }) as PackCase
      test(nameOf(entry), () => {
        if (entry.timeline !== undefined) {
          const loaded = loadTimeline(JSON.stringify(entry.timeline), file)
          assert.ok(loaded.ok, JSON.stringify(loaded))
          const lines = simulate(law, loaded.timeline).events.map(
            (event) =>
              `${iso(at(event.at))} ${event.clock} ${event.what}${event.to.length === 0 ? '' : ` → ${event.to.join(', ')}`}`,
          )
          assert.deepEqual(lines, entry.events)
        }
        if (entry.schedule !== undefined) {
          const { id, from, to, runs } = entry.schedule
          const schedule = law.schedules.find((known) => known.id === id)
          assert.ok(schedule !== undefined, id)
          const lines = runsOf(law, schedule, at(from), at(to)).map(
            (run) => `${run.period} opens ${iso(run.opensAt)} due ${iso(run.dueAt)}`,
          )
          assert.deepEqual(lines, runs)
        }
        for (const { detection, is } of entry.classify ?? []) {
          const kinds = Object.entries(legalKindsOf(law, detection)).filter(([, yes]) => yes)
          assert.deepEqual(
            kinds.map(([kind]) => kind),
            is,
            JSON.stringify(detection),
          )
        }
        for (const { object, refused } of entry.scope ?? []) {
          assert.equal(outOfScope(law, object)?.reason ?? null, refused, JSON.stringify(object))
        }
      })
    }
  })
}
