import { type HealthEvent, idFrom } from '@tocsin/events'
import type { Output, Store } from '@tocsin/stage'
import type { Registry } from '../registry.ts'
import { isBound } from '../requests/periodic.ts'
import { type Finding, findingsOf } from './findings.ts'

/** An alarm that was raised and is not over. */
export interface Told {
  at: number
  finding: Finding
}

const LOOK_EVERY_MS = 60_000

/** Looks at each body's registry once a minute: an alarm for what the law wants of it and is not there, and its end. */
export class BodyWatch {
  readonly #told: Store<Told>
  readonly #registry: Registry
  readonly #owns: (constituent: string) => boolean
  #lookedAt: number | null = null

  constructor(told: Store<Told>, registry: Registry, owns: (constituent: string) => boolean) {
    this.#told = told
    this.#registry = registry
    this.#owns = owns
  }

  tick(nowMs: number): Output[] {
    if (this.#lookedAt !== null && nowMs - this.#lookedAt < LOOK_EVERY_MS) return []
    this.#lookedAt = nowMs
    const found = new Map<string, Finding>()
    for (const body of this.#registry.constituents()) {
      if (!this.#owns(body.constituentId)) continue
      const law = this.#registry.law(body.pack, { at: nowMs })
      const isWatched = law !== undefined && isBound(body, law.pack)
      for (const finding of findingsOf(body, this.#registry, isWatched, nowMs)) found.set(finding.id, finding)
    }
    const outputs: Output[] = []
    for (const [id, { at, finding }] of this.#told.entries())
      if (!found.has(id)) {
        this.#told.delete(id)
        outputs.push(healthOf(finding, 'cleared', at, nowMs))
      }
    for (const [id, finding] of found)
      if (!this.#told.has(id)) {
        this.#told.set(id, { at: nowMs, finding })
        outputs.push(healthOf(finding, 'raised', nowMs, nowMs))
      }
    return outputs
  }
}

/** Its id is that of this raising: the same thing may be wrong again later, and is told again then. */
function healthOf(finding: Finding, state: string, raisedAt: number, at: number): Output {
  const { id, code, constituent, message, values } = finding
  const value: HealthEvent = {
    healthId: idFrom('incident-manager', code, id, raisedAt),
    code,
    service: 'incident-manager',
    slot: '',
    constituent,
    sourceId: null,
    level: 'warning',
    state,
    at,
    message: state === 'raised' ? message : `Over: ${message}`,
    values,
  }
  return { topic: 'health-events', key: constituent, value }
}
