import { type HealthEvent, idFrom, type Outage, type RegistrySource, type SourceCount } from '@tocsin/events'
import { localDayAt } from '@tocsin/obligations'
import type { Output, OutputTo, Store } from '@tocsin/stage'
import { type LimitBasis, learnHour, learnPause, NO_RHYTHM, type Rhythm, usualLines } from './rhythm.ts'
import { SilenceWaves, waveHealth } from './silence-waves.ts'
import { clockChanged, rateChanged, silenceCleared, silenceRaised, silenceWithdrawn } from './source-messages.ts'
import type { SourceWorld } from './source-world.ts'
import { hourOf, nextHour, silenceDue, slotAt, stateOf, unheard, type Watched, withLines, withSkew } from './watched.ts'

/** Counts come every ten seconds: an hour is judged when those of its last minute must be here. */
const HOUR_GRACE_MS = 2 * 60_000
/** After the start, and after a step of the clock, what is on its way is read before anybody is called silent. */
const GRACE_MS = 60_000
const STEP_MS = 30_000
/** Counts older than this are a backlog that is being read. */
const BACKLOG_MS = 2 * 60_000
const PUBLISH_EVERY_MS = 60_000

/** What one partition knows of its sources: counts in, states, outages and health events out. Time comes from outside. */
export class SourceWatch {
  readonly #watched: Store<Watched>
  readonly #rhythms: Store<Rhythm>
  readonly #world: SourceWorld
  readonly #partition: number
  readonly #publishedAt = new Map<string, number>()
  readonly #dirty = new Set<string>()
  #tickedAt: number | null = null
  #quietUntil = 0

  constructor(watched: Store<Watched>, rhythms: Store<Rhythm>, world: SourceWorld, partition: number) {
    this.#partition = partition
    this.#watched = watched
    this.#rhythms = rhythms
    this.#world = world
  }

  /** Takes one count. A pause that nobody was there to notice is an outage all the same (VN-3.1). */
  take(count: SourceCount, nowMs: number): Output[] {
    const source = this.#world.source(count.sourceId)
    if (source === undefined || source.constituent !== count.constituent) return []
    if (count.service === 'syslog-ingest' && count.accepted > 0) return this.#heard(source, count, nowMs)
    if (count.service === 'normalizer' && count.skewMs !== null) return this.#clock(source, count, count.skewMs, nowMs)
    return []
  }

  #heard(source: RegistrySource, count: SourceCount, nowMs: number): Output[] {
    const { sourceId } = source
    if (nowMs - count.minute > BACKLOG_MS) this.#quietUntil = Math.max(this.#quietUntil, nowMs + GRACE_MS / 6)
    const outputs: Output[] = []
    const rhythm = this.#rhythms.get(sourceId) ?? NO_RHYTHM
    let before = this.#watched.get(sourceId) ?? unheard(count.minute)
    if (before.lastSeenAt === null) {
      const told = this.#world.state(sourceId)
      // The desk called it never-heard: this is the end of that.
      if (told?.state === 'never-heard') outputs.push(silenceCleared(source, told.since, count.lastAt ?? nowMs, nowMs))
    }
    if (hourOf(count.minute) > before.hour) {
      const closed = this.#closeHour(source, before, count.minute, nowMs)
      before = closed.watched
      outputs.push(...closed.outputs)
    }
    let after = withLines(before, count)
    const seenAt = after.lastSeenAt ?? count.minute
    const pauseMs = before.lastSeenAt === null ? 0 : seenAt - before.lastSeenAt
    if (before.lastSeenAt !== null && pauseMs > 0) {
      const { limitMs, basis } = silenceDue(before, rhythm, source)
      if (before.silentFrom !== null) {
        outputs.push(...this.#ended(source, before, silenceCleared(source, before.silentFrom, seenAt, nowMs), nowMs))
        after = { ...after, silentFrom: null, silentAt: null, wave: null }
        this.#publishedAt.delete(sourceId)
      }
      if (before.silentFrom !== null || pauseMs > limitMs)
        outputs.push(outageOf(source, before.lastSeenAt, seenAt, limitMs, basis, nowMs))
      const learned = learnPause(rhythm, localDayAt(source.timeZone, seenAt), pauseMs)
      if (learned !== rhythm) this.#rhythms.set(sourceId, learned)
    }
    this.#watched.set(sourceId, after)
    this.#dirty.add(sourceId)
    return outputs
  }

  #clock(source: RegistrySource, count: SourceCount, skewMs: number, nowMs: number): Output[] {
    const before = this.#watched.get(source.sourceId) ?? unheard(count.minute)
    let after = withSkew(before, count.minute, skewMs, nowMs)
    if (after === before) return []
    const outputs: Output[] = []
    if (after.clock === 'wrong' && before.clockFrom === null) {
      after = { ...after, clockFrom: count.minute }
      outputs.push(clockChanged(source, 'raised', after, nowMs))
    } else if (after.clock === 'right' && before.clockFrom !== null) {
      outputs.push(clockChanged(source, 'cleared', { ...after, clockFrom: before.clockFrom }, nowMs))
      after = { ...after, clockFrom: null }
    }
    if (after.clock !== before.clock) this.#publishedAt.delete(source.sourceId)
    this.#watched.set(source.sourceId, after)
    this.#dirty.add(source.sourceId)
    return outputs
  }

  /** Judges and learns the hour that is over. A silent source is not also called low. */
  #closeHour(
    source: RegistrySource,
    watched: Watched,
    atMs: number,
    nowMs: number,
  ): { watched: Watched; outputs: Output[] } {
    const rhythm = this.#rhythms.get(source.sourceId) ?? NO_RHYTHM
    const slot = slotAt(source, watched.hour)
    const hour = { at: watched.hour, lines: watched.lines, usual: usualLines(rhythm, slot) }
    let after = nextHour(watched, rhythm, source, atMs)
    const outputs: Output[] = []
    const isOdd = (after.rate === 'low' && watched.silentFrom === null) || after.rate === 'high'
    if (isOdd && watched.rateFrom === null) {
      after = { ...after, rateFrom: hour.at }
      const code = after.rate === 'low' ? 'source_rate_low' : 'source_rate_high'
      outputs.push(rateChanged(source, code, 'raised', { ...hour, from: hour.at }, nowMs))
    } else if (!isOdd && watched.rateFrom !== null) {
      const code = watched.rate === 'low' ? 'source_rate_low' : 'source_rate_high'
      outputs.push(rateChanged(source, code, 'cleared', { ...hour, from: watched.rateFrom }, nowMs))
      after = { ...after, rateFrom: null }
    } else if (watched.rateFrom !== null) after = { ...after, rate: watched.rate }
    this.#rhythms.set(source.sourceId, learnHour(rhythm, slot, watched.lines))
    this.#publishedAt.delete(source.sourceId)
    return { watched: after, outputs }
  }

  /** Looks who is silent, closes hours, and publishes what changed. */
  tick(nowMs: number): Output[] {
    if (this.#tickedAt === null || Math.abs(nowMs - this.#tickedAt) > STEP_MS) this.#quietUntil = nowMs + GRACE_MS
    this.#tickedAt = nowMs
    const outputs: Output[] = []
    const bodyOf = (sourceId: string) => this.#world.source(sourceId)?.constituent
    const waves = new SilenceWaves(this.#watched.entries(), bodyOf, nowMs)
    for (const [sourceId, watched] of this.#watched.entries()) {
      const source = this.#world.source(sourceId)
      if (source === undefined) outputs.push(...this.#forget(sourceId, watched, nowMs))
      else outputs.push(...this.#look(source, watched, waves, nowMs))
    }
    return outputs
  }

  #look(source: RegistrySource, watched: Watched, waves: SilenceWaves, nowMs: number): Output[] {
    const outputs: Output[] = []
    let now = watched
    const isQuiet = nowMs < this.#quietUntil
    if (!isQuiet && now.silentFrom === null && now.lastSeenAt !== null) {
      const silence = silenceDue(now, this.#rhythms.get(source.sourceId) ?? NO_RHYTHM, source)
      if (nowMs > silence.at) {
        const { wave, isNew } = waves.join(source.sourceId)
        now = { ...now, silentFrom: silence.from, silentAt: nowMs, wave }
        if (wave !== null && isNew) outputs.push(waveHealth(source.constituent, this.#partition, wave, 'raised', nowMs))
        outputs.push(
          toldWith(wave, silenceRaised(source, silence, true, nowMs)),
          outageOf(source, silence.from, null, silence.limitMs, silence.basis, nowMs),
        )
        this.#publishedAt.delete(source.sourceId)
      }
    }
    if (!isQuiet && nowMs >= now.hour + 3_600_000 + HOUR_GRACE_MS) {
      const closed = this.#closeHour(source, now, nowMs, nowMs)
      now = closed.watched
      outputs.push(...closed.outputs)
    }
    if (now !== watched) {
      this.#watched.set(source.sourceId, now)
      this.#dirty.add(source.sourceId)
    }
    return [...outputs, ...this.#publish(source, now, nowMs)]
  }

  /** The end of a silence: told as its beginning was, and with the last of a wave the wave's end. */
  #ended(source: RegistrySource, { wave }: Watched, told: OutputTo<'health-events'>, nowMs: number): Output[] {
    if (wave === null) return [told]
    const { sourceId, constituent } = source
    const isLast = ![...this.#watched.entries()].some(
      ([id, one]) => id !== sourceId && one.wave === wave && this.#world.source(id)?.constituent === constituent,
    )
    const end = isLast ? [waveHealth(constituent, this.#partition, wave, 'cleared', nowMs)] : []
    return [toldWith(wave, told), ...end]
  }

  #publish(source: RegistrySource, watched: Watched, nowMs: number): Output[] {
    const { sourceId } = source
    const publishedAt = this.#publishedAt.get(sourceId)
    const isDue = publishedAt === undefined || (this.#dirty.has(sourceId) && nowMs - publishedAt >= PUBLISH_EVERY_MS)
    if (!isDue || watched.lastSeenAt === null) return []
    this.#publishedAt.set(sourceId, nowMs)
    this.#dirty.delete(sourceId)
    const value = stateOf(watched, this.#rhythms.get(sourceId) ?? NO_RHYTHM, source, nowMs)
    return [{ topic: 'source-states', key: sourceId, value }]
  }

  #forget(sourceId: string, watched: Watched, nowMs: number): Output[] {
    const told = this.#world.state(sourceId)
    this.#watched.delete(sourceId)
    this.#rhythms.delete(sourceId)
    this.#publishedAt.delete(sourceId)
    this.#dirty.delete(sourceId)
    const outputs: Output[] = [{ topic: 'source-states', key: sourceId, value: null }]
    if (watched.silentFrom !== null && told !== undefined) {
      const gone = { sourceId, constituent: told.constituent, name: sourceId } as RegistrySource
      outputs.push(...this.#ended(gone, watched, silenceWithdrawn(gone, watched.silentFrom, nowMs), nowMs))
    }
    return outputs
  }
}

/** An event of a wave is for the record alone; the wave itself is told. */
function toldWith(wave: number | null, output: OutputTo<'health-events'>): OutputTo<'health-events'> {
  if (wave === null || !isEvent(output.value)) return output
  return { ...output, value: { ...output.value, level: 'info' } }
}

function isEvent(value: OutputTo<'health-events'>['value']): value is HealthEvent {
  return value !== null && !Buffer.isBuffer(value)
}

/** One gap of a source; the same id when it opens and when it ends. */
function outageOf(
  { sourceId, constituent }: RegistrySource,
  startedAt: number,
  endedAt: number | null,
  limitMs: number,
  limitBasis: LimitBasis,
  nowMs: number,
): Output {
  const outageId = idFrom('outage', 'source', sourceId, startedAt)
  const value: Outage = {
    outageId,
    constituent,
    subjectKind: 'source',
    subject: sourceId,
    startedAt,
    noticedAt: nowMs,
    endedAt,
    limitSeconds: Math.round(limitMs / 1_000),
    limitBasis,
  }
  return { topic: 'outages', key: outageId, value }
}
