import type { CommandResult, IncidentCommand } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { Publisher } from '@tocsin/stage/kafka'

/** Sends commands on cases and waits for what incident-manager answers. */
export class Commander {
  readonly #publisher: Publisher
  readonly #waitMs: number
  readonly #waiting = new Map<string, (result: CommandResult) => void>()

  constructor(publisher: Publisher, waitMs: number) {
    this.#publisher = publisher
    this.#waitMs = waitMs
  }

  /** To be called with each record of `command-results`. */
  answered(result: CommandResult): void {
    this.#waiting.get(result.commandId)?.(result)
  }

  /** Throws `command_unanswered` when no answer came in time; the command is on its topic and may still take effect. */
  async give(command: IncidentCommand): Promise<CommandResult> {
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<CommandResult>((resolve, reject) => {
        this.#waiting.set(command.commandId, resolve)
        timer = setTimeout(() => {
          const message = 'The command was sent and not answered yet: incident-manager may be restarting. Look again.'
          reject(new TocsinError('command_unanswered', message))
        }, this.#waitMs)
        const output = { topic: 'incident-commands', key: command.constituent, value: command } as const
        this.#publisher.send(output).catch(reject)
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(command.commandId)
    }
  }
}
