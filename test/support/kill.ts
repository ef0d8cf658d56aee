import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A Node script in a process of its own that a test may kill, freeze and listen to. */
export interface Victim {
  child: ChildProcess
  /** Every line so far of its standard output and standard error, in the order in which they came. */
  lines: readonly string[]
  /** The first line, past or to come, that fits. Rejects after `timeoutMs`, or at once when the script ends without it. */
  lineLike(pattern: RegExp, timeoutMs?: number): Promise<string>
  /** SIGKILL: no handler runs, no buffer is written. Resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it stands still with its connections open, as in a long pause of the machine. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

/** Starts `node script args…` with the environment of the test and `env`. */
export function startVictim(
  script: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Victim {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const listener of listeners) listener()
    })
  }
  const ended = once(child, 'close').then(() => {
    for (const listener of listeners) listener()
  })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    lines,
    lineLike: (pattern, timeoutMs = 90_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer)
          listeners.delete(look)
          settle()
        }
        const fail = (why: string): void =>
          finish(() =>
            reject(new Error(`${script}: no line like ${pattern} ${why}; last lines:\n${lines.slice(-20).join('\n')}`)),
          )
        const look = (): void => {
          const line = lines.find((candidate) => pattern.test(candidate))
          if (line !== undefined) finish(() => resolve(line))
          else if (hasEnded()) fail(`before it ended (${child.signalCode ?? child.exitCode})`)
        }
        const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs)
        listeners.add(look)
        look()
      }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}
