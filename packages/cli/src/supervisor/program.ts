/** One process that the supervisor keeps alive: a server of the embedded stack, or a service in one slot. */
export interface Program {
  /** Unique and stable over restarts: `kafka`, `normalizer`, `normalizer-1` (slot 1). */
  name: string
  kind: 'server' | 'service'
  command: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  workingFolder: string
  /** Its own folder below the data folder, made before the first start. */
  dataFolder: string
  /** Further folders and files it needs; called once, before its first start. Throws a StackError with one sentence. */
  prepare?(): Promise<void>
  /** True when it does its work; never throws. Asked every 200 ms until it is true. */
  isReady(): Promise<boolean>
  /** How long a start may take before it is reported as not ready in time. */
  readyTimeoutMs: number
  /** Names of programs that must be ready before this one starts; it is stopped before them. */
  after: readonly string[]
}
