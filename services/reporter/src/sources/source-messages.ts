import { idFrom, type RegistrySource } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { Coverage } from './coverage-input.ts'
import { sourceHealth } from './health.ts'
import type { LimitBasis } from './rhythm.ts'
import { zoneOf } from './skew.ts'
import type { Watched } from './watched.ts'

type HealthOutput = OutputTo<'health-events'>

const iso = (instant: number): string => new Date(instant).toISOString()
const minutes = (ms: number): string => String(Math.round(ms / 6_000) / 10)

/** No line for longer than the limit. */
export function silenceRaised(
  source: RegistrySource,
  silence: { from: number; limitMs: number; basis: LimitBasis },
  wasHeard: boolean,
  nowMs: number,
): HealthOutput {
  const { from, limitMs, basis } = silence
  const since = wasHeard ? `sent nothing since ${iso(from)}` : `was registered on ${iso(from)} and never sent anything`
  const message = `The source ${source.name} (${source.sourceId}) ${since}, longer than its limit of ${minutes(limitMs)} minutes (${basis}): look whether it runs, whether its way to the centre is open and whether it sends to the right listener.`
  const values = { lastSeenAt: wasHeard ? iso(from) : 'never', limitMinutes: minutes(limitMs), limitBasis: basis }
  return sourceHealth(source, 'source_silent', 'raised', from, nowMs, message, values)
}

/** The first line after a silence. */
export function silenceCleared(source: RegistrySource, from: number, to: number, nowMs: number): HealthOutput {
  const message = `The source ${source.name} (${source.sourceId}) is heard again since ${iso(to)}; nothing came from it for ${minutes(to - from)} minutes.`
  const values = { lastSeenAt: iso(from), heardAgainAt: iso(to), silentMinutes: minutes(to - from) }
  return sourceHealth(source, 'source_silent', 'cleared', from, nowMs, message, values)
}

/** The registry no longer lists a source that was silent. */
export function silenceWithdrawn(source: RegistrySource, from: number, nowMs: number): HealthOutput {
  const message = `The source ${source.name} (${source.sourceId}) was taken out of the registry: its silence is watched no more.`
  return sourceHealth(source, 'source_silent', 'cleared', from, nowMs, message, { lastSeenAt: iso(from) })
}

/** An hour with far fewer or far more lines than such an hour usually has, or its end. */
export function rateChanged(
  source: RegistrySource,
  code: 'source_rate_low' | 'source_rate_high',
  state: 'raised' | 'cleared',
  hour: { from: number; at: number; lines: number; usual: number | null },
  nowMs: number,
): HealthOutput {
  const usual = hour.usual === null ? 'unknown' : String(Math.round(hour.usual))
  const what = `sent ${hour.lines} lines in the hour from ${iso(hour.at)}; usual are ${usual}`
  const cure =
    code === 'source_rate_low'
      ? 'look whether its logging was cut down or one of its parts stopped'
      : 'look whether it is under attack, loops, or logs in more detail than agreed'
  const message =
    state === 'raised'
      ? `The source ${source.name} (${source.sourceId}) ${what}: ${cure}.`
      : `The source ${source.name} (${source.sourceId}) ${what}: its rate is as usual again.`
  const values = { hour: iso(hour.at), lines: String(hour.lines), usualLines: usual }
  return sourceHealth(source, code, state, hour.from, nowMs, message, values)
}

/** The clock of a source is wrong, or right again. */
export function clockChanged(
  source: RegistrySource,
  state: 'raised' | 'cleared',
  { clockFrom, skewMs }: Pick<Watched, 'clockFrom' | 'skewMs'>,
  nowMs: number,
): HealthOutput {
  const seconds = Math.round((skewMs ?? 0) / 1_000)
  const zone = zoneOf(skewMs ?? 0)
  const hint =
    zone === null
      ? 'set its clock (NTP)'
      : `it looks like a time zone that is off by ${zone}; correct it there or in the registry`
  const message =
    state === 'raised'
      ? `The clock of the source ${source.name} (${source.sourceId}) is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}: ${hint}. Its lines are kept with both times.`
      : `The clock of the source ${source.name} (${source.sourceId}) is right again (${seconds} s).`
  const values = { skewSeconds: String(seconds), ...(zone === null ? {} : { zone }) }
  return sourceHealth(source, 'source_clock_wrong', state, clockFrom ?? nowMs, nowMs, message, values)
}

/** Logs that an object's list asks for come from no registered source, or all do again (KZ-10.3a). */
export function requiredLogMissing(
  { subject, constituent, inputs }: Coverage,
  state: 'raised' | 'cleared',
  since: number,
  nowMs: number,
): HealthOutput {
  const code = 'required_log_missing'
  const logs = inputs.filter((input) => input.state === 'missing').map(({ input }) => input)
  const message =
    state === 'raised'
      ? `The system ${subject} must hand over logs that no source gives: ${logs.join(', ')}. Register the source with this system in systemIds, or take the log from the system's expectedInputs.`
      : `The system ${subject} has a source for each log that it must hand over.`
  return {
    topic: 'health-events',
    key: constituent,
    value: {
      healthId: idFrom('reporter', code, subject, since),
      code,
      service: 'reporter',
      slot: '',
      constituent,
      sourceId: null,
      level: 'warning',
      state,
      at: nowMs,
      message,
      values: { system: subject, logs: logs.join(', '), since: iso(since) },
    },
  }
}
