import type { Command } from '@tocsin/runtime'
import { accountsAdd, accountsList } from './adapters/account-command.ts'
import { registryCheck, registryDiff, registryExport, registryHistory } from './adapters/registry-commands.ts'
import { registryForm } from './adapters/registry-form-command.ts'
import { registryImport } from './adapters/registry-import-command.ts'
import { registryForget, registryWithdraw } from './adapters/registry-removal-commands.ts'

/** Commands of the console: its half of the registry, and its accounts. */
export const commands: Command[] = [
  registryImport,
  registryExport,
  registryForm,
  registryDiff,
  registryHistory,
  registryCheck,
  registryWithdraw,
  registryForget,
  accountsAdd,
  accountsList,
]
