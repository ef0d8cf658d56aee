import type { RegistrySource, SourceState } from '@tocsin/events'
import type { Output, Store } from '@tocsin/stage'
import { coverageOf } from './coverage.ts'
import type { Coverage } from './coverage-input.ts'
import { NO_RHYTHM } from './rhythm.ts'
import { requiredLogMissing, silenceRaised, silenceWithdrawn } from './source-messages.ts'
import type { SourceWorld } from './source-world.ts'
import { silenceDue, stateOf, unheard } from './watched.ts'

const LOOK_EVERY_MS = 5_000
const REFRESH_MS = 5 * 60_000
/** After a start or a step of the clock: counts that wait are read by every partition before anybody is called never heard. */
const GRACE_MS = 2 * 60_000
const STEP_MS = 30_000
const BEGAN = 'began'

/** What was published last: of a coverage, or of a source that was never heard. */
export type Told =
  | { kind: 'coverage'; state: string; since: number; text: string; at: number }
  | { kind: 'never-heard'; from: number; constituent: string }
  | { kind: 'began'; at: number }

/** What no partition of the counts can see by itself: sources that never sent, and coverage over sources of all partitions. */
export class CoverageDesk {
  readonly #told: Store<Told>
  readonly #world: SourceWorld
  #lookedAt: number | null = null
  #quietUntil = 0

  constructor(told: Store<Told>, world: SourceWorld) {
    this.#told = told
    this.#world = world
  }

  tick(nowMs: number): Output[] {
    if (this.#lookedAt !== null && Math.abs(nowMs - this.#lookedAt) < LOOK_EVERY_MS) return []
    if (this.#lookedAt === null || Math.abs(nowMs - this.#lookedAt) > STEP_MS) this.#quietUntil = nowMs + GRACE_MS
    this.#lookedAt = nowMs
    return [...this.#neverHeard(nowMs), ...this.#coverage(nowMs)]
  }

  /** The watch's first start ever: nobody is silent for what came before it. */
  #began(nowMs: number): number {
    const began = this.#told.get(BEGAN)
    if (began?.kind === 'began') return began.at
    this.#told.set(BEGAN, { kind: 'began', at: nowMs })
    return nowMs
  }

  #neverHeard(nowMs: number): Output[] {
    const outputs: Output[] = []
    const began = this.#began(nowMs)
    const listed = new Set<string>()
    for (const source of this.#world.sources()) {
      const { sourceId, constituent } = source
      listed.add(`source:${sourceId}`)
      if (this.#world.state(sourceId) !== undefined || !this.#mayCome(source)) continue
      const silence = silenceDue({ lastSeenAt: null }, NO_RHYTHM, source)
      if (nowMs < this.#quietUntil || nowMs <= Math.max(silence.at, began + silence.limitMs)) continue
      this.#told.set(`source:${sourceId}`, { kind: 'never-heard', from: silence.from, constituent })
      const value = neverHeardState(source, nowMs)
      outputs.push({ topic: 'source-states', key: sourceId, value }, silenceRaised(source, silence, false, nowMs))
    }
    for (const [key, told] of this.#told.entries()) {
      if (told.kind !== 'never-heard') continue
      const sourceId = key.slice('source:'.length)
      if (listed.has(key) && this.#world.state(sourceId)?.state === 'never-heard') continue
      if (listed.has(key) && this.#world.state(sourceId) === undefined) continue
      this.#told.delete(key)
      if (listed.has(key)) continue
      const gone = { sourceId, constituent: told.constituent, name: sourceId } as RegistrySource
      outputs.push({ topic: 'source-states', key: sourceId, value: null }, silenceWithdrawn(gone, told.from, nowMs))
    }
    return outputs
  }

  /** False for what the door refuses by its legal scope (VN-1.1, KZ-4): nobody waits for its lines. */
  #mayCome(source: RegistrySource): boolean {
    const body = this.#world.constituent(source.constituent)
    const flags = [...source.legalScope, ...(body?.legalScope ?? [])]
    return body !== undefined && flags.every((flag) => flag === 'national-bank' && body.integratedWithEgov === true)
  }

  #coverage(nowMs: number): Output[] {
    const outputs: Output[] = []
    const present = new Set<string>()
    for (const coverage of coverageOf(this.#world, nowMs)) {
      present.add(coverage.coverageId)
      const before = this.#told.get(coverage.coverageId)
      const text = textOf(coverage)
      if (before?.kind === 'coverage' && before.text === text && nowMs - before.at < REFRESH_MS) continue
      const since = before?.kind === 'coverage' && before.state === coverage.state ? before.since : nowMs
      this.#told.set(coverage.coverageId, { kind: 'coverage', state: coverage.state, since, text, at: nowMs })
      outputs.push({
        topic: 'coverage-states',
        key: coverage.coverageId,
        value: { ...coverage, since, updatedAt: nowMs },
      })
      outputs.push(...this.#alarm(coverage, before?.kind === 'coverage' ? before : undefined, since, nowMs))
    }
    for (const [key, told] of this.#told.entries()) {
      if (told.kind !== 'coverage' || present.has(key)) continue
      this.#told.delete(key)
      outputs.push({ topic: 'coverage-states', key, value: null })
    }
    return outputs
  }

  /** A log of an object's list that no source gives is told when it begins and when it ends (KZ-10.3a). */
  #alarm(
    coverage: Coverage,
    before: { state: string; since: number } | undefined,
    since: number,
    nowMs: number,
  ): Output[] {
    if (coverage.kind !== 'required-logs') return []
    const [was, is] = [before?.state === 'missing', coverage.state === 'missing']
    if (was === is) return []
    return [requiredLogMissing(coverage, is ? 'raised' : 'cleared', is ? since : (before?.since ?? since), nowMs)]
  }
}

function neverHeardState(source: RegistrySource, nowMs: number): SourceState {
  return stateOf(unheard(nowMs), NO_RHYTHM, source, nowMs)
}

/** All but the times, which change with every line. */
function textOf({ inputs, ...rest }: Coverage): string {
  return JSON.stringify({ ...rest, inputs: inputs.map((input) => ({ ...input, lastSeenAt: null })) })
}
