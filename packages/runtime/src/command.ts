import type { Readable, Writable } from 'node:stream'

/** What a command may touch: its three streams, the settings it was started with, and the wish that it stop early. */
export interface CommandIo {
  stdin: Readable
  stdout: Writable
  stderr: Writable
  /**
   * The environment. `KAFKA_BROKERS`, `REGISTRY_URL`, `ELASTICSEARCH_URL`, `TOCSIN_CLOCK_FILE` and `TOCSIN_PROFILE` are filled
   * in from the running embedded stack where the caller did not set them.
   */
  env: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal
}

/**
 * One command of `tocsin`. A service lists its own in `src/commands.ts` as `export const commands: Command[]`;
 * packages/cli loads that file only when it is needed.
 */
export interface Command {
  /** One or two words as typed after `tocsin`: `normalize`, `rules publish`. */
  name: string
  /** One line for the list of commands. */
  summary: string
  /** What follows `tocsin`, with its options: `rules publish [--dir DIR]`. */
  usage: string
  /** Whole command lines that a reader can copy. */
  examples: readonly string[]
  /**
   * Runs with the words after the name. Gives the exit code: 0 done, 1 failed, 2 used wrongly. It writes one sentence to
   * standard error when it fails; a thrown error whose `code` is a string is printed as its message without a stack.
   */
  run(args: readonly string[], io: CommandIo): Promise<number>
}
