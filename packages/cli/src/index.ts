import { type Command, type CommandIo, messageOf } from '@tocsin/runtime'
import { type CommandTable, findCommand, loadCommands, ownCommands } from './command-table.ts'
import { dataFolderOf } from './data-folder.ts'
import { isRunning, readRunState } from './supervisor/run-file.ts'

/**
 * Runs one command line (the words after `tocsin`). Gives the exit code: 0 done, 1 failed, 2 used wrongly. An error becomes one
 * sentence on standard error; only an error without a code, which is a mistake of ours, shows its stack.
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<number> {
  const own = findCommand(ownCommands(), words)
  const table = own === null ? await loadCommands() : { commands: [], faults: [] }
  if (words.length === 0 || words[0] === '--help' || words[0] === 'help') {
    io.stdout.write(overview(table))
    return 0
  }
  const found = own ?? findCommand(table.commands, words)
  if (found === null) return unknownCommand(words, table, io)
  if (asksHelp(words)) {
    io.stdout.write(helpOf(found.command))
    return 0
  }
  try {
    return await found.command.run(found.args, { ...io, env: withRunningStack(io.env) })
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    const isExpected = typeof code === 'string'
    io.stderr.write(`${isExpected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)}\n`)
    return code === 'bad_argument' ? 2 : 1
  }
}

function asksHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

/** `rules` alone is not a command but the beginning of some: then these are listed. */
function unknownCommand(words: readonly string[], table: CommandTable, io: CommandIo): number {
  const group = table.commands.filter((command) => command.name.startsWith(`${words[0]} `))
  if (group.length > 0 && (words.length === 1 || asksHelp(words))) {
    io.stdout.write(listOf(group))
    return asksHelp(words) ? 0 : 2
  }
  const typed = words.slice(0, group.length > 0 ? 2 : 1).join(' ')
  const faults = table.faults.map((fault) => `${fault}\n`).join('')
  io.stderr.write(`There is no command "${typed}"; \`tocsin --help\` lists them.\n${faults}`)
  return 2
}

function overview({ commands, faults }: CommandTable): string {
  const title = 'Tocsin, a stream-processing SIEM for national surveillance centres.'
  const end = ['`tocsin COMMAND --help` shows its options and examples.', ...faults].join('\n')
  return `${title}\n\nusage: tocsin COMMAND [options]\n\n${listOf(commands)}\n${end}\n`
}

function listOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`).join('')
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const examples = command.examples.map((example) => `  ${example}\n`).join('')
  return `${command.summary}\n\nusage: tocsin ${command.usage.replace(/^tocsin /, '')}\n\nexamples:\n${examples}`
}

/** Addresses of the running stack for whoever did not set his own. */
function withRunningStack(env: CommandIo['env']): CommandIo['env'] {
  if (env.KAFKA_BROKERS !== undefined) return env
  const state = readRunState(dataFolderOf(env.TOCSIN_STACK))
  return isRunning(state) ? { ...state.env, ...env } : env
}

/** The process's own streams and environment. */
export function processIo(signal: AbortSignal): CommandIo {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env, signal }
}
