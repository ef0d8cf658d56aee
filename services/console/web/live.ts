import { useSyncExternalStore } from 'react'
import type { CaseSummary } from '../src/case-view.ts'
import { setServerTime } from './server-time.ts'

/** What the page knows of the server's stream. */
export interface LiveState {
  /** False until the first list came. */
  isLoaded: boolean
  cases: ReadonlyMap<string, CaseSummary>
  /** Monotonic time (performance.now) at which the stream last said anything; null before. */
  heardAt: number | null
}

const AGAIN_MS = 3_000

/**
 * The list of cases kept fresh by server-sent events. The browser reconnects by itself and says which id it saw last; where it
 * gives up (the session ended, the server was away) `onRefused` is asked, and tried again unless it says no.
 */
export class Live {
  #state: LiveState = { isLoaded: false, cases: new Map(), heardAt: null }
  #source: EventSource | null = null
  #again: number | undefined
  readonly #listeners = new Set<() => void>()
  readonly #onRefused: () => Promise<boolean>

  constructor(onRefused: () => Promise<boolean>) {
    this.#onRefused = onRefused
  }

  open(): void {
    const source = new EventSource('/api/stream')
    this.#source = source
    source.addEventListener('snapshot', (event) => {
      const { cases } = JSON.parse(event.data as string) as { cases: CaseSummary[] }
      this.#set({ isLoaded: true, cases: new Map(cases.map((one) => [one.caseId, one])) })
    })
    source.addEventListener('case', (event) => {
      const { caseId, summary } = JSON.parse(event.data as string) as { caseId: string; summary: CaseSummary | null }
      const cases = new Map(this.#state.cases)
      if (summary === null) cases.delete(caseId)
      else cases.set(caseId, summary)
      this.#set({ cases })
    })
    source.addEventListener('beat', (event) => {
      const { now } = JSON.parse(event.data as string) as { now: number }
      setServerTime(now)
      this.#set({ isLoaded: true })
    })
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return
      this.#again = window.setTimeout(() => {
        void this.#onRefused().then((isWorthwhile) => {
          if (isWorthwhile && this.#source === source) this.open()
        })
      }, AGAIN_MS)
    })
  }

  close(): void {
    window.clearTimeout(this.#again)
    this.#source?.close()
    this.#source = null
  }

  readonly state = (): LiveState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change, heardAt: performance.now() }
    for (const listener of this.#listeners) listener()
  }
}

export function useLive(live: Live): LiveState {
  return useSyncExternalStore(live.subscribe, live.state)
}
