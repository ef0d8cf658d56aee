import type { Command } from '@tocsin/runtime'
import { accountsAdd, accountsList } from './adapters/account-command.ts'
import { registryImport } from './registry/command.ts'

/** Commands of the console: its half of the registry, and its accounts. */
export const commands: Command[] = [registryImport, accountsAdd, accountsList]
