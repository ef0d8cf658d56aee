import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Command, messageOf } from '@tocsin/runtime'
import { bench } from './commands/bench.ts'
import { demo } from './commands/demo.ts'
import { dlqFix } from './commands/dlq-fix.ts'
import { dlqList } from './commands/dlq-list.ts'
import { dlqReplay } from './commands/dlq-replay.ts'
import { dlqShow } from './commands/dlq-show.ts'
import { down } from './commands/down.ts'
import { schemasRegister } from './commands/schemas.ts'
import { status } from './commands/status.ts'
import { topicsApply, topicsDiff } from './commands/topics.ts'
import { up } from './commands/up.ts'
import { projectRoot } from './stack/places.ts'
import { services } from './stack/services.ts'

/** Commands of the command line itself. */
const own: readonly Command[] = [
  up,
  down,
  status,
  demo,
  topicsApply,
  topicsDiff,
  schemasRegister,
  dlqList,
  dlqShow,
  dlqFix,
  dlqReplay,
  bench,
]

/** Commands of the command line alone, and the files of commands that could not be loaded, each with its reason. */
export interface CommandTable {
  commands: readonly Command[]
  faults: readonly string[]
}

/** Loads every command there is: our own and those of each service. A service whose file cannot be loaded hurts itself only. */
export async function loadCommands(): Promise<CommandTable> {
  const commands = [...own]
  const faults: string[] = []
  for (const service of services) {
    const file = `services/${service.name}/src/commands.ts`
    try {
      commands.push(...(await commandsIn(file)))
    } catch (error) {
      faults.push(`${file} could not be loaded: ${messageOf(error)}`)
    }
  }
  return { commands, faults }
}

/**
 * Finds the command that the words begin with, the longest name first (`rules publish` before `rules`), and gives it with the
 * words left for it; null where there is none.
 */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { command: Command; args: readonly string[] } | null {
  for (const length of [2, 1]) {
    const typed = words.slice(0, length)
    const command = commands.find(({ name }) => name === typed.join(' '))
    if (command !== undefined && typed.length === length) return { command, args: words.slice(length) }
  }
  return null
}

/** Our own commands, which need no service's file. */
export function ownCommands(): readonly Command[] {
  return own
}

async function commandsIn(file: string): Promise<readonly Command[]> {
  const path = join(projectRoot, file)
  if (!existsSync(path)) return []
  const module = (await import(pathToFileURL(path).href)) as { commands?: readonly Command[] }
  return module.commands ?? []
}
