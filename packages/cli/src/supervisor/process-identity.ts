import { readFileSync } from 'node:fs'

/** Names one process for good: a pid alone is used again by another process after a while. */
export interface ProcessIdentity {
  pid: number
  /** Start time in clock ticks since boot (proc(5), field 22); null where there is no /proc, and then the pid must do. */
  startTicks: string | null
}

/** The identity of a running process. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: startTicksOf(pid) }
}

/** True while that very process runs; a zombie counts as ended. */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0)
  } catch {
    return false
  }
  const now = startTicksOf(identity.pid)
  return identity.startTicks === null || now === identity.startTicks
}

/** Sends a signal if that very process still runs. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return
  try {
    process.kill(identity.pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The command name may hold spaces and brackets: fields are counted from its closing one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
