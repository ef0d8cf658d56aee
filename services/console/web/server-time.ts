import { useSyncExternalStore } from 'react'

// The server's clock counts, not the desk's: its time as last told, carried on by the monotonic clock of the browser.
let toldMs = 0
let toldAt = 0
let shownMs = 0
const listeners = new Set<() => void>()
let timer: number | undefined

/** Takes the server's time as just told. A late packet never sets it back by less than two seconds. */
export function setServerTime(now: number): void {
  const behindMs = serverNow() - now
  if (toldAt !== 0 && behindMs > 0 && behindMs < 2_000) return
  toldMs = now
  toldAt = performance.now()
}

/** The server's time now, UTC ms. */
export function serverNow(): number {
  return toldMs + (performance.now() - toldAt)
}

/** Re-renders each second with the server's time: one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, shown)
}

function shown(): number {
  if (shownMs === 0 && toldAt !== 0) shownMs = serverNow()
  return shownMs
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    shownMs = serverNow()
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}
