/** Bounds of what goes on at once. */
export interface DispatcherBounds {
  maxInFlight: number
  /** Most attempts at one target, so that one that hangs leaves places for the others. */
  maxPerTarget: number
  /** An attempt that takes longer is abandoned. */
  timeoutMs: number
}

interface Job {
  target: string
  run(): Promise<void>
}

/** Runs effects beside the stage's loop, a bounded number at once, first come first served within a target. */
export class Dispatcher {
  readonly #bounds: DispatcherBounds
  readonly #waiting = new Map<string, Job[]>()
  readonly #running = new Map<string, number>()
  #inFlight = 0

  constructor(bounds: DispatcherBounds = { maxInFlight: 256, maxPerTarget: 8, timeoutMs: 60_000 }) {
    this.#bounds = bounds
  }

  /** Runs `attempt` when there is a place; its signal is aborted after the time allowed. Resolves as the attempt does. */
  run<T>(target: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await attempt(AbortSignal.timeout(this.#bounds.timeoutMs)))
        } catch (error) {
          reject(error as Error)
        }
      }
      const queue = this.#waiting.get(target)
      if (queue === undefined) this.#waiting.set(target, [{ target, run }])
      else queue.push({ target, run })
      this.#fill()
    })
  }

  /** Attempts that run or wait for a place. */
  get pending(): number {
    let waiting = 0
    for (const queue of this.#waiting.values()) waiting += queue.length
    return this.#inFlight + waiting
  }

  #fill(): void {
    for (const [target, queue] of this.#waiting) {
      while (queue.length > 0 && this.#hasPlace(target)) this.#start(queue.shift() as Job)
      if (queue.length === 0) this.#waiting.delete(target)
    }
  }

  #hasPlace(target: string): boolean {
    return this.#inFlight < this.#bounds.maxInFlight && (this.#running.get(target) ?? 0) < this.#bounds.maxPerTarget
  }

  #start(job: Job): void {
    this.#inFlight++
    this.#running.set(job.target, (this.#running.get(job.target) ?? 0) + 1)
    void job.run().finally(() => {
      this.#inFlight--
      const left = (this.#running.get(job.target) ?? 1) - 1
      if (left === 0) this.#running.delete(job.target)
      else this.#running.set(job.target, left)
      this.#fill()
    })
  }
}
