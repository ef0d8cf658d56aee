import { useCallback, useSyncExternalStore } from 'react'

const CHANGED = 'tocsin:path'

/** The path of the address bar, and how to go elsewhere without loading the page anew. */
export function usePath(): [string, (path: string) => void] {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname)
  const go = useCallback((to: string) => {
    window.history.pushState(null, '', to)
    window.dispatchEvent(new Event(CHANGED))
    window.scrollTo(0, 0)
  }, [])
  return [path, go]
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener)
  window.addEventListener(CHANGED, listener)
  return () => {
    window.removeEventListener('popstate', listener)
    window.removeEventListener(CHANGED, listener)
  }
}
